/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.testbed.SeededRuns;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * When a pipe of Windows is read: never while the probe is pending, never what would have to wait, and all of it. Wine has
 * no trouble with the one or the other, so a pipe of the test's own is read, which does what is documented of Windows.
 */
@Tag("simulated")
class PipeReaderTest {

    private static final int MORE_DATA = 234;
    private static final int BROKEN_PIPE = 109;
    private static final int PENDING = 997;
    private static final int ABORTED = 995;
    private static final int PIECE = 64 * 1024;

    /** A pipe's buffer, its peer, and what the reader has under way. */
    private static final class Pipe implements PipeReader.Reads {

        final MessageMode mode;
        final PipeReader reader;
        final ArrayDeque<Integer> writes = new ArrayDeque<>();
        boolean closed;
        boolean probing;
        int ended = -1;
        int probes;
        int reads;
        int looks;
        boolean thief;

        Pipe(MessageMode mode) {
            this.mode = mode;
            reader = new PipeReader(this, mode);
        }

        void write(int bytes) {
            if (bytes > 0 || mode != MessageMode.BYTES) {
                writes.add(bytes);
                if (probing) {
                    endProbe(probed());
                }
            } else {
                endProbe(0);
            }
        }

        void close() {
            closed = true;
            endProbe(BROKEN_PIPE);
        }

        void endProbe(int error) {
            if (probing) {
                probing = false;
                ended = error;
            }
        }

        private int probed() {
            if (writes.isEmpty()) {
                return closed ? BROKEN_PIPE : PENDING;
            }
            boolean isEmpty = writes.peek() == 0;
            if (isEmpty) {
                writes.poll();
            }
            return isEmpty || mode != MessageMode.MESSAGES ? 0 : MORE_DATA;
        }

        /** What the port tells the loop. */
        boolean deliver() {
            int error = ended;
            ended = -1;
            if (error >= 0) {
                reader.probed(error);
            }
            return error >= 0;
        }

        @Override
        public int probe() {
            assertFalse(probing || ended >= 0, "two probes");
            probes++;
            int error = probed();
            probing = error == PENDING;
            return error;
        }

        @Override
        public void cancelProbe() {
            endProbe(ABORTED);
        }

        @Override
        public int available() {
            assertFalse(probing, "a look while the probe is pending");
            looks++;
            int bytes = writes.stream().mapToInt(Integer::intValue).sum();
            return bytes == 0 && closed && writes.isEmpty() ? StreamChannel.END_OF_STREAM : bytes;
        }

        @Override
        public int read(long into, int length) {
            assertFalse(probing, "a second read while the probe is pending");
            assertTrue(length > 0);
            reads++;
            if (thief) {
                writes.clear();
                return StreamChannel.WOULD_BLOCK;
            }
            assertFalse(writes.isEmpty(), "a read that waits");
            if (mode == MessageMode.MESSAGES) {
                return take(length);
            }
            int taken = 0;
            while (taken < length && !writes.isEmpty()) {
                taken += take(length - taken);
            }
            return taken;
        }

        private int take(int most) {
            int first = writes.remove();
            if (first > most) {
                writes.addFirst(first - most);
            }
            return Math.min(first, most);
        }

        int readAll() throws KernelException {
            int all = 0;
            for (int result = 1; result > 0; ) {
                result = reader.read(0, PIECE);
                all += Math.max(0, result);
            }
            return all;
        }
    }

    @Test
    void anIdlePipeIsNotRead() throws KernelException {
        Pipe pipe = new Pipe(MessageMode.BYTES);
        assertFalse(pipe.reader.isReady());
        assertEquals(StreamChannel.WOULD_BLOCK, pipe.reader.read(0, PIECE));
        assertEquals(0, pipe.reads + pipe.looks);
        assertFalse(pipe.reader.isReady());
        assertEquals(1, pipe.probes);
    }

    @Test
    void whatAClosingPipeHasIsReadOnceTheProbeIsWithdrawn() throws KernelException {
        Pipe idle = new Pipe(MessageMode.BYTES);
        assertFalse(idle.reader.isReady());
        idle.reader.discard();
        assertEquals(StreamChannel.WOULD_BLOCK, idle.reader.read(0, PIECE));
        assertEquals(0, idle.reads, "there was nothing");
        assertTrue(idle.deliver());
        Pipe full = new Pipe(MessageMode.BYTES);
        assertFalse(full.reader.isReady());
        full.write(100);
        full.reader.discard();
        assertEquals(100, full.readAll());
    }

    @Test
    void afterAFullReadNothingIsReadThatIsNotThere() throws KernelException {
        Pipe pipe = new Pipe(MessageMode.BYTES);
        pipe.write(PIECE);
        assertTrue(pipe.reader.isReady());
        assertEquals(PIECE, pipe.readAll());
        assertEquals(1, pipe.reads);
        assertFalse(pipe.reader.isReady());
    }

    @Test
    void aWriteOfNoBytesIsNothing() throws KernelException {
        Pipe pipe = new Pipe(MessageMode.BYTES);
        assertFalse(pipe.reader.isReady());
        pipe.write(0);
        assertTrue(pipe.deliver());
        assertTrue(pipe.reader.isReady());
        assertEquals(StreamChannel.WOULD_BLOCK, pipe.reader.read(0, PIECE));
        assertEquals(0, pipe.reads);
        assertFalse(pipe.reader.isReady());
        pipe.write(5);
        assertTrue(pipe.deliver());
        assertEquals(5, pipe.readAll());
    }

    @Test
    void anEmptyMessageIsTheEndForGood() throws KernelException {
        for (MessageMode mode : new MessageMode[] {MessageMode.MESSAGES, MessageMode.MESSAGES_AS_BYTES}) {
            for (boolean waits : new boolean[] {true, false}) {
                Pipe pipe = new Pipe(mode);
                assertFalse(waits && pipe.reader.isReady());
                pipe.write(0);
                pipe.deliver();
                assertTrue(pipe.reader.isReady());
                assertEquals(StreamChannel.END_OF_STREAM, pipe.reader.read(0, PIECE));
                pipe.write(7);
                assertTrue(pipe.reader.isReady());
                assertEquals(StreamChannel.END_OF_STREAM, pipe.reader.read(0, PIECE));
            }
        }
    }

    @Test
    void messagesBeforeTheEmptyOneAreRead() throws KernelException {
        Pipe pipe = new Pipe(MessageMode.MESSAGES);
        pipe.write(10);
        pipe.write(20);
        pipe.write(0);
        pipe.write(30);
        assertTrue(pipe.reader.isReady());
        assertEquals(30, pipe.readAll());
        assertEquals(StreamChannel.END_OF_STREAM, pipe.reader.read(0, PIECE));
    }

    @Test
    void whatSomeoneElseHasReadIsWaitedForAnew() throws KernelException {
        Pipe pipe = new Pipe(MessageMode.BYTES);
        pipe.write(10);
        assertTrue(pipe.reader.isReady());
        pipe.thief = true;
        assertEquals(StreamChannel.WOULD_BLOCK, pipe.reader.read(0, PIECE));
        assertFalse(pipe.reader.isReady());
    }

    @Test
    void allIsReadWhateverComesWhen() {
        SeededRuns.of(PipeReaderTest.class, "allIsReadWhateverComesWhen", 3_000, random -> {
            try {
                run(random, MessageMode.values()[random.nextInt(2)]);
            } catch (KernelException impossible) {
                throw new AssertionError(impossible);
            }
        });
    }

    private static void run(Random random, MessageMode mode) throws KernelException {
        Pipe pipe = new Pipe(mode);
        long written = 0;
        long read = 0;
        boolean ended = false;
        for (int i = random.nextInt(200); i > 0 && !ended; i--) {
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    int bytes = random.nextInt(4) == 0 ? PIECE : 1 + random.nextInt(3 * PIECE);
                    pipe.write(bytes);
                    written += bytes;
                }
                case 2 -> {
                    if (mode == MessageMode.BYTES) {
                        pipe.write(0);
                    }
                }
                case 3 -> pipe.deliver();
                default -> {
                    int result = pipe.reader.isReady() || random.nextBoolean() ? pipe.reader.read(0, PIECE) : 0;
                    read += Math.max(0, result);
                    ended = result == StreamChannel.END_OF_STREAM;
                }
            }
        }
        assertFalse(ended);
        if (mode == MessageMode.MESSAGES && random.nextBoolean()) {
            pipe.write(0);
        } else {
            pipe.close();
        }
        for (int turns = 0; !ended; turns++) {
            assertTrue(turns < 2_000, "never ends");
            pipe.deliver();
            assertTrue(pipe.reader.isReady(), "waits for what is there");
            int result = pipe.reader.read(0, PIECE);
            read += Math.max(0, result);
            ended = result == StreamChannel.END_OF_STREAM;
        }
        assertEquals(written, read);
    }
}
