/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.testbed.SeededRuns;
import io.panpipe.testbed.WatchdogLimit;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Frames that strangers send, right and wrong ones, in pieces of any size: all handles and bytes of the right ones are
 * delivered once, the first wrong one ends the connection. No system is needed: what is read from is the test's.
 */
@Tag("simulated")
class StrangeFramesTest {

    private static final int MOST_HANDLES = 253;
    private static final int MOST_EMPTY = 32;
    private static final int HEADER = 16;

    @Test
    void framesAreTakenApartAsFarAsTheyAreSome() {
        run(8_000);
    }

    @Test
    @Tag("slow")
    @WatchdogLimit("PT1H")
    void framesAreTakenApartAsFarAsTheyAreSomeManyTimes() {
        run(400_000);
    }

    private static void run(int seeds) {
        SeededRuns.of(StrangeFramesTest.class, "framesAreTakenApartAsFarAsTheyAreSome", seeds, random -> {
            boolean isOpenedAnew = random.nextInt(3) == 0;
            FrameStream stream = FrameStream.of(random, isOpenedAnew, random.nextInt(5) > 0);
            try (Arena arena = Arena.ofConfined()) {
                new Reading(stream, random, isOpenedAnew, arena).run();
            } catch (Throwable failure) {
                throw new AssertionError(failure + "\nof " + stream, failure);
            }
        });
    }

    /** One stream and its reader: the pipe that it comes from, and the connection that gets what is in it. */
    private static final class Reading implements FrameReader.Source, FrameReader.Recipient {

        private final FrameStream stream;
        private final Random random;
        private final MemorySegment buffer;
        private final MemorySegment target;
        private final FrameReader reader;
        private final HandleInbox inbox = new HandleInbox();
        private final ByteArrayOutputStream data = new ByteArrayOutputStream();
        private final List<FrameStream.Event> events = new ArrayList<>();
        private final List<Long> closed = new ArrayList<>();
        private final List<Long> refused = new ArrayList<>();
        private int position;
        private int begin;
        private boolean dry;
        private boolean isAllThere;
        private boolean closing;
        private boolean ended;
        private boolean answered;
        private int announced;

        Reading(FrameStream stream, Random random, boolean isOpenedAnew, Arena arena) {
            this.stream = stream;
            this.random = random;
            buffer = arena.allocate(HEADER + 8L * MOST_HANDLES, 8);
            target = arena.allocate(4096, 8);
            reader = new FrameReader(this, this, buffer, isOpenedAnew);
        }

        void run() {
            int patience = random.nextInt(3) > 0 ? Integer.MAX_VALUE : random.nextInt(20);
            while (!ended && patience-- > 0) {
                begin = position;
                dry = false;
                if (random.nextInt(5) == 0) {
                    meet();
                } else {
                    read();
                }
                answered |= reader.takeAnswerDue();
            }
            if (ended) {
                checkAll();
            }
            close();
        }

        // The pipe.

        @Override
        public int read(long into, int length) {
            assertFalse(dry, "asked again, though there is nothing");
            assertTrue(length > 0, "nothing is read");
            MemorySegment memory = holds(buffer, into, length) ? buffer : target;
            assertTrue(holds(memory, into, length), "reads to where nobody has asked for it");
            if (!isAllThere && random.nextInt(6) == 0) {
                dry = true;
                return StreamChannel.WOULD_BLOCK;
            }
            int left = stream.bytes.length - position;
            if (left == 0) {
                dry = true;
                return StreamChannel.END_OF_STREAM;
            }
            int most = Math.min(length, left);
            int count = random.nextBoolean() ? most : 1 + random.nextInt(most);
            MemorySegment.copy(
                    stream.bytes, position, memory, ValueLayout.JAVA_BYTE, into - memory.address(), count);
            position += count;
            return count;
        }

        private static boolean holds(MemorySegment memory, long address, int length) {
            long offset = address - memory.address();
            return offset >= 0 && offset + length <= memory.byteSize();
        }

        // The connection.

        @Override
        public void checkMayGiveHandles(int process) throws KernelException {
            announced = process;
            if (!stream.isTrusted()) {
                throw new KernelException(Fault.EPERM, 0, "test", "not trusted");
            }
        }

        @Override
        public void refuseSocket(long information) {
            assertEquals(buffer.address(), information);
            byte[] copy = buffer.asSlice(0, 632).toArray(ValueLayout.JAVA_BYTE);
            refused.add((long) Arrays.hashCode(copy));
        }

        @Override
        public void closeUndelivered(long received) {
            assertTrue(closing, "a handle that somebody may have is closed");
            closed.add(received);
        }

        // Its user.

        private void meet() {
            int result;
            try {
                result = reader.meetPeer();
            } catch (KernelException failure) {
                // Reading fails in the same way.
                assertTrue(failure.fault() == Fault.EPROTO || failure.fault() == Fault.ECONNRESET, failure::toString);
                return;
            }
            assertEquals(stream.isPeerKnown(position), result == 1);
            assertEquals(reader.isPeerKnown(), result == 1);
            if (result != 1) {
                assertTrue(dry || !stream.isBoundary(position) || hasPassedMany(), "gives up");
            }
        }

        private boolean hasPassedMany() {
            return position - begin > (MOST_EMPTY - 1) * HEADER;
        }

        private void read() {
            int length = 1 + random.nextInt((int) target.byteSize());
            long at = target.address() + target.byteSize() - length;
            inbox.clear();
            int refusedBefore = refused.size();
            try {
                int result = reader.read(at, length, inbox);
                assertEquals(refusedBefore, refused.size());
                if (result > 0) {
                    assertTrue(result <= length);
                    deliver(target.asSlice(target.byteSize() - length, result).toArray(ValueLayout.JAVA_BYTE));
                } else {
                    assertEquals(0, inbox.count());
                    if (result == StreamChannel.END_OF_STREAM) {
                        ended(Fault.EOF, List.of());
                    } else {
                        assertEquals(StreamChannel.WOULD_BLOCK, result);
                        assertTrue(dry || hasPassedMany(), "gives up");
                        assertEquals(!stream.isBoundary(position), reader.isInsideFrame());
                    }
                }
            } catch (KernelException failure) {
                assertFalse(failure.hint().isEmpty());
                assertEquals(0, inbox.count());
                ended(failure.fault(), List.copyOf(refused.subList(refusedBefore, refused.size())));
            }
            assertTrue(position - begin <= MOST_EMPTY * HEADER + buffer.byteSize() + length, "reads on and on");
        }

        private void deliver(byte[] piece) {
            if (inbox.count() > 0) {
                List<Long> handles = new ArrayList<>();
                for (int i = 0; i < inbox.count(); i++) {
                    handles.add(inbox.descriptor(i));
                }
                events.add(new FrameStream.Event(data.size(), null, handles, announced));
            }
            data.writeBytes(piece);
        }

        private void ended(Fault fault, List<Long> sockets) {
            ended = fault != Fault.EPERM && fault != Fault.ENOTSUP;
            events.add(new FrameStream.Event(data.size(), fault, sockets, ended ? 0 : announced));
        }

        // What it comes to.

        private void checkAll() {
            assertEquals(stream.events(), events);
            assertArrayEquals(stream.data(), data.toByteArray());
            assertEquals(stream.takesHandles(), reader.peerTakesHandles());
            assertEquals(stream.process(), reader.peerProcess());
            assertEquals(stream.answerDue(), answered);
            assertEquals(stream.isPeerKnown(stream.bytes.length), reader.isPeerKnown());
            // The end is final.
            FrameStream.Event last = events.getLast();
            begin = position;
            dry = false;
            isAllThere = true;
            read();
            assertEquals(last, events.removeLast());
            assertEquals(stream.events(), events);
        }

        private void close() {
            isAllThere = true;
            closing = true;
            dry = false;
            int socketsBefore = refused.size();
            reader.discard(target);
            List<FrameStream.Event> left = stream.events().subList(events.size(), stream.events().size());
            List<Long> handles = new ArrayList<>();
            List<Long> sockets = new ArrayList<>();
            for (FrameStream.Event event : left) {
                (event.fault() == Fault.ENOTSUP ? sockets : handles).addAll(event.handles());
            }
            handles.addAll(stream.withoutData());
            assertEquals(handles, closed, "handles that nobody has got");
            assertEquals(sockets, refused.subList(socketsBefore, refused.size()));
        }
    }

    @Test
    void aPeerThatNeverStopsDoesNotHoldALoop() throws KernelException {
        int[][] frames = {
            {0, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, -1, 0}, {0, Frames.ANNOUNCEMENT, 0, 0}, {2, 0, 0, 0}, {1, 0, 1, 0}
        };
        for (int[] frame : frames) {
            for (boolean isOpenedAnew : new boolean[] {false, true}) {
                try (Arena arena = Arena.ofConfined()) {
                    Flood flood = new Flood(frame, arena, isOpenedAnew);
                    flood.reader.meetPeer();
                    flood.read();
                    flood.reader.discard(flood.target);
                }
            }
        }
    }

    /** A pipe that has the same frame for ever. */
    private static final class Flood implements FrameReader.Source, FrameReader.Recipient {

        /** More than a closing end reads. */
        private static final long BOUND = 16 << 20;

        final MemorySegment buffer;
        final MemorySegment target;
        final FrameReader reader;
        private final MemorySegment frame;
        private long sent;

        Flood(int[] header, Arena arena, boolean isOpenedAnew) {
            long content = (header[0] & Frames.HAS_SOCKET) != 0 ? Frames.SOCKET_BYTES : Math.max(0, header[2]);
            frame = arena.allocate(HEADER + content, 8);
            MemorySegment.copy(header, 0, frame, ValueLayout.JAVA_INT, 0, header.length);
            buffer = arena.allocate(HEADER + 8L * MOST_HANDLES, 8);
            target = arena.allocate(4096, 8);
            reader = new FrameReader(this, this, buffer, isOpenedAnew);
        }

        void read() throws KernelException {
            try {
                reader.read(target.address(), (int) target.byteSize(), new HandleInbox());
            } catch (KernelException socket) {
                assertEquals(Fault.ENOTSUP, socket.fault());
            }
        }

        @Override
        public int read(long into, int length) {
            MemorySegment memory = Reading.holds(buffer, into, length) ? buffer : target;
            long offset = into - memory.address();
            for (int done = 0; done < length; ) {
                long from = (sent + done) % frame.byteSize();
                int count = (int) Math.min(frame.byteSize() - from, length - done);
                MemorySegment.copy(frame, from, memory, offset + done, count);
                done += count;
            }
            sent += length;
            assertTrue(sent < BOUND, "reads for ever");
            return length;
        }

        @Override
        public void checkMayGiveHandles(int announced) {
            // Whoever sends so much is trusted.
        }

        @Override
        public void refuseSocket(long information) {
            assertEquals(buffer.address(), information);
        }

        @Override
        public void closeUndelivered(long received) {
            throw new AssertionError("no handle was sent");
        }
    }
}
