/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.windows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.PendingType;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.RunMode;
import io.panpipe.contract.OpenHandles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Handles in the frames of an IPC pipe, and frames that others have made. */
class HandlePassingTest extends WindowsTest {

    private static final int HAS_DATA = 1;
    private static final int HAS_SOCKET = 2;
    private static final int HAS_HANDLES = 0x100;
    private static final int ANNOUNCEMENT = 0x31485050;
    private static final int ANSWER = 0x31415050;

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(bytes(text));
    }

    /** A frame's header as libuv writes it. */
    private static byte[] header(int flags, int announced, int length, int count) {
        return ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN)
                .putInt(flags).putInt(announced).putInt(length).putInt(count).array();
    }

    /** What an end says first: that it takes handles, and which process it is. */
    private static byte[] announcement(int kind, long process) {
        return ByteBuffer.allocate(32).put(header(0, kind, 0, 0)).put(header(0, (int) process, 0, 0)).array();
    }

    /** An IPC pipe and its other end, in the hands of Windows's own functions, past our first frame. */
    private Ends raw() throws PanpipeException {
        String name = freshName();
        long server = closing(Win32.createPipe(name, Win32.DUPLEX, 0, 1));
        Pipe pipe = new Pipe(loop, true);
        pipe.connect(name, logs("connected"));
        runUntil(() -> log.contains("connected"));
        log.clear();
        assertArrayEquals(announcement(ANNOUNCEMENT, ProcessHandle.current().pid()), Win32.readFully(server, 32));
        return new Ends(pipe, server);
    }

    private static byte[] announced(byte[] frame) {
        return ByteBuffer.allocate(32 + frame.length)
                .put(announcement(ANNOUNCEMENT, ProcessHandle.current().pid())).put(frame).array();
    }

    @Test
    void dataGoesInFramesThatLibuvUnderstands() throws Exception {
        Ends ends = raw();
        ends.pipe().write(bytes("hello"), logs("written"));
        runUntil(() -> !log.isEmpty());
        assertEquals(ByteBuffer.wrap(header(HAS_DATA, 0, 5, 0)),
                ByteBuffer.wrap(Win32.readFully(ends.client(), 16)));
        assertEquals("hello", new String(Win32.readFully(ends.client(), 5)));
    }

    @Test
    void framesMayComeInPiecesOfAnySize() throws Exception {
        Ends ends = raw();
        Received received = receive(ends.pipe());
        byte[] first = header(HAS_DATA, 0, 3, 0);
        byte[] second = header(HAS_DATA, 0, 4, 0);
        byte[] all = ByteBuffer.allocate(55).put(header(0, 0, 0, 0)).put(first).put(bytes("abc")).put(second)
                .put(bytes("defg")).array();
        for (byte piece : all) {
            Win32.write(ends.client(), new byte[] {piece});
            loop.run(RunMode.NOWAIT);
            loop.run(RunMode.NOWAIT);
        }
        runUntil(() -> received.text().equals("abcdefg"));
        assertEquals("", received.end);
    }

    @Test
    void whatIsNoFrameIsEprotoAndStaysSo() throws Exception {
        for (byte[] wrong : List.of(
                header(0x80, 0, 0, 0),
                header(0, 0, 5, 0),
                header(HAS_DATA, 0, 5, 7),
                header(HAS_DATA | HAS_HANDLES, 0, 5, 1),
                announced(header(HAS_DATA | HAS_HANDLES, 0, 5, 254)),
                announced(header(HAS_DATA | HAS_HANDLES, 0, 5, -1)),
                announced(header(HAS_HANDLES, 0, 0, 1)))) {
            Ends ends = raw();
            Received received = receive(ends.pipe());
            Win32.write(ends.client(), wrong);
            runUntil(() -> !received.end.isEmpty());
            assertEquals("EPROTO", received.end);
            Received again = receive(ends.pipe());
            Win32.write(ends.client(), header(HAS_DATA, 0, 1, 0));
            runUntil(() -> !again.end.isEmpty());
            assertEquals("EPROTO", again.end);
        }
    }

    @Test
    void aFrameThatIsCutShortIsEconnreset() throws Exception {
        Ends ends = raw();
        Received received = receive(ends.pipe());
        Win32.write(ends.client(), header(HAS_DATA, 0, 5, 0));
        Win32.write(ends.client(), bytes("ab"));
        close(ends.client());
        runUntil(() -> !received.end.isEmpty());
        assertEquals("ab", received.text());
        assertEquals("ECONNRESET", received.end);
    }

    @Test
    void theEndBetweenTwoFramesIsTheEnd() throws Exception {
        Ends ends = raw();
        Received received = receive(ends.pipe());
        Win32.write(ends.client(), header(HAS_DATA, 0, 2, 0));
        Win32.write(ends.client(), bytes("ab"));
        close(ends.client());
        runUntil(() -> !received.end.isEmpty());
        assertEquals("ab", received.text());
        assertEquals("EOF", received.end);
    }

    @Test
    void aSocketIsRefusedAndReadingMayGoOn() throws Exception {
        Ends ends = raw();
        Received received = receive(ends.pipe());
        Win32.write(ends.client(), header(HAS_DATA | HAS_SOCKET, 0, 2, 0));
        Win32.write(ends.client(), new byte[632]);
        Win32.write(ends.client(), bytes("ab"));
        runUntil(() -> !received.end.isEmpty());
        assertEquals("ENOTSUP", received.end);
        Received after = receive(ends.pipe());
        runUntil(() -> after.text().equals("ab"));
    }

    @Test
    void handlesForAPeerThatTakesNoneAreEnotsup() throws Exception {
        Ends ends = raw();
        Pipe[] pair = Pipe.pair(loop);
        ends.pipe().write(buffer("x"), logs("sent"), pair[0]);
        loop.run(RunMode.NOWAIT);
        assertEquals(List.of(), log, "whether the peer takes handles is not known yet");
        Win32.write(ends.client(), header(HAS_DATA, 0, 1, 0));
        Win32.write(ends.client(), bytes("y"));
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("sent ENOTSUP"), log);
        Received received = receive(ends.pipe());
        runUntil(() -> received.text().equals("y"));
    }

    @Test
    void handlesForAPeerThatGoesWithoutAWordAreEpipe() throws Exception {
        Ends ends = raw();
        Pipe[] pair = Pipe.pair(loop);
        ends.pipe().write(buffer("x"), logs("sent"), pair[0]);
        loop.run(RunMode.NOWAIT);
        close(ends.client());
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("sent EPIPE"), log);
    }

    /** Passes what a callback accepts. */
    private Pipe received(Pipe sender, Pipe receiver, io.panpipe.Handle sent) throws Exception {
        Pipe there = new Pipe(loop);
        receiver.startRead2((itself, data, pending, error) -> {
            assertEquals(PendingType.PIPE, pending);
            itself.accept(there);
            log.add("received");
            itself.stopRead();
        });
        sender.write(buffer("x"), logs("sent"), sent);
        runUntil(() -> log.contains("received") && log.contains("sent"));
        return there;
    }

    @Test
    void aPipeGoesOnInItsNewPlace() throws Exception {
        Pipe[] ipc = Pipe.pair(loop, true);
        Ends ends = served();
        Pipe there = received(ipc[0], ipc[1], ends.pipe());
        ends.pipe().close();
        Received received = receive(there);
        Win32.write(ends.client(), bytes("to the new place"));
        runUntil(() -> received.text().equals("to the new place"));
        there.write(bytes("and back"), logs("answered"));
        runUntil(() -> log.contains("answered"));
        assertEquals("and back", new String(Win32.readFully(ends.client(), 8)));
    }

    @Test
    void aPipeThatHasReadHereIsReadOnThere() throws Exception {
        Pipe[] ipc = Pipe.pair(loop, true);
        Ends ends = served();
        Received before = receive(ends.pipe());
        Win32.write(ends.client(), bytes("1"));
        runUntil(() -> before.text().equals("1"));
        ends.pipe().stopRead();
        Pipe there = received(ipc[0], ipc[1], ends.pipe());
        ends.pipe().close();
        Received after = receive(there);
        for (int i = 2; i <= 9; i++) {
            String text = Integer.toString(i);
            Win32.write(ends.client(), bytes(text));
            runUntil(() -> after.text().endsWith(text));
        }
        assertEquals("23456789", after.text());
    }

    @Test
    void aPipeWithAWriteInFlightCannotBeSent() throws Exception {
        Pipe[] ipc = Pipe.pair(loop, true);
        Ends ends = served();
        ends.pipe().write(new byte[500_000], logs("write"));
        loop.run(RunMode.NOWAIT);
        PanpipeException refused = assertThrows(PanpipeException.class,
                () -> ipc[0].write(buffer("x"), logs("sent"), ends.pipe()));
        assertEquals(ErrorCode.EBUSY, refused.code());
    }

    @Test
    void aListenerCannotBeSent() throws Exception {
        Pipe[] ipc = Pipe.pair(loop, true);
        Pipe server = new Pipe(loop);
        server.bind(freshName());
        PanpipeException refused = assertThrows(PanpipeException.class,
                () -> ipc[0].write(buffer("x"), logs("sent"), server));
        assertEquals(ErrorCode.ENOTSUP, refused.code());
    }

    @Test
    void anyHandleGoesAsARawOne() throws Exception {
        Pipe[] ipc = Pipe.pair(loop, true);
        RawDescriptor event = new RawDescriptor(loop);
        event.open(Win32.kernel("CreateEventW", 0, 1, 0, 0).value());
        RawDescriptor there = new RawDescriptor(loop);
        ipc[1].startRead2((itself, data, pending, error) -> {
            assertEquals(PendingType.DESCRIPTOR, pending);
            itself.accept(there);
            itself.stopRead();
        });
        ipc[0].write(buffer("x"), logs("sent"), event);
        run();
        assertTrue(Win32.kernel("SetEvent", there.fileno()).isTrue());
        assertEquals(0, Win32.kernel("WaitForSingleObject", event.fileno(), 0).value(), "the same event");
    }

    @Test
    void handlesGoToTheProcessThatTheOtherEndSaysItIs() throws Exception {
        Process other = new ProcessBuilder("cmd.exe", "/c", "pause").start();
        try {
            Ends ends = raw();
            Win32.write(ends.client(), announcement(ANNOUNCEMENT, other.pid()));
            RawDescriptor event = new RawDescriptor(loop);
            event.open(Win32.kernel("CreateEventW", 0, 1, 0, 0).value());
            ends.pipe().write(buffer("x"), logs("sent"), event);
            runUntil(() -> !log.isEmpty());
            assertEquals(List.of("sent"), log);
            assertArrayEquals(header(HAS_DATA | HAS_HANDLES, 0, 1, 1), Win32.readFully(ends.client(), 16));
            long theirs = ByteBuffer.wrap(Win32.readFully(ends.client(), 8)).order(ByteOrder.LITTLE_ENDIAN).getLong();
            long mine = closing(Win32.duplicateFrom(other.pid(), theirs));
            assertTrue(Win32.kernel("SetEvent", mine).isTrue());
            assertEquals(0, Win32.kernel("WaitForSingleObject", event.fileno(), 0).value(), "the same event");
        } finally {
            other.destroyForcibly();
            other.waitFor();
        }
    }

    @Test
    void anEndThatBeginsAnewIsAnswered() throws Exception {
        Ends ends = raw();
        Received received = receive(ends.pipe());
        byte[] first = announcement(ANNOUNCEMENT, ProcessHandle.current().pid());
        Win32.write(ends.client(), first);
        Win32.write(ends.client(), first);
        Win32.write(ends.client(), announced(header(HAS_DATA, 0, 1, 0)));
        Win32.write(ends.client(), bytes("x"));
        runUntil(() -> received.text().equals("x"));
        loop.run(RunMode.NOWAIT);
        assertArrayEquals(announcement(ANSWER, ProcessHandle.current().pid()), Win32.readFully(ends.client(), 32));
    }

    @Test
    void anIpcPipeThatIsOpenedAnewSendsHandles() throws Exception {
        Pipe[] ipc = Pipe.pair(loop, true);
        Received before = receive(ipc[0]);
        ipc[1].write(bytes("1"));
        runUntil(() -> before.text().equals("1"));
        Pipe anew = new Pipe(loop, true);
        anew.open(ipc[0].detach());
        ipc[1].startRead2((itself, data, pending, error) -> {
            if (pending != PendingType.NONE) {
                log.add("received");
                itself.stopRead();
            }
        });
        anew.write(buffer("x"), logs("sent"), Pipe.pair(loop)[0]);
        runUntil(() -> log.size() == 2);
        assertTrue(log.contains("sent") && log.contains("received"), log::toString);
    }

    @Test
    void handlesBehindManyEmptyFramesAreClosedWithThePipe() throws Exception {
        Ends ends = raw();
        Win32.write(ends.client(), announcement(ANNOUNCEMENT, ProcessHandle.current().pid()));
        for (int i = 0; i < 100; i++) {
            Win32.write(ends.client(), header(0, 0, 0, 0));
        }
        long event = Win32.kernel("CreateEventW", 0, 1, 0, 0).value();
        Win32.write(ends.client(), header(HAS_DATA | HAS_HANDLES, 0, 1, 1));
        Win32.write(ends.client(), ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN).putLong(event).array());
        ends.pipe().close();
        run();
        assertFalse(Win32.isOpen(event));
    }

    @Test
    void handlesThatNobodyTakesAreClosedWithThePipe() throws Exception {
        Pipe[] ipc = Pipe.pair(loop, true);
        loop.run(RunMode.NOWAIT);
        int before = OpenHandles.all().size();
        List<RawDescriptor> sent = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            RawDescriptor event = new RawDescriptor(loop);
            event.open(Win32.kernel("CreateEventW", 0, 1, 0, 0).value());
            sent.add(event);
        }
        ipc[0].write(buffer("read and not taken"), logs("sent"), sent.toArray(new RawDescriptor[0]));
        ipc[1].startRead2((itself, data, pending, error) -> itself.stopRead());
        run();
        assertEquals(100, ipc[1].pendingCount());
        ipc[0].write(buffer("not even read"), logs("sent"), sent.toArray(new RawDescriptor[0]));
        runUntil(() -> log.size() == 2);
        sent.forEach(RawDescriptor::close);
        ipc[0].close();
        ipc[1].close();
        run();
        assertTrue(OpenHandles.all().size() < before + 50, "handles: " + before + " and then " + OpenHandles.all().size());
        assertFalse(sent.isEmpty());
    }

    // Who says that it is this process.

    /** What a client of its own process says: that it is another process, and then what the test wants. */
    static final class Masked {

        private Masked() {}

        /**
         * Connects and writes.
         *
         * @param arguments the name, the process that it says it is, and the value of a HANDLE there
         */
        public static void main(String[] arguments) throws Exception {
            long process = arguments[1].equals("own") ? ProcessHandle.current().pid() : Long.parseLong(arguments[1]);
            try (RandomAccessFile pipe = new RandomAccessFile(arguments[0], "rw")) {
                pipe.write(announcement(ANNOUNCEMENT, process));
                pipe.write(header(HAS_DATA | HAS_HANDLES, 0, 1, 1));
                pipe.write(ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(Long.parseLong(arguments[2])).array());
                // Until the other end is closed.
                while (pipe.read() >= 0) {}
            } catch (IOException closed) {
                System.out.println(closed);
            }
        }
    }

    /** A server's end whose client is another process, which says that it is this one. */
    private Pipe servesMasked(Path directory, long process, long handle, List<ChildJvm> children) throws Exception {
        String name = freshName();
        Pipe server = new Pipe(loop);
        Pipe accepted = new Pipe(loop, true);
        boolean[] done = new boolean[1];
        server.bind(name);
        server.listen((listener, error) -> {
            listener.accept(accepted);
            done[0] = true;
            listener.close();
        });
        children.add(ChildJvm.start(directory, new byte[0], Masked.class,
                name, process == 0 ? "own" : Long.toString(process), Long.toString(handle)));
        runUntil(() -> done[0]);
        return accepted;
    }

    @Test
    void handlesOfAnotherProcessThatSaysItIsThisOneAreNeitherTakenNorSent(@TempDir Path directory) throws Exception {
        long own = ProcessHandle.current().pid();
        long secret = closing(Win32.kernel("CreateEventW", 0, 1, 0, 0).value());
        List<ChildJvm> children = new ArrayList<>();
        try {
            Pipe masked = servesMasked(directory, own, secret, children);
            assertFalse(own == masked.peerCredentials().pid());
            List<String> ends = new ArrayList<>();
            masked.startRead2((pipe, data, pending, error) ->
                    ends.add(error != null ? error.code().name() : "taken " + pipe.pendingCount()));
            runUntil(() -> !ends.isEmpty());
            assertEquals(List.of("EPERM"), ends);
            int before = OpenHandles.all().size();
            RawDescriptor event = new RawDescriptor(loop);
            event.open(Win32.kernel("CreateEventW", 0, 1, 0, 0).value());
            masked.write(buffer("x"), logs("sent"), event);
            runUntil(() -> !log.isEmpty());
            assertEquals(List.of("sent EPERM"), log);
            event.close();
            masked.close();
            run();
            assertTrue(OpenHandles.all().size() <= before, "handles put among this process's own");
            assertTrue(Win32.isOpen(secret));
            assertEquals(0, children.getFirst().exitCode());
        } finally {
            children.forEach(ChildJvm::close);
        }
    }

    @Test
    void handlesOfAnotherProcessOfThisUserAreTaken(@TempDir Path directory) throws Exception {
        // As if the other process had put it here.
        long given = Win32.kernel("CreateEventW", 0, 1, 0, 0).value();
        List<ChildJvm> children = new ArrayList<>();
        try {
            Pipe served = servesMasked(directory, 0, given, children);
            RawDescriptor there = new RawDescriptor(loop);
            served.startRead2((pipe, data, pending, error) -> {
                pipe.accept(there);
                log.add("taken");
                pipe.stopRead();
            });
            runUntil(() -> !log.isEmpty());
            assertEquals(given, there.fileno());
            served.close();
            run();
        } finally {
            children.forEach(ChildJvm::close);
        }
    }
}
