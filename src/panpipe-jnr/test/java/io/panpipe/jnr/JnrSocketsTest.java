/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.jnr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.testbed.Patience;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import jnr.enxio.channels.NativeSelectorProvider;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Isolated;

/** Sockets that go over from jnr-unixsocket to a loop and back, alone in the JVM, to count descriptors. */
@Isolated
@EnabledOnOs(OS.LINUX)
class JnrSocketsTest {

    private static final int MUCH = 4 * 1024 * 1024;

    private final Path name = Path.of("/tmp/ppjnr-" + UUID.randomUUID());
    private Loop loop;
    private long before;

    @BeforeEach
    void openLoop() throws Exception {
        // What jnr opens once for all.
        for (UnixSocketChannel once : UnixSocketChannel.pair()) {
            once.close();
        }
        NativeSelectorProvider.getInstance().openSelector().close();
        before = descriptors();
        loop = new Loop();
        loop.uncaughtExceptionHandler((same, thrown) -> {
            throw new IllegalStateException(thrown);
        });
    }

    @AfterEach
    void everyDescriptorIsClosed() throws Exception {
        loop.close();
        Files.deleteIfExists(name);
        assertEquals(before, descriptors(), "open descriptors");
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    private static <T> FutureTask<T> start(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    private static <T> T get(FutureTask<T> task) throws Exception {
        return task.get(Patience.seconds(60).toMillis(), TimeUnit.MILLISECONDS);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String read(ByteChannel channel, int length) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(length);
        while (into.hasRemaining() && channel.read(into) > 0) {
            // More may come.
        }
        return StandardCharsets.UTF_8.decode(into.flip()).toString();
    }

    /** Reads so many bytes of a pipe and runs the loop meanwhile. */
    private String read(Pipe pipe, int length) throws IOException {
        StringBuilder text = new StringBuilder();
        pipe.startRead((same, data, error) -> {
            text.append(data == null ? "<" + error.code() + ">" : StandardCharsets.UTF_8.decode(data));
            if (text.length() >= length) {
                same.stopRead();
            }
        });
        loop.run();
        return text.toString();
    }

    @Test
    void aConnectionGoesOverInTheMidstOfItsConversation() throws Exception {
        for (boolean blocking : new boolean[] {true, false}) {
            UnixSocketChannel[] pair = UnixSocketChannel.pair();
            pair[0].write(bytes("by jnr "));
            pair[1].write(bytes("waits in the socket"));
            pair[0].configureBlocking(blocking);
            Pipe pipe = JnrSockets.adopt(loop, pair[0]);
            assertFalse(pair[0].isOpen());
            assertThrows(ClosedChannelException.class, () -> pair[0].configureBlocking(true));
            pair[0].close();
            assertEquals("waits in the socket", read(pipe, 19));
            pipe.write(bytes("by the loop"));
            loop.run();
            assertEquals("by jnr by the loop", read(pair[1], 18));
            pair[1].close();
            assertEquals("<EOF>", read(pipe, 1));
            pipe.close();
            loop.run();
        }
    }

    @Test
    void aServerGoesOverWithTheClientsThatWait() throws Exception {
        UnixServerSocketChannel server = UnixServerSocketChannel.open();
        server.socket().bind(new UnixSocketAddress(name.toFile()));
        UnixSocketChannel early = UnixSocketChannel.open(new UnixSocketAddress(name.toFile()));
        early.write(bytes("early"));
        Pipe pipe = JnrSockets.adopt(loop, server);
        assertFalse(server.isOpen());
        server.close();
        StringBuilder heard = new StringBuilder();
        pipe.listen((same, error) -> {
            Pipe connection = new Pipe(loop);
            same.accept(connection);
            connection.startRead((c, data, end) -> {
                heard.append(StandardCharsets.UTF_8.decode(data)).append(' ');
                c.close();
                if (heard.toString().equals("early late ")) {
                    same.close();
                }
            });
        });
        UnixSocketChannel late = UnixSocketChannel.open(new UnixSocketAddress(name.toFile()));
        late.write(bytes("late"));
        loop.run();
        assertEquals("early late ", heard.toString());
        early.close();
        late.close();
        assertTrue(Files.exists(name), "the file is its maker's");
    }

    @Test
    void aPipeBecomesAChannelThatBlocks() throws Exception {
        Pipe[] pair = Pipe.pair(loop);
        pair[1].write(bytes("from the loop"));
        loop.run();
        UnixSocketChannel channel = JnrSockets.release(pair[0]);
        assertTrue(pair[0].closed());
        assertTrue(channel.isConnected() && channel.isBlocking());
        assertEquals("from the loop", read(channel, 13));
        FutureTask<String> waiting = start(() -> read(channel, 6));
        pair[1].write(bytes("answer"));
        loop.run();
        assertEquals("answer", get(waiting), "a read waits until there is something");
        FutureTask<Long> sent = start(() -> send(channel));
        CRC32 received = new CRC32();
        pair[1].startRead((same, data, end) -> {
            if (data != null) {
                received.update(data);
            } else {
                same.close();
            }
        });
        loop.run();
        assertEquals(get(sent), received.getValue());
    }

    private static long send(UnixSocketChannel channel) throws IOException {
        byte[] much = new byte[MUCH];
        new Random(5).nextBytes(much);
        CRC32 sum = new CRC32();
        sum.update(much);
        ByteBuffer data = ByteBuffer.wrap(much);
        while (data.hasRemaining()) {
            channel.write(data);
        }
        channel.close();
        return sum.getValue();
    }

    @Test
    void aListeningPipeBecomesAServerThatBlocks() throws Exception {
        Pipe pipe = new Pipe(loop);
        pipe.bind(name.toString());
        pipe.listen((same, error) -> {});
        UnixServerSocketChannel server = JnrSockets.releaseServer(pipe);
        assertTrue(pipe.closed());
        FutureTask<UnixSocketChannel> accepting = start(server::accept);
        Pipe client = new Pipe(loop);
        client.connect(name.toString(), (same, error) -> same.write(bytes("hello")));
        loop.run();
        UnixSocketChannel connection = get(accepting);
        assertNotNull(connection, "an accept waits until there is a client");
        assertEquals("hello", read(connection, 5));
        connection.close();
        server.close();
        client.close();
        assertTrue(Files.exists(name), "the file is whose who asked for this");
    }

    @Test
    void thereAndBackManyTimes() throws Exception {
        UnixSocketChannel[] pair = UnixSocketChannel.pair();
        UnixServerSocketChannel server = UnixServerSocketChannel.open();
        server.socket().bind(new UnixSocketAddress(name.toFile()));
        UnixSocketChannel channel = pair[0];
        for (int i = 0; i < 50; i++) {
            Pipe pipe = JnrSockets.adopt(loop, channel);
            Pipe listener = JnrSockets.adopt(loop, server);
            pipe.write(bytes("round"));
            listener.listen((same, error) -> {});
            loop.run(RunMode.NOWAIT);
            channel = JnrSockets.release(pipe);
            server = JnrSockets.releaseServer(listener);
            assertEquals("round", read(pair[1], 5));
        }
        UnixServerSocketChannel last = server;
        FutureTask<UnixSocketChannel> accepting = start(last::accept);
        UnixSocketChannel.open(new UnixSocketAddress(name.toFile())).close();
        get(accepting).close();
        channel.close();
        pair[1].close();
        server.close();
    }

    @Test
    void whatCannotGoOverStaysAsItWas() throws Exception {
        UnixSocketChannel unconnected = UnixSocketChannel.open();
        assertThrows(IllegalStateException.class, () -> JnrSockets.adopt(loop, unconnected));
        unconnected.close();
        assertThrows(ClosedChannelException.class, () -> JnrSockets.adopt(loop, unconnected));

        UnixSocketChannel[] pair = UnixSocketChannel.pair();
        pair[0].configureBlocking(false);
        Selector selector = NativeSelectorProvider.getInstance().openSelector();
        SelectionKey key = pair[0].register(selector, SelectionKey.OP_READ);
        assertThrows(IllegalStateException.class, () -> JnrSockets.adopt(loop, pair[0]));
        key.cancel();
        selector.selectNow();
        selector.close();

        Pipe owner = new Pipe(loop);
        owner.open(pair[0].getFD());
        PanpipeException twice = assertThrows(PanpipeException.class, () -> JnrSockets.adopt(loop, pair[0]));
        assertEquals(ErrorCode.EEXIST, twice.code());
        assertTrue(pair[0].isOpen());
        owner.detach();
        pair[0].write(bytes("still here"));
        assertEquals("still here", read(pair[1], 10));
        pair[0].close();
        pair[1].close();
    }

    @Test
    void onlyTheRightKindOfPipeIsReleased() throws Exception {
        Pipe fresh = new Pipe(loop);
        assertThrows(IllegalStateException.class, () -> JnrSockets.release(fresh));
        assertThrows(PanpipeException.class, () -> JnrSockets.releaseServer(fresh));
        Pipe[] pair = Pipe.pair(loop);
        assertThrows(IllegalStateException.class, () -> JnrSockets.releaseServer(pair[0]));
        pair[0].write(new byte[MUCH]);
        loop.run(RunMode.NOWAIT);
        assertThrows(IllegalStateException.class, () -> JnrSockets.release(pair[0]), "writes are queued");
        assertFalse(pair[0].closed());
    }
}
