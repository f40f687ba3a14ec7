/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.panpipe.ErrorCode;
import io.panpipe.Handle;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.RunMode;
import io.panpipe.Udp;
import io.panpipe.contract.Meddler;
import io.panpipe.contract.Needs;
import io.panpipe.contract.Trait;
import io.panpipe.contract.Truncated;
import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** When handles leave and arrive: with which bytes, exactly once, and no faster than they are taken. */
public abstract class HandleQueueContract extends HandlesContract {

    private static final int MOST = 253;

    /** As many may wait before a pipe stops reading, and one more message may come on top. */
    private static final int BOUND = 64 + MOST;

    /** Where a message with handles begins and ends in the stream, and the ports of its handles. */
    private record Message(long begin, long end, List<Integer> ports) {}

    /** A handle that arrived, with the range of bytes that came in the same read. */
    private record Arrived(int port, long from, long to) {}

    private Udp[] boundUdps(int count) throws PanpipeException {
        Udp[] udps = new Udp[count];
        for (int i = 0; i < count; i++) {
            udps[i] = boundUdp();
        }
        return udps;
    }

    /** Accepts all that comes and notes which, and with which bytes. */
    private Arrivals.Taker notes(List<Arrived> arrived) {
        return (pipe, type, from, to) -> {
            Udp udp = new Udp(loop);
            pipe.accept(udp);
            arrived.add(new Arrived(udp.localAddress().getPort(), from, to));
            udp.close();
        };
    }

    @RepeatedTest(4)
    void handlesComeWithTheFirstOfTheirBytesAndNeverWithLaterOnes(org.junit.jupiter.api.RepetitionInfo repetition)
            throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        Udp[] udps = boundUdps(5);
        Ends ends = ipcEnds();
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        List<Message> messages = new ArrayList<>();
        List<Arrived> arrived = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            byte[] data = new byte[1 + (random.nextInt(4) == 0 ? random.nextInt(100_000) : random.nextInt(50))];
            random.nextBytes(data);
            Handle[] handles = random.ints(random.nextInt(4), 0, udps.length).mapToObj(n -> udps[n])
                    .toArray(Handle[]::new);
            long begin = stream.size();
            stream.writeBytes(data);
            expected.add("write " + i);
            if (handles.length == 0) {
                ends.a().write(data, logs("write " + i));
            } else {
                ends.a().write(ByteBuffer.wrap(data), logs("write " + i), handles);
                messages.add(new Message(begin, stream.size(), ports(handles)));
            }
        }
        Arrivals arrivals = Arrivals.at(ends.b(), notes(arrived));
        runUntil(() -> arrivals.size() == stream.size() && log.size() == expected.size());
        assertEquals(expected, log);
        assertArrayEquals(stream.toByteArray(), arrivals.bytes());
        assertArrivedInOrder(messages, arrived);
    }

    private static List<Integer> ports(Handle[] handles) throws PanpipeException {
        List<Integer> ports = new ArrayList<>();
        for (Handle handle : handles) {
            ports.add(((Udp) handle).localAddress().getPort());
        }
        return ports;
    }

    private void assertArrivedInOrder(List<Message> messages, List<Arrived> arrived) {
        assertEquals(messages.stream().flatMap(message -> message.ports.stream()).toList(),
                arrived.stream().map(Arrived::port).toList(), "each handle once, in order");
        int next = 0;
        for (Message message : messages) {
            for (int i = 0; i < message.ports.size(); i++) {
                Arrived handle = arrived.get(next++);
                assertTrue(handle.from <= message.begin && message.begin < handle.to,
                        () -> handle + " did not come with the first byte of " + message);
                if (kernel.has(Trait.HANDLES_END_A_READ)) {
                    assertTrue(handle.to <= message.end, () -> handle + " came with bytes behind " + message);
                } else {
                    assertEquals(message.begin, handle.from, () -> handle + " came with bytes before " + message);
                }
            }
        }
    }

    @Test
    void handlesLeaveExactlyOnceWhenTheirBytesGoInParts() throws Exception {
        Udp[] udps = boundUdps(3);
        Ends ends = ipcEnds();
        ends.a().sendBufferSize(5_000);
        byte[] data = pattern(200_000);
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            ends.a().write(ByteBuffer.wrap(data), logs("written"), udps[i % 3]);
            expected.add(udps[i % 3].localAddress().getPort());
        }
        List<Arrived> arrived = new ArrayList<>();
        Arrivals arrivals = Arrivals.at(ends.b(), notes(arrived));
        runUntil(() -> arrivals.size() == 20 * data.length && log.size() == 20);
        assertEquals(expected, arrived.stream().map(Arrived::port).toList());
    }

    @Test
    void handlesBehindAFullPipeWaitAndLeaveExactlyOnce() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        long before = block(ends.a());
        for (int i = 0; i < 50; i++) {
            ends.a().write(ByteBuffer.wrap(pattern(1000)), logs("written"), payload.a());
        }
        payload.a().close();
        pass();
        assertEquals(List.of(), log);
        int[] accepted = new int[1];
        Arrivals arrivals = Arrivals.at(ends.b(), (pipe, type, from, to) -> {
            Pipe received = pipe();
            pipe.accept(received);
            received.close();
            accepted[0]++;
        });
        runUntil(() -> arrivals.size() == before + 50_000);
        pass();
        assertEquals(50, accepted[0]);
        assertPeerGone(payload.b());
    }

    @Test
    void tryWriteSendsHandlesAtOnce() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        Arrivals arrivals = Arrivals.at(ends.b());
        int sent = ends.a().tryWrite(buffer("abc"), payload.a(), payload.a());
        payload.a().close();
        assertTrue(sent >= 1 && sent <= 3);
        runUntil(() -> arrivals.size() == sent);
        assertEquals(2, ends.b().pendingCount());
        Pipe received = pipe();
        ends.b().accept(received);
        assertTalk(received, payload.b());
    }

    @Test
    void tryWriteToAFullPipeSendsNothingAndKeepsNothing() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        byte[] filler = new byte[64 * 1024];
        long filled = 0;
        boolean full = false;
        while (!full) {
            try {
                filled += ends.a().tryWrite(filler);
            } catch (PanpipeException none) {
                assertEquals(ErrorCode.EAGAIN, none.code());
                full = true;
            }
        }
        int sent = 0;
        for (int i = 0; i < 10; i++) {
            try {
                filled += ends.a().tryWrite(ByteBuffer.wrap(filler), payload.a());
                // A kernel may have refused without reason before, and then take this. A full one never does.
                sent++;
            } catch (PanpipeException none) {
                assertEquals(ErrorCode.EAGAIN, none.code());
            }
        }
        payload.a().close();
        if (sent == 0) {
            assertPeerGone(payload.b());
        }
        Arrivals arrivals = Arrivals.at(ends.b());
        long total = filled;
        runUntil(() -> arrivals.size() == total);
        pass();
        assertEquals(total, arrivals.size());
        assertEquals(sent, ends.b().pendingCount());
    }

    @Test
    void handlesThatATryWriteCouldNotSendDoNotLeaveWithLaterBytes() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        long filled = 0;
        boolean full = false;
        while (!full) {
            try {
                filled += ends.a().tryWrite(new byte[64 * 1024]);
            } catch (PanpipeException none) {
                full = true;
            }
        }
        try {
            filled += ends.a().tryWrite(buffer("y"), payload.a());
            abort("a kernel may refuse without reason, and then take this");
        } catch (PanpipeException none) {
            assertEquals(ErrorCode.EAGAIN, none.code());
        }
        payload.a().close();
        ends.a().write(bytes("later"), logs("later"));
        Arrivals arrivals = Arrivals.at(ends.b());
        long total = filled + 5;
        runUntil(() -> arrivals.size() == total && !log.isEmpty());
        assertEquals(List.of("later"), log);
        assertEquals(0, ends.b().pendingCount());
    }

    @Test
    void dataThatCannotBeReadKeepsNoHandle() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        ByteBuffer unreadable;
        try (Arena arena = Arena.ofConfined()) {
            unreadable = arena.allocate(5).asByteBuffer();
        }
        assertThrows(IllegalStateException.class, () -> ends.a().write(unreadable, logs("never"), payload.a()));
        assertThrows(IllegalStateException.class, () -> ends.a().tryWrite(unreadable, payload.a()));
        payload.a().close();
        assertPeerGone(payload.b());
        assertEquals(List.of(), log);
    }

    @Test
    void aWriteWithHandlesSaysWhenItIsEnough() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        ends.a().writeWatermarks(1000, 5000);
        assertTrue(ends.a().write(ByteBuffer.allocate(4999), logs("written"), payload.a()));
        assertFalse(ends.a().write(ByteBuffer.allocate(1), logs("written"), payload.a()));
    }

    @Test
    void tryWriteGoesBehindWhatIsQueued() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        block(ends.a());
        assertFails(ErrorCode.EAGAIN, () -> ends.a().tryWrite(buffer("x"), payload.a()));
        payload.a().close();
        assertPeerGone(payload.b());
    }

    @Test
    void whatLeftInTheSameAttemptAsATroubledWriteIsReportedAsWritten() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        receive(ends.b());
        // Handles keep the bytes behind them out of their own system call.
        ends.a().write(buffer("x"), logs("sent"), payload.a());
        try (Arena arena = Arena.ofConfined()) {
            ends.a().write(arena.allocate(100_000).asByteBuffer(), logs("unreadable"));
        }
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("sent", "unreadable EFAULT"), log);
    }

    @Test
    @Needs(Trait.HALF_CLOSE)
    void writeAfterShutdownIsEpipeAndKeepsNothing() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        ends.a().shutdown(logs("shutdown"));
        ends.a().write(buffer("x"), logs("write"), payload.a());
        assertFails(ErrorCode.EPIPE, () -> ends.a().tryWrite(buffer("x"), payload.a()));
        payload.a().close();
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("shutdown", "write EPIPE"), log);
        assertPeerGone(payload.b());
    }

    @Test
    void writeToAPeerThatHasGoneIsEpipeAndKeepsNothing() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        ends.b().close();
        run();
        ends.a().write(buffer("x"), logs("first"), payload.a());
        ends.a().write(buffer("x"), logs("second"), payload.a());
        payload.a().close();
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("first EPIPE", "second EPIPE"), log);
        assertPeerGone(payload.b());
    }

    @Test
    void closeCancelsQueuedHandlesAndKeepsNothing() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        block(ends.a());
        ends.a().write(buffer("x"), logs("first"), payload.a());
        ends.a().write(buffer("x"), logs("second"), payload.a(), payload.a());
        payload.a().close();
        ends.a().close(notes("closed"));
        runUntil(() -> log.size() == 3);
        assertEquals(List.of("first ECANCELED", "second ECANCELED", "closed"), log);
        assertPeerGone(payload.b());
    }

    @Test
    void aPeerThatClosesWhileHandlesAreQueuedLeavesNothing() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        block(ends.a());
        ends.a().write(buffer("x"), logs("write"), payload.a());
        payload.a().close();
        ends.b().close();
        runUntil(() -> !log.isEmpty());
        assertTrue(List.of("write EPIPE", "write ECONNRESET").contains(log.getFirst()), log::toString);
        assertPeerGone(payload.b());
    }

    // A flood of handles.

    /** Keeps writing handles, a few requests ahead of the system, until all are written or it is given up. */
    private final class Flood {

        /** Long enough to fill what lies between sender and receiver, whether a kernel counts bytes or messages. */
        static final int BYTES = 4096;

        private final Pipe pipe;
        private final Handle[] handles;
        private int left;
        private int written;
        private boolean givenUp;

        Flood(Pipe pipe, int messages, Handle... handles) throws PanpipeException {
            this.pipe = pipe;
            this.handles = handles;
            left = messages;
            for (int i = 0; i < 10; i++) {
                next();
            }
        }

        private void next() throws PanpipeException {
            if (left > 0) {
                left--;
                pipe.write(ByteBuffer.allocate(BYTES), (itself, error) -> {
                    if (!givenUp) {
                        throwIfAny(error);
                        written++;
                        next();
                    }
                }, handles);
            }
        }
    }

    /** Runs until neither side of a flood has moved for a while. */
    private void runUntilStuck(Flood flood, Pipe receiver) {
        for (int written = -1, waiting = -1; written != flood.written || waiting != receiver.pendingCount(); ) {
            written = flood.written;
            waiting = receiver.pendingCount();
            pass();
        }
    }

    private void assertFloodIsHeldBack(int messages, int perMessage) throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        if (kernel.has(Trait.BUFFER_SIZES)) {
            // Linux lets a user without privileges have no more descriptors on their way than a process may have open.
            ends.a().sendBufferSize(20_000);
        }
        Handle[] handles = new Handle[perMessage];
        Arrays.fill(handles, payload.a());
        Arrivals arrivals = Arrivals.at(ends.b());
        Flood flood = new Flood(ends.a(), messages, handles);
        runUntilStuck(flood, ends.b());
        assertTrue(ends.b().pendingCount() >= 64, () -> "stopped early: " + ends.b().pendingCount());
        assertTrue(ends.b().pendingCount() < BOUND, () -> "not bounded: " + ends.b().pendingCount());
        assertTrue(flood.written < messages, () -> "the sender was not held back");
        int total = messages * perMessage;
        for (int accepted = 0; accepted < total; accepted++) {
            runUntil(() -> ends.b().pendingCount() > 0);
            assertTrue(ends.b().pendingCount() < BOUND, () -> "not bounded: " + ends.b().pendingCount());
            RawDescriptor received = new RawDescriptor(loop);
            ends.b().accept(received);
            received.close();
        }
        runUntil(() -> flood.written == messages && arrivals.size() == messages * Flood.BYTES);
        assertEquals(0, ends.b().pendingCount());
        payload.a().close();
        assertPeerGone(payload.b());
    }

    @Test
    void aFloodOfHandlesIsHeldBackUntilTheyAreAccepted() throws Exception {
        assertFloodIsHeldBack(2000, 1);
    }

    @Test
    void aFloodOfFullMessagesIsHeldBackUntilTheyAreAccepted() throws Exception {
        assertFloodIsHeldBack(150, MOST);
    }

    @Test
    void readingCannotBeResumedByHandWhileTooManyWait() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        Arrivals.at(ends.b());
        Flood flood = new Flood(ends.a(), 1000, payload.a());
        runUntilStuck(flood, ends.b());
        int waiting = ends.b().pendingCount();
        for (int i = 0; i < 5; i++) {
            ends.b().stopRead();
            Arrivals.at(ends.b());
            pass();
        }
        assertEquals(waiting, ends.b().pendingCount());
        flood.givenUp = true;
        payload.a().close();
        ends.b().close();
        ends.a().close();
        assertPeerGone(payload.b());
    }

    @Test
    void aWriteThatThrowsAnErrorKeepsNoHandle() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        ByteBuffer gone = Truncated.buffer(100);
        assertThrows(InternalError.class, () -> ends.a().write(gone, logs("never"), payload.a()));
        assertThrows(InternalError.class, () -> ends.a().tryWrite(gone, payload.a()));
        payload.a().close();
        assertPeerGone(payload.b());
        Arrivals arrivals = Arrivals.at(ends.b());
        ends.a().write(buffer("abc"), logs("written"));
        runUntil(() -> arrivals.size() == 3 && !log.isEmpty());
        assertEquals(0, ends.b().pendingCount());
        assertEquals(List.of("written"), log);
    }

    @Test
    void anAcceptThatHasTheHandleThrowsNothingWhenReadingCannotGoOn() throws Exception {
        AtomicBoolean refuses = new AtomicBoolean();
        Meddler meddler = new Meddler().before("interest", arguments -> ((int) arguments[0] & Channel.READ) != 0, () -> {
            if (refuses.get()) {
                throw new KernelException(Fault.ENOMEM, 0, "epoll_ctl");
            }
        });
        try (Loop other = KernelAccess.loop(meddler.over(kernel.kernel()))) {
            Pipe[] ipc = Pipe.pair(other, true);
            Pipe[] passed = Pipe.pair(other);
            Handle[] many = new Handle[64];
            Arrays.fill(many, passed[0]);
            ipc[0].write(buffer("many"), (pipe, error) -> throwIfAny(error), many);
            ipc[1].startRead((pipe, data, error) -> log.add(error == null ? "data" : error.code().name()));
            while (ipc[1].pendingCount() < 64) {
                other.run(RunMode.ONCE);
            }
            refuses.set(true);
            Pipe accepted = new Pipe(other);
            ipc[1].accept(accepted);
            assertEquals(63, ipc[1].pendingCount());
            assertTrue(accepted.writable());
            log.clear();
            while (log.isEmpty()) {
                other.run(RunMode.ONCE);
            }
            assertEquals(List.of("ENOMEM"), log, "the reading has ended, and says so");
            while (ipc[1].pendingCount() > 0) {
                Pipe next = new Pipe(other);
                ipc[1].accept(next);
            }
        }
    }
}
