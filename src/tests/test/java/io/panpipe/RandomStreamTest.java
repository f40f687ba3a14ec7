/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.simulated.SimulatedKernel;
import io.panpipe.testbed.SeededRuns;
import io.panpipe.testbed.WatchdogLimit;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random conversations over simulated pipes, held against a simple model: what is read is what was written, in order and
 * without a gap, and each callback comes once and in its turn.
 */
@Tag("simulated")
class RandomStreamTest {

    @Test
    void randomConversationsLoseNothingAndCallBackOnce() {
        run(300);
    }

    @Test
    @Tag("slow")
    @WatchdogLimit("PT1H")
    void manyRandomConversationsLoseNothingAndCallBackOnce() {
        run(15_000);
    }

    private static void run(int seeds) {
        SeededRuns.seeds(seeds).forEach(seed -> {
            try {
                new Conversation(seed).run();
            } catch (Throwable failure) {
                throw SeededRuns.failed(RandomStreamTest.class, "randomConversationsLoseNothingAndCallBackOnce", seed,
                        failure);
            }
        });
    }

    /** One world: some pairs of pipes, and at each end a timer that does something random. */
    private static final class Conversation {

        private final SimulatedKernel kernel;
        private final Random random;
        private final List<End> ends = new ArrayList<>();
        private final List<Throwable> uncaught = new ArrayList<>();

        Conversation(long seed) {
            kernel = new SimulatedKernel(seed);
            random = new Random(seed);
        }

        void run() throws Exception {
            try (Loop loop = new Loop(kernel)) {
                loop.uncaughtExceptionHandler((l, thrown) -> {
                    // A PanpipeException is a write without a callback to an end that is gone.
                    if (!(thrown instanceof PanpipeException)) {
                        uncaught.add(thrown);
                    }
                });
                int pairs = 1 + random.nextInt(3);
                for (int i = 0; i < pairs; i++) {
                    Pipe[] pair = Pipe.pair(loop);
                    End first = new End(pair[0], random);
                    End second = new End(pair[1], random);
                    first.meet(second);
                    second.meet(first);
                    ends.add(first);
                    ends.add(second);
                    first.start();
                    second.start();
                }
                loop.run();
                assertEquals(0, loop.handles().size());
            }
            assertEquals(List.of(), uncaught);
            assertEquals(0, kernel.openDescriptors());
            ends.forEach(End::check);
        }
    }

    /** One end of a pair, what it has done, and what it has seen. */
    private static final class End {

        private final Pipe pipe;
        private final Random random;
        private final Timer timer;
        private End other = this;
        private int actionsLeft;
        private long sent;
        private long received;
        private long accepted;
        private int asked;
        private int answered;
        private boolean failed;
        private boolean shutdownAsked;
        private boolean shutdownDone;
        private boolean ended;
        private boolean closedBySelf;
        private boolean closeTold;

        End(Pipe pipe, Random random) {
            this.pipe = pipe;
            this.random = random;
            timer = new Timer(pipe.loop());
            actionsLeft = 1 + random.nextInt(30);
        }

        void meet(End end) {
            other = end;
        }

        void start() throws PanpipeException {
            pipe.startRead(this::read);
            timer.start(this::act, Duration.ofMillis(random.nextInt(3)));
        }

        private void read(Pipe p, ByteBuffer data, PanpipeException error) {
            assertTrue(!ended && !closedBySelf, "called after the end");
            if (data == null) {
                ended = true;
                return;
            }
            while (data.hasRemaining()) {
                assertEquals(content(received), data.get(), () -> "byte " + received);
                received++;
            }
        }

        private void act(Timer t) throws PanpipeException {
            if (pipe.closed()) {
                t.close();
                return;
            }
            if (actionsLeft-- == 0) {
                finish();
                return;
            }
            switch (random.nextInt(9)) {
                case 0, 1, 2 -> write(size(), random.nextBoolean());
                case 3 -> writeList();
                case 4 -> tryWrite();
                case 5 -> pipe.stopRead();
                case 6 -> readAgain();
                case 7 -> writeManySmall();
                default -> rarely();
            }
            t.start(this::act, Duration.ofMillis(random.nextInt(4)));
        }

        private void rarely() {
            switch (random.nextInt(12)) {
                case 0 -> close();
                case 1 -> shutdown();
                default -> write(0, true);
            }
        }

        private void finish() throws PanpipeException {
            readAgain();
            timer.close();
            if (!shutdownAsked) {
                shutdown();
            }
            Timer last = new Timer(pipe.loop());
            last.start(l -> {
                if (ended || closedBySelf || !pipe.readable()) {
                    close();
                    l.close();
                }
            }, Duration.ofMillis(1), Duration.ofMillis(50));
        }

        private void readAgain() throws PanpipeException {
            if (!ended && pipe.readable()) {
                pipe.stopRead();
                pipe.startRead(this::read);
            }
        }

        private int size() {
            int[] sizes = {1, 64, 4095, 4097, 16_384, 65_536, 65_537, 300_000};
            return random.nextInt(1 + sizes[random.nextInt(sizes.length)]);
        }

        private ByteBuffer data(int size) {
            ByteBuffer buffer = random.nextBoolean() ? ByteBuffer.allocate(size + 7) : ByteBuffer.allocateDirect(size + 7);
            buffer.position(3);
            for (int i = 0; i < size; i++) {
                buffer.put(content(sent + i));
            }
            return buffer.flip().position(3);
        }

        private void write(int size, boolean callback) {
            ByteBuffer buffer = data(size);
            if (callback) {
                pipe.write(buffer, request(size));
            } else {
                pipe.write(buffer);
            }
            sent += shutdownAsked ? 0 : size;
        }

        private StreamCallback<Pipe> request(int size) {
            int number = asked++;
            return (p, error) -> {
                assertEquals(number, answered, "callbacks in order");
                answered++;
                if (error == null) {
                    assertTrue(!failed || size == 0, "bytes got through behind a failure");
                    accepted += size;
                } else {
                    failed = true;
                }
            };
        }

        private void writeList() {
            if (shutdownAsked) {
                return;
            }
            List<ByteBuffer> list = new ArrayList<>();
            int total = 0;
            for (int i = random.nextInt(5); i >= 0; i--) {
                int size = size() / 2;
                list.add(data(size));
                sent += size;
                total += size;
            }
            pipe.write(list, request(total));
        }

        private void writeManySmall() {
            for (int i = 0; i < 200; i++) {
                write(random.nextInt(90), i % 7 == 0);
            }
        }

        private void tryWrite() {
            try {
                sent += pipe.tryWrite(data(size()));
            } catch (PanpipeException refused) {
                assertTrue(refused.code() == ErrorCode.EAGAIN || refused.code() == ErrorCode.EPIPE, refused::toString);
            }
        }

        private void shutdown() {
            shutdownAsked = true;
            int before = asked;
            pipe.shutdown((p, error) -> {
                assertTrue(answered >= before, "after all writes");
                shutdownDone = error == null;
            });
        }

        private void close() {
            closedBySelf = true;
            pipe.close(p -> {
                assertEquals(asked, answered, "every request is answered before the close");
                closeTold = true;
            });
        }

        /** What must hold when everything is closed. */
        void check() {
            assertEquals(asked, answered, "every request is answered");
            assertEquals(closedBySelf, closeTold);
            assertTrue(other.received <= sent, "more read than written");
            if (shutdownDone && other.ended && !failed) {
                assertEquals(sent, other.received, "all that was written before the shutdown");
            }
        }

        private static byte content(long at) {
            return (byte) (at * 31 + (at >> 8) * 7);
        }
    }
}
