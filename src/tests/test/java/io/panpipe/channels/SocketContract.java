/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import javax.net.SocketFactory;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Sockets as programs know them that take a {@code java.net.Socket}. */
abstract class SocketContract extends ChannelFixture {

    /** More than the system's buffers and our own hold. */
    private static final int MUCH = 3 * 1024 * 1024;

    /** What a call ended with, and whether its thread was interrupted then. */
    private record Ended(Throwable thrown, boolean interrupted) {}

    private static Running<Ended> waits(boolean virtual, Executable call) {
        Callable<Ended> task = () -> {
            try {
                call.execute();
                return new Ended(null, Thread.interrupted());
            } catch (Throwable thrown) {
                return new Ended(thrown, Thread.interrupted());
            }
        };
        if (virtual) {
            return start(task);
        }
        FutureTask<Ended> running = new FutureTask<>(task);
        return new Running<>(running, Thread.ofPlatform().daemon().start(running));
    }

    /** Two sockets that are connected with each other. */
    private record Sockets(PipeSocket a, PipeSocket b) {}

    private Sockets sockets() throws Exception {
        Ends ends = ends();
        return new Sockets(closing(PipeSocket.of(ends.a())), closing(PipeSocket.of(ends.b())));
    }

    private PipeServerSocket serverSocket(int backlog) throws IOException {
        PipeServerSocket server = closing(new PipeServerSocket(loop));
        server.bind(PipeAddress.of(freshName()), backlog);
        return server;
    }

    private PipeServerSocket serverSocket() throws IOException {
        return serverSocket(0);
    }

    private PipeSocket unconnected() throws IOException {
        return closing(new PipeSocket(loop));
    }

    private PipeSocket connected(ServerSocket server) throws IOException {
        PipeSocket socket = unconnected();
        socket.connect(server.getLocalSocketAddress());
        return socket;
    }

    private static byte[] random(int length) {
        byte[] data = new byte[length];
        new Random(length).nextBytes(data);
        return data;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void assertSocketException(String message, Executable call) {
        assertEquals(message, assertThrows(SocketException.class, call).getMessage());
    }

    private static void assertEnded(String message, boolean interrupted, Running<Ended> running) throws Exception {
        Ended ended = running.get();
        assertInstanceOf(SocketException.class, ended.thrown(), () -> "it returned");
        assertEquals(message, ended.thrown().getMessage());
        assertEquals(interrupted, ended.interrupted(), "the interrupt status");
    }

    /** Lets some turns of the loop pass, in which a thread that was to end its wait would have ended it. */
    private void assertWaitsOn(Running<Ended> running) throws Exception {
        for (int turn = 0; turn < 100; turn++) {
            onLoop(() -> null);
        }
        assertFalse(running.task().isDone(), "it waits no more");
        running.parked();
    }

    private static void writeForEver(Socket socket) throws IOException {
        byte[] data = new byte[1 << 20];
        while (true) {
            socket.getOutputStream().write(data);
        }
    }

    private void stuck(PipeSocket reader, Running<?> writer) throws Exception {
        await("data has come", () -> available(reader.pipeChannel()) > 0);
        for (int turn = 0; turn < 100; turn++) {
            onLoop(() -> null);
        }
        writer.parked();
    }

    /** Fills the backlog of a server that accepts nobody. */
    private void fillBacklog(ServerSocket server) throws IOException {
        String name = ((PipeAddress) server.getLocalSocketAddress()).name();
        for (int i = 0; i < 100; i++) {
            try {
                closing(PipeChannel.connect(loop, name, Duration.ZERO));
            } catch (PanpipeException full) {
                assertEquals(ErrorCode.ETIMEDOUT, full.code());
                return;
            }
        }
        fail("a hundred clients wait, and the backlog is not full");
    }

    @Test
    void aServerAnswersAClient() throws Exception {
        PipeServerSocket server = serverSocket();
        Running<String> serving = start(() -> {
            try (Socket connection = server.accept()) {
                String asked = new String(connection.getInputStream().readNBytes(5), StandardCharsets.US_ASCII);
                connection.getOutputStream().write(ascii(asked.toUpperCase()));
                return asked;
            }
        });
        try (PipeSocket client = connected(server)) {
            client.getOutputStream().write(ascii("hello"));
            InputStream in = client.getInputStream();
            assertEquals('H', in.read());
            assertEquals("ELLO", new String(in.readAllBytes(), StandardCharsets.US_ASCII));
            assertEquals(-1, in.read());
            assertEquals(-1, in.read(new byte[5]), "and again");
        }
        assertEquals("hello", serving.get());
    }

    @Test
    void muchGoesBothWaysAtOnce() throws Exception {
        Sockets sockets = sockets();
        byte[] data = random(MUCH);
        List<Running<?>> all = new ArrayList<>();
        for (PipeSocket socket : List.of(sockets.a(), sockets.b())) {
            all.add(start(() -> {
                OutputStream out = socket.getOutputStream();
                out.write(data[0]);
                out.write(data, 1, MUCH - 1);
                return null;
            }));
            all.add(start(() -> {
                byte[] come = socket.getInputStream().readNBytes(MUCH);
                assertTrue(Arrays.equals(data, come), "what has come is something else");
                return null;
            }));
        }
        for (Running<?> one : all) {
            one.get();
        }
    }

    @Test
    void aSocketTellsHowFarItIs() throws Exception {
        PipeServerSocket server = closing(new PipeServerSocket(loop));
        assertFalse(server.isBound());
        assertEquals(-1, server.getLocalPort());
        assertNull(server.getInetAddress());
        assertNull(server.getLocalSocketAddress());
        assertNull(server.pipeChannel());
        assertEquals("PipeServerSocket[unbound]", server.toString());
        PipeAddress address = PipeAddress.of(freshName());
        server.bind(address);
        assertTrue(server.isBound());
        assertEquals(0, server.getLocalPort());
        assertEquals(address, server.getLocalSocketAddress());

        PipeSocket client = unconnected();
        assertFalse(client.isConnected());
        assertFalse(client.isBound());
        assertFalse(client.isClosed());
        assertNull(client.getInetAddress());
        assertEquals(0, client.getPort());
        assertEquals(-1, client.getLocalPort());
        assertTrue(client.getLocalAddress().isAnyLocalAddress());
        assertNull(client.getRemoteSocketAddress());
        assertNull(client.getLocalSocketAddress());
        assertNull(client.pipeChannel());
        assertEquals("PipeSocket[unconnected]", client.toString());

        client.connect(address);
        PipeSocket connection = closing(server.accept());
        for (PipeSocket socket : List.of(client, connection)) {
            assertTrue(socket.isConnected());
            assertTrue(socket.isBound());
            assertFalse(socket.isInputShutdown());
            assertFalse(socket.isOutputShutdown());
            assertTrue(socket.getInetAddress().isLoopbackAddress());
            assertTrue(socket.getLocalAddress().isLoopbackAddress());
            assertEquals(0, socket.getPort());
            assertEquals(0, socket.getLocalPort());
            assertNull(socket.getChannel());
            assertSame(socket.getInputStream(), socket.getInputStream());
            assertSame(socket.getOutputStream(), socket.getOutputStream());
            assertEquals(ProcessHandle.current().pid(), socket.pipeChannel().peerCredentials().pid());
        }
        assertEquals(address, client.getRemoteSocketAddress());
        assertEquals(address, connection.getLocalSocketAddress());
        assertInstanceOf(PipeAddress.class, connection.getRemoteSocketAddress());
        assertInstanceOf(PipeAddress.class, onLoop(client::getLocalSocketAddress), "the loop may ask itself");
        assertEquals("PipeSocket[" + address + "]", client.toString());

        client.close();
        client.close();
        server.close();
        server.close();
        assertTrue(client.isClosed());
        assertTrue(client.isConnected(), "as it was");
        assertTrue(client.isBound(), "as it was");
        assertEquals(address, client.getRemoteSocketAddress());
        assertTrue(client.getLocalAddress().isAnyLocalAddress());
        assertTrue(server.isClosed());
        assertTrue(server.isBound(), "as it was");
        assertEquals(address, server.getLocalSocketAddress());
    }

    @Test
    void aServerPicksANameIfItIsGivenNone() throws Exception {
        PipeServerSocket server = closing(new PipeServerSocket(loop));
        server.bind(null);
        String name = ((PipeAddress) server.getLocalSocketAddress()).name();
        assertFalse(name.isEmpty());
        PipeSocket client = connected(server);
        client.getOutputStream().write(7);
        assertEquals(7, closing(server.accept()).getInputStream().read());
    }

    @Test
    void wrongUseOfASocketIsRefused() throws Exception {
        PipeServerSocket server = serverSocket();
        SocketAddress address = server.getLocalSocketAddress();
        PipeSocket socket = unconnected();
        assertThrows(IllegalArgumentException.class, () -> socket.connect(null));
        assertThrows(IllegalArgumentException.class, () -> socket.connect(address, -1));
        assertThrows(IllegalArgumentException.class, () -> socket.connect(new InetSocketAddress(1)));
        assertThrows(IllegalArgumentException.class, () -> socket.connect(new SocketAddress() {}));
        assertThrows(IllegalArgumentException.class, () -> socket.bind(address));
        assertSocketException("Socket is not connected", socket::getInputStream);
        assertSocketException("Socket is not connected", socket::getOutputStream);
        assertSocketException("Socket is not connected", socket::shutdownInput);
        assertSocketException("Socket is not connected", socket::shutdownOutput);
        assertSocketException("Urgent data not supported", () -> socket.sendUrgentData(1));
        socket.bind(new InetSocketAddress(0));
        assertSocketException("Already bound", () -> socket.bind(null));
        assertFalse(socket.isClosed());
        socket.connect(address);
        assertSocketException("Already connected", () -> socket.connect(address));
        InputStream in = socket.getInputStream();
        assertThrows(IndexOutOfBoundsException.class, () -> in.read(new byte[5], 3, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> socket.getOutputStream().write(new byte[5], 3, 3));
        assertEquals(0, in.read(new byte[0]));
        assertEquals(0, in.available());
        OutputStream out = socket.getOutputStream();
        socket.close();
        assertSocketException("Socket is closed", () -> socket.connect(address));
        assertSocketException("Socket is closed", () -> socket.bind(null));
        assertSocketException("Socket is closed", socket::getInputStream);
        assertSocketException("Socket is closed", socket::getOutputStream);
        assertSocketException("Socket is closed", socket::shutdownInput);
        assertSocketException("Socket is closed", socket::shutdownOutput);
        assertSocketException("Socket is closed", socket::getSoTimeout);
        assertSocketException("Socket is closed", () -> socket.setTcpNoDelay(true));
        assertSocketException("Socket is closed", () -> socket.setOption(StandardSocketOptions.TCP_NODELAY, true));
        assertSocketException("Socket closed", in::read);
        assertSocketException("Socket closed", in::available);
        assertSocketException("Socket closed", () -> out.write(1));
        assertSocketException("Socket is closed", () -> PipeSocket.of(socket.pipeChannel()));
    }

    @Test
    void wrongUseOfAServerIsRefused() throws Exception {
        PipeServerSocket server = closing(new PipeServerSocket(loop));
        assertSocketException("Socket is not bound yet", server::accept);
        assertThrows(IllegalArgumentException.class, () -> server.bind(new InetSocketAddress(0)));
        assertThrows(IllegalArgumentException.class, () -> server.setSoTimeout(-1));
        server.bind(PipeAddress.of(freshName()));
        assertSocketException("Already bound", () -> server.bind(PipeAddress.of(freshName())));
        server.close();
        assertSocketException("Socket is closed", server::accept);
        assertSocketException("Socket is closed", () -> server.bind(null));
        assertSocketException("Socket is closed", server::getSoTimeout);
        assertSocketException("Socket is closed", () -> PipeServerSocket.of(server.pipeChannel()));
    }

    @Test
    void whereNobodyListensConnectSaysSo() throws Exception {
        PipeSocket socket = unconnected();
        ConnectException nobody =
                assertThrows(ConnectException.class, () -> socket.connect(PipeAddress.of(freshName())));
        assertEquals(ErrorCode.ENOENT, assertInstanceOf(PanpipeException.class, nobody.getCause()).code());
        assertTrue(socket.isClosed(), "as the JDK closes a socket that could not be connected");
        assertFalse(socket.isConnected());
        assertSocketException("Socket is closed", () -> socket.connect(PipeAddress.of(freshName())));
    }

    @Test
    void aNameThatIsTakenIsABindException() throws Exception {
        assumeFalse(WINDOWS, "there are Wines that let two servers have one name");
        SocketAddress taken = serverSocket().getLocalSocketAddress();
        PipeServerSocket second = closing(new PipeServerSocket(loop));
        BindException refused = assertThrows(BindException.class, () -> second.bind(taken));
        assertEquals(ErrorCode.EADDRINUSE, assertInstanceOf(PanpipeException.class, refused.getCause()).code());
        assertFalse(second.isClosed());
        second.bind(PipeAddress.of(freshName()));
    }

    @Test
    void aReadEndsWhenItsTimeIsUpAndTheNextOneGoesOn() throws Exception {
        Sockets sockets = sockets();
        sockets.a().setSoTimeout(20);
        assertEquals(20, sockets.a().getSoTimeout());
        InputStream in = sockets.a().getInputStream();
        SocketTimeoutException late = assertThrows(SocketTimeoutException.class, in::read);
        assertEquals("Read timed out", late.getMessage());
        assertFalse(sockets.a().isClosed());
        sockets.a().setSoTimeout(0);
        sockets.b().getOutputStream().write(ascii("later"));
        assertEquals("later", new String(in.readNBytes(5), StandardCharsets.US_ASCII));
        assertThrows(IllegalArgumentException.class, () -> sockets.a().setSoTimeout(-1));
    }

    @Test
    void aTimeThatWasSetBeforeCounts() throws Exception {
        PipeServerSocket server = serverSocket();
        PipeSocket socket = unconnected();
        socket.setSoTimeout(20);
        socket.connect(server.getLocalSocketAddress());
        assertThrows(SocketTimeoutException.class, () -> socket.getInputStream().read());
    }

    @Test
    void anAcceptEndsWhenItsTimeIsUpAndTheNextOneGoesOn() throws Exception {
        PipeServerSocket server = serverSocket();
        server.setSoTimeout(20);
        assertEquals(20, server.getSoTimeout());
        assertEquals("Accept timed out", assertThrows(SocketTimeoutException.class, server::accept).getMessage());
        server.setSoTimeout(0);
        PipeSocket client = connected(server);
        closing(server.accept()).getOutputStream().write(3);
        assertEquals(3, client.getInputStream().read());
    }

    @Test
    void aConnectEndsWhenItsTimeIsUp() throws Exception {
        assumeFalse(WINDOWS, "a named pipe has no backlog that can be filled");
        PipeServerSocket server = serverSocket(1);
        fillBacklog(server);
        PipeSocket socket = unconnected();
        SocketTimeoutException late = assertThrows(
                SocketTimeoutException.class, () -> socket.connect(server.getLocalSocketAddress(), 20));
        assertEquals("Connect timed out", late.getMessage());
        assertTrue(socket.isClosed());
    }

    @Test
    void halfCloseEndsOneDirection() throws Exception {
        assumeFalse(WINDOWS, "named pipes have no half-close");
        Sockets sockets = sockets();
        OutputStream out = sockets.a().getOutputStream();
        out.write(ascii("last words"));
        sockets.a().shutdownOutput();
        assertTrue(sockets.a().isOutputShutdown());
        assertFalse(sockets.a().isInputShutdown());
        assertEquals("last words",
                new String(sockets.b().getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        assertSocketException("Socket output is shutdown", () -> out.write(1));
        assertSocketException("Socket output is shutdown", sockets.a()::getOutputStream);
        assertSocketException("Socket output is already shutdown", sockets.a()::shutdownOutput);
        sockets.b().getOutputStream().write(5);
        assertEquals(5, sockets.a().getInputStream().read());
    }

    @Test
    void whereThereIsNoHalfCloseTheSocketSaysSoAndGoesOn() throws Exception {
        assumeTrue(WINDOWS, "sockets have a half-close");
        Sockets sockets = sockets();
        SocketException refused = assertThrows(SocketException.class, sockets.a()::shutdownOutput);
        assertEquals(ErrorCode.ENOTSUP, assertInstanceOf(PanpipeException.class, refused.getCause()).code());
        assertFalse(sockets.a().isOutputShutdown());
        sockets.a().getOutputStream().write(5);
        assertEquals(5, sockets.b().getInputStream().read());
    }

    @Test
    void shutdownInputEndsTheWaitOfAReaderAndWhatComesIsThrownAway() throws Exception {
        for (boolean virtual : new boolean[] {true, false}) {
            Sockets sockets = sockets();
            InputStream in = sockets.a().getInputStream();
            Running<Ended> reader = waits(virtual, () -> assertEquals(-1, in.read())).parked();
            sockets.a().shutdownInput();
            assertNull(reader.get().thrown());
            sockets.b().getOutputStream().write(random(MUCH));
            assertEquals(0, in.available());
            assertEquals(-1, in.read());
            assertTrue(sockets.a().isInputShutdown());
            assertSocketException("Socket input is shutdown", sockets.a()::getInputStream);
            assertSocketException("Socket input is already shutdown", sockets.a()::shutdownInput);
            sockets.a().getOutputStream().write(9);
            assertEquals(9, sockets.b().getInputStream().read(), "the other direction goes on");
        }
    }

    @Test
    void shutdownInputThrowsAwayWhatHasCome() throws Exception {
        Sockets sockets = sockets();
        sockets.b().getOutputStream().write(random(1000));
        InputStream in = sockets.a().getInputStream();
        assertTrue(in.read() >= 0);
        sockets.a().shutdownInput();
        assertEquals(-1, in.read());
        assertEquals(-1, in.read(new byte[10]));
    }

    @Test
    void shutdownInputEndsAFutureAndAReaderThatFollowsOne() throws Exception {
        Ends ends = ends();
        CompletableFuture<Integer> promise = ends.a().readAsync(ByteBuffer.allocate(10));
        ends.a().shutdownInput();
        assertEquals(-1, get(promise));
        assertEquals(-1, ends.a().read(ByteBuffer.allocate(10)));
        assertEquals(-1, get(ends.a().readAsync(ByteBuffer.allocate(10))));
        // The loop has read for a future, and a thread waits for it to make way.
        Ends others = ends();
        CompletableFuture<Integer> given = others.a().readAsync(ByteBuffer.allocate(10));
        assertTrue(given.cancel(true));
        Running<Ended> reader =
                waits(true, () -> assertEquals(-1, others.a().read(ByteBuffer.allocate(1)))).parked();
        others.a().shutdownInput();
        assertNull(reader.get().thrown());
        others.b().write(ByteBuffer.wrap(random(MUCH)));
    }

    @Test
    void shutdownInputRacesReadersAndNobodyStays() throws Exception {
        for (int i = 0; i < 200; i++) {
            Sockets sockets = sockets();
            InputStream in = sockets.a().getInputStream();
            Running<Ended> reader = waits(i % 2 == 0, () -> {
                while (in.read() >= 0) {
                    // Until the end.
                }
            });
            if (i % 3 == 0) {
                sockets.b().getOutputStream().write(random(10));
            }
            sockets.a().shutdownInput();
            assertNull(reader.get().thrown());
            sockets.a().close();
            sockets.b().close();
        }
    }

    @Test
    void anInterruptOfAVirtualThreadClosesTheSocket() throws Exception {
        Sockets read = sockets();
        Running<Ended> reader = waits(true, () -> read.a().getInputStream().read()).parked();
        reader.thread().interrupt();
        assertEnded("Closed by interrupt", true, reader);
        assertTrue(read.a().isClosed());
        assertEquals(-1, read.b().getInputStream().read());

        Sockets written = sockets();
        Running<Ended> writer = waits(true, () -> writeForEver(written.a()));
        stuck(written.b(), writer);
        writer.thread().interrupt();
        assertEnded("Closed by interrupt", true, writer);
        assertTrue(written.a().isClosed());

        PipeServerSocket server = serverSocket();
        Running<Ended> accepting = waits(true, server::accept).parked();
        accepting.thread().interrupt();
        assertEnded("Closed by interrupt", true, accepting);
        assertTrue(server.isClosed());
    }

    @Test
    void anInterruptLeavesAPlatformThreadAlone() throws Exception {
        Sockets read = sockets();
        InputStream in = read.a().getInputStream();
        Running<Ended> reader = waits(false, () -> assertEquals(1, in.read())).parked();
        reader.thread().interrupt();
        // This one waits for its turn.
        Running<Ended> second = waits(false, () -> assertEquals(2, in.read())).parked();
        second.thread().interrupt();
        assertWaitsOn(reader);
        assertWaitsOn(second);
        read.b().getOutputStream().write(1);
        assertEquals(new Ended(null, true), reader.get());
        read.b().getOutputStream().write(2);
        assertEquals(new Ended(null, true), second.get());

        Sockets written = sockets();
        Running<Ended> writer =
                waits(false, () -> written.a().getOutputStream().write(random(MUCH)));
        stuck(written.b(), writer);
        writer.thread().interrupt();
        assertWaitsOn(writer);
        assertEquals(MUCH, written.b().getInputStream().readNBytes(MUCH).length);
        assertEquals(new Ended(null, true), writer.get());

        PipeServerSocket server = serverSocket();
        Running<Ended> accepting = waits(false, () -> closing(server.accept())).parked();
        accepting.thread().interrupt();
        // An interrupt that stays would wake it again and again.
        await("the interrupt is put aside", () -> !accepting.thread().isInterrupted());
        assertWaitsOn(accepting);
        connected(server);
        assertEquals(new Ended(null, true), accepting.get());
    }

    @Test
    void anInterruptThatCameBeforeLeavesAPlatformThreadAlone() throws Exception {
        PipeServerSocket server = serverSocket();
        Running<Ended> everything = waits(false, () -> {
            Thread.currentThread().interrupt();
            PipeSocket client = connected(server);
            PipeSocket connection = closing(server.accept());
            client.setSendBufferSize(100_000);
            client.getOutputStream().write(6);
            assertEquals(6, connection.getInputStream().read());
            connection.setSoTimeout(20);
            assertThrows(SocketTimeoutException.class, () -> connection.getInputStream().read());
            PipeServerSocket other = serverSocket();
            assertTrue(other.isBound());
        });
        assertEquals(new Ended(null, true), everything.get());
    }

    @Test
    void anInterruptEndsTheConnectOfAVirtualThreadAlone() throws Exception {
        assumeFalse(WINDOWS, "a named pipe has no backlog that can be filled");
        PipeServerSocket server = serverSocket(1);
        fillBacklog(server);
        SocketAddress address = server.getLocalSocketAddress();
        PipeSocket given = unconnected();
        Running<Ended> virtual = waits(true, () -> given.connect(address)).parked();
        virtual.thread().interrupt();
        assertEnded("Closed by interrupt", true, virtual);
        assertTrue(given.isClosed());

        PipeSocket patient = unconnected();
        Running<Ended> platform = waits(false, () -> patient.connect(address)).parked();
        platform.thread().interrupt();
        assertWaitsOn(platform);
        server.setSoTimeout(10);
        while (!platform.task().isDone()) {
            try {
                closing(server.accept());
            } catch (SocketTimeoutException nobodyYet) {
                // It looks again whether there is room.
            }
        }
        assertEquals(new Ended(null, true), platform.get());
        assertTrue(patient.isConnected());
    }

    @Test
    void closingEndsEveryWait() throws Exception {
        for (boolean virtual : new boolean[] {true, false}) {
            Sockets read = sockets();
            Running<Ended> reader = waits(virtual, () -> read.a().getInputStream().read()).parked();
            read.a().close();
            assertEnded("Socket closed", false, reader);

            Sockets written = sockets();
            Running<Ended> writer = waits(virtual, () -> writeForEver(written.a()));
            stuck(written.b(), writer);
            written.a().close();
            assertEnded("Socket closed", false, writer);

            PipeServerSocket server = serverSocket();
            Running<Ended> accepting = waits(virtual, server::accept).parked();
            server.close();
            assertEnded("Socket closed", false, accepting);
        }
    }

    @Test
    void closingEndsAConnect() throws Exception {
        assumeFalse(WINDOWS, "a named pipe has no backlog that can be filled");
        PipeServerSocket server = serverSocket(1);
        fillBacklog(server);
        for (boolean virtual : new boolean[] {true, false}) {
            PipeSocket socket = unconnected();
            Running<Ended> connecting =
                    waits(virtual, () -> socket.connect(server.getLocalSocketAddress())).parked();
            assertSocketException("Connection in progress", () -> socket.connect(server.getLocalSocketAddress()));
            socket.close();
            assertEnded("Socket closed", false, connecting);
            assertFalse(socket.isConnected());
        }
    }

    @Test
    void closingAStreamClosesTheSocket() throws Exception {
        Sockets sockets = sockets();
        sockets.a().getInputStream().close();
        assertTrue(sockets.a().isClosed());
        assertEquals(-1, sockets.b().getInputStream().read());
        sockets.b().getOutputStream().close();
        assertTrue(sockets.b().isClosed());
    }

    @Test
    void closingRacesConnectingAndNothingIsLeft() throws Exception {
        PipeServerSocket server = serverSocket();
        Running<Ended> accepting = waits(true, () -> {
            while (true) {
                server.accept().close();
            }
        });
        for (int i = 0; i < 200; i++) {
            PipeSocket socket = new PipeSocket(loop);
            Running<Ended> connecting =
                    waits(i % 2 == 0, () -> socket.connect(server.getLocalSocketAddress()));
            for (int spin = 0; spin < i % 20; spin++) {
                Thread.yield();
            }
            socket.close();
            Ended ended = connecting.get();
            assertTrue(ended.thrown() == null || ended.thrown() instanceof SocketException, () -> "" + ended);
            assertTrue(socket.isClosed());
        }
        server.close();
        accepting.get();
        // The fixture sees whether a handle is left.
    }

    @Test
    void closingRacesReadersAndWriters() throws Exception {
        for (int i = 0; i < 200; i++) {
            Sockets sockets = sockets();
            Running<Ended> writer = waits(i % 2 == 0, () -> writeForEver(sockets.a()));
            Running<Ended> reader = waits(i % 3 == 0, () -> {
                byte[] into = new byte[100_000];
                while (sockets.b().getInputStream().read(into) >= 0) {
                    // Until the end.
                }
            });
            (i % 4 < 2 ? sockets.a() : sockets.b()).close();
            assertInstanceOf(SocketException.class, writer.get().thrown());
            Throwable thrown = reader.get().thrown();
            assertTrue(thrown == null || thrown instanceof SocketException, () -> "" + thrown);
            sockets.a().close();
            sockets.b().close();
        }
    }

    @Test
    void aSocketIsClosedWithItsLoop() throws Exception {
        LoopThread own = new LoopThread();
        PipeServerSocket server = new PipeServerSocket(own.loop());
        server.bind(PipeAddress.of(freshName()));
        PipeSocket client = new PipeSocket(own.loop());
        client.connect(server.getLocalSocketAddress());
        Running<Ended> reader = waits(true, () -> client.getInputStream().read()).parked();
        own.close();
        assertEnded("Socket closed", false, reader);
        assertTrue(client.isClosed());
        assertTrue(server.isClosed());
        assertSocketException("Socket is closed", client::getSendBufferSize);
        assertThrows(IllegalStateException.class, () -> new PipeSocket(own.loop()).connect(PipeAddress.of("never")));
    }

    @Test
    void theLoopsOwnThreadMayNotWait() throws Exception {
        Sockets sockets = sockets();
        PipeServerSocket server = serverSocket();
        PipeSocket unconnected = unconnected();
        for (Executable call : List.<Executable>of(
                () -> sockets.a().getInputStream().read(),
                () -> sockets.a().getOutputStream().write(1),
                server::accept,
                () -> unconnected.connect(server.getLocalSocketAddress()),
                () -> new PipeServerSocket(loop).bind(null))) {
            onLoop(() -> assertThrows(IllegalStateException.class, call));
        }
        assertFalse(sockets.a().isClosed());
        unconnected.connect(server.getLocalSocketAddress());
    }

    @Test
    void whatIsWrittenToAnEndThatIsClosedIsABrokenPipe() throws Exception {
        Sockets sockets = sockets();
        get(sockets.b().pipeChannel().closeAsync());
        SocketException refused = assertThrows(SocketException.class, () -> writeForEver(sockets.a()));
        assertEquals("Broken pipe", refused.getMessage());
        assertEquals(ErrorCode.EPIPE, assertInstanceOf(PanpipeException.class, refused.getCause()).code());
        assertFalse(sockets.a().isClosed());
    }

    @Test
    void optionsThatDriversSetAreKept() throws Exception {
        PipeServerSocket server = serverSocket();
        PipeSocket connection = connected(server);
        for (PipeSocket socket : List.of(unconnected(), connection)) {
            assertFalse(socket.getTcpNoDelay());
            socket.setTcpNoDelay(true);
            assertTrue(socket.getTcpNoDelay());
            socket.setKeepAlive(true);
            assertTrue(socket.getKeepAlive());
            socket.setReuseAddress(true);
            assertTrue(socket.getReuseAddress());
            socket.setOOBInline(true);
            assertTrue(socket.getOOBInline());
            assertEquals(-1, socket.getSoLinger());
            socket.setSoLinger(true, 100_000);
            assertEquals(65_535, socket.getSoLinger());
            socket.setSoLinger(false, -7);
            assertEquals(-1, socket.getSoLinger());
            socket.setTrafficClass(0x10);
            assertEquals(0x10, socket.getTrafficClass());
            socket.setPerformancePreferences(1, 2, 3);
            assertTrue(socket.getSendBufferSize() > 0);
            assertTrue(socket.getReceiveBufferSize() > 0);
            socket.setSendBufferSize(100_000);
            socket.setReceiveBufferSize(100_000);
            assertTrue(socket.getSendBufferSize() >= 100_000, () -> "the system's, or what was asked for");
            assertTrue(socket.getReceiveBufferSize() >= 100_000);
            assertThrows(IllegalArgumentException.class, () -> socket.setSoLinger(true, -1));
            assertThrows(IllegalArgumentException.class, () -> socket.setTrafficClass(256));
            assertThrows(IllegalArgumentException.class, () -> socket.setSendBufferSize(0));
            assertThrows(IllegalArgumentException.class, () -> socket.setReceiveBufferSize(0));
        }
        assertTrue(onLoop(connection::getSendBufferSize) >= 100_000);
    }

    @Test
    void optionsHaveNames() throws Exception {
        PipeServerSocket server = serverSocket();
        PipeSocket socket = connected(server);
        List<SocketOption<Boolean>> flags = List.of(StandardSocketOptions.TCP_NODELAY,
                StandardSocketOptions.SO_KEEPALIVE, StandardSocketOptions.SO_REUSEADDR);
        for (SocketOption<Boolean> flag : flags) {
            assertSame(socket, socket.setOption(flag, true));
            assertTrue(socket.getOption(flag), flag::name);
        }
        List<SocketOption<Integer>> numbers = List.of(StandardSocketOptions.SO_SNDBUF,
                StandardSocketOptions.SO_RCVBUF, StandardSocketOptions.SO_LINGER, StandardSocketOptions.IP_TOS);
        for (SocketOption<Integer> number : numbers) {
            socket.setOption(number, 200);
            assertTrue(socket.getOption(number) >= 200, number::name);
            assertTrue(socket.supportedOptions().contains(number));
        }
        socket.setOption(StandardSocketOptions.SO_LINGER, -1);
        assertEquals(-1, socket.getSoLinger());
        assertThrows(IllegalArgumentException.class, () -> socket.setOption(StandardSocketOptions.IP_TOS, null));
        // Those that the JDK has elsewhere, and HttpClient sets.
        assertEquals(0, socket.getOption(ExtendedSocketOptions.TCP_KEEPIDLE));
        socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 30);
        assertEquals(30, socket.getOption(ExtendedSocketOptions.TCP_KEEPIDLE));
        assertFalse(socket.getOption(ExtendedSocketOptions.TCP_QUICKACK));
        assertThrows(UnsupportedOperationException.class,
                () -> socket.setOption(ExtendedSocketOptions.SO_INCOMING_NAPI_ID, 1));
        SocketOption<Boolean> broadcast = StandardSocketOptions.SO_BROADCAST;
        assertFalse(socket.supportedOptions().contains(broadcast));
        assertThrows(UnsupportedOperationException.class, () -> socket.setOption(broadcast, true));
        assertThrows(UnsupportedOperationException.class, () -> socket.getOption(broadcast));
        assertThrows(NullPointerException.class, () -> socket.getOption(null));

        server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        assertTrue(server.getOption(StandardSocketOptions.SO_REUSEADDR));
        server.setOption(StandardSocketOptions.SO_RCVBUF, 100_000);
        assertEquals(100_000, server.getOption(StandardSocketOptions.SO_RCVBUF));
        assertTrue(closing(server.accept()).getReceiveBufferSize() >= 100_000);
        assertThrows(UnsupportedOperationException.class, () -> server.getOption(broadcast));
        assertThrows(UnsupportedOperationException.class, () -> server.setOption(broadcast, true));
        assertEquals(2, server.supportedOptions().size());
    }

    @Test
    void aFactoryLeadsEveryAddressToItsPipe() throws Exception {
        PipeServerSocket server = serverSocket();
        String name = ((PipeAddress) server.getLocalSocketAddress()).name();
        PipeSocketFactory factory = new PipeSocketFactory(loop, name);
        InetAddress local = InetAddress.getLoopbackAddress();
        List<Callable<Socket>> ways = List.of(
                () -> {
                    Socket socket = factory.createSocket();
                    assertFalse(socket.isConnected());
                    socket.connect(InetSocketAddress.createUnresolved("nowhere.invalid", 5432), 60_000);
                    assertEquals(5432, socket.getPort());
                    return socket;
                },
                () -> factory.createSocket("nowhere.invalid", 80),
                () -> factory.createSocket("nowhere.invalid", 80, local, 0),
                () -> factory.createSocket(InetAddress.getByAddress(new byte[] {10, 1, 2, 3}), 80),
                () -> factory.createSocket(local, 80, local, 0));
        for (Callable<Socket> way : ways) {
            Socket socket = closing(way.call());
            assertTrue(socket.isConnected());
            assertEquals(server.getLocalSocketAddress(), socket.getRemoteSocketAddress());
            assertNotNull(socket.getInetAddress());
            socket.getOutputStream().write(8);
            assertEquals(8, closing(server.accept()).getInputStream().read());
        }
        Socket asked = closing(factory.createSocket(InetAddress.getByAddress(new byte[] {10, 1, 2, 3}), 80));
        assertEquals("10.1.2.3", asked.getInetAddress().getHostAddress());
        assertEquals(80, asked.getPort());
        assertTrue(factory.toString().contains(name), factory::toString);
    }

    @Test
    void aFactoryWithoutANameLooksForOneInTheSystemProperties() throws Exception {
        PipeServerSocket server = serverSocket();
        String name = ((PipeAddress) server.getLocalSocketAddress()).name();
        String host = "host" + name.hashCode() + ".invalid";
        String property = PipeSocketFactory.PROPERTY + "." + host;
        List<SocketFactory> factories =
                List.of(new PipeSocketFactory(), new PipeSocketFactory(null), PipeSocketFactory.getDefault());
        for (SocketFactory factory : factories) {
            Socket early = closing(factory.createSocket());
            SocketException unknown = assertThrows(
                    SocketException.class, () -> early.connect(InetSocketAddress.createUnresolved(host, 1)));
            assertTrue(unknown.getMessage().contains(property), unknown::getMessage);
            System.setProperty(property, name);
            try (Socket socket = factory.createSocket(host, 1)) {
                assertEquals(server.getLocalSocketAddress(), socket.getRemoteSocketAddress());
                closing(server.accept());
                get(((PipeSocket) socket).pipeChannel().closeAsync());
            } finally {
                System.clearProperty(property);
            }
        }
        assertThrows(IllegalArgumentException.class, () -> new PipeSocketFactory(""));
    }

    @Test
    void socketsUseTheSharedLoopIfTheyAreGivenNone() throws Exception {
        String name = freshName();
        try (PipeServerSocket server = new PipeServerSocket(name);
                PipeSocket client = new PipeSocket(name);
                Socket third = new PipeSocketFactory(name).createSocket("localhost", 1);
                PipeSocket connection = server.accept()) {
            client.getOutputStream().write(4);
            assertEquals(4, connection.getInputStream().read());
            assertEquals(LoopThread.sharedLoop(), client.pipeChannel().loop());
            assertTrue(third.isConnected());
            get(server.pipeChannel().closeAsync());
        }
        assertThrows(ConnectException.class, () -> new PipeSocket(freshName()));
        if (!WINDOWS) {
            PipeServerSocket path = closing(new PipeServerSocket(loop));
            path.bind(UnixDomainSocketAddress.of(freshName()));
            PipeSocket client = unconnected();
            client.connect(UnixDomainSocketAddress.of(((PipeAddress) path.getLocalSocketAddress()).name()));
            assertTrue(client.isConnected());
        }
    }

    @Test
    void aServerOfOthersTermsBecomesASocket() throws Exception {
        PipeServerChannel channel = server();
        PipeServerSocket server = closing(PipeServerSocket.of(channel));
        assertSame(channel, server.pipeChannel());
        PipeSocket client = connected(server);
        assertEquals(PipeAddress.of(channel.localName()), client.getRemoteSocketAddress());
        client.close();
        assertEquals(-1, closing(server.accept()).getInputStream().read());
    }
}
