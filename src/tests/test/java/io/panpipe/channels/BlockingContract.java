/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** What a thread that waits sees of a channel. */
abstract class BlockingContract extends ChannelFixture {

    private static final int HUGE = 32 * 1024 * 1024;

    @Test
    void aServerAnswersAClient() throws Exception {
        PipeServerChannel server = server();
        Running<String> serving = start(() -> {
            try (PipeChannel connection = server.accept()) {
                String asked = readText(connection, 5);
                connection.write(bytes(asked.toUpperCase()));
                return asked;
            }
        });
        try (PipeChannel client = PipeChannel.connect(loop, server.localName())) {
            assertEquals(5, client.write(bytes("hello")));
            assertEquals("HELLO", readText(client, 5));
            assertEquals(-1, client.read(ByteBuffer.allocate(1)));
            assertEquals(-1, client.read(ByteBuffer.allocate(1)), "and again");
        }
        assertEquals("hello", serving.get());
    }

    @Test
    void clientsThatNobodyAcceptsWaitInTheBacklog() throws Exception {
        PipeServerChannel server = server();
        List<PipeChannel> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            clients.add(closing(PipeChannel.connect(loop, server.localName())));
            clients.get(i).write(bytes("client " + i));
        }
        for (int i = 0; i < 3; i++) {
            try (PipeChannel connection = server.accept()) {
                assertEquals("client " + i, readText(connection, 8));
            }
        }
    }

    @Test
    void whereNobodyListensConnectSaysSo() {
        PanpipeException refused =
                assertThrows(PanpipeException.class, () -> PipeChannel.connect(loop, freshName()));
        assertEquals(ErrorCode.ENOENT, refused.code());
        assertTrue(List.of(refused.getStackTrace()).stream()
                .anyMatch(frame -> frame.getClassName().equals(BlockingContract.class.getName())), "whose trace");
    }

    @Test
    void aNameThatIsTakenIsAnError() throws Exception {
        assumeFalse(WINDOWS, "there are Wines that let two servers have one name");
        String name = server().localName();
        PanpipeException refused = assertThrows(PanpipeException.class, () -> PipeServerChannel.bind(loop, name));
        assertEquals(ErrorCode.EADDRINUSE, refused.code());
    }

    @Test
    void theNameIsFreeWhenClosingIsDone() throws Exception {
        String name = freshName();
        for (int i = 0; i < 3; i++) {
            PipeServerChannel server = closing(PipeServerChannel.bind(loop, name));
            get(server.closeAsync());
            assertThrows(ClosedChannelException.class, server::accept);
        }
    }

    @Test
    void halfCloseEndsOneDirection() throws Exception {
        assumeFalse(WINDOWS, "named pipes have no half-close");
        Ends ends = ends();
        ends.a().write(bytes("last words"));
        ends.a().shutdownOutput();
        ends.a().shutdownOutput();
        assertEquals("last words", readText(ends.b(), 100));
        assertThrows(ClosedChannelException.class, () -> ends.a().write(bytes("x")));
        ends.b().write(bytes("answer"));
        assertEquals("answer", readText(ends.a(), 6));
        ends.b().close();
        assertEquals(-1, ends.a().read(ByteBuffer.allocate(1)));
    }

    @Test
    void whereThereIsNoHalfCloseItIsAnErrorAndTheChannelGoesOn() throws Exception {
        assumeTrue(WINDOWS, "sockets have a half-close");
        Ends ends = ends();
        PanpipeException refused = assertThrows(PanpipeException.class, () -> ends.a().shutdownOutput());
        assertEquals(ErrorCode.ENOTSUP, refused.code());
        ends.a().write(bytes("still"));
        assertEquals("still", readText(ends.b(), 5));
    }

    @Test
    void writingToAnEndThatIsClosedIsABrokenPipe() throws Exception {
        Ends ends = ends();
        get(ends.b().closeAsync());
        PanpipeException refused = assertThrows(PanpipeException.class, () -> {
            for (int i = 0; i < 100; i++) {
                ends.a().write(bytes("x"));
            }
        });
        assertEquals(ErrorCode.EPIPE, refused.code());
        assertTrue(ends.a().isOpen());
    }

    @Test
    void severalBuffersAreGatheredAndScattered() throws Exception {
        Ends ends = ends();
        ByteBuffer direct = ByteBuffer.allocateDirect(4).put(bytes("two ")).flip();
        ByteBuffer[] parts = {bytes("one "), bytes(""), direct, bytes("three")};
        assertEquals(13, ends.a().write(parts));
        for (ByteBuffer part : parts) {
            assertFalse(part.hasRemaining());
        }
        ByteBuffer first = ByteBuffer.allocate(6);
        ByteBuffer second = ByteBuffer.allocateDirect(20);
        assertEquals(13, ends.b().read(new ByteBuffer[] {first, second}));
        assertEquals("one tw", text(first));
        assertEquals("o three", text(second));
        assertEquals(0, ends.b().read(new ByteBuffer[0]));
        assertEquals(0, ends.a().write(new ByteBuffer[] {bytes("")}));
    }

    @Test
    void aRangeOfBuffersIsWritten() throws Exception {
        Ends ends = ends();
        ByteBuffer[] parts = {bytes("0"), bytes("1"), bytes("2"), bytes("3")};
        assertEquals(2, ends.a().write(parts, 1, 2));
        assertEquals("12", readText(ends.b(), 2));
        assertEquals(1, parts[0].remaining());
        assertThrows(IndexOutOfBoundsException.class, () -> ends.a().write(parts, 3, 2));
        assertThrows(IllegalArgumentException.class, () -> ends.a().read(bytes("x").asReadOnlyBuffer()));
    }

    @Test
    void handlesThatComeAreClosedAndReadingGoesOn() throws Exception {
        int handles = 200;
        Pipe[] pair = onLoop(() -> Pipe.pair(loop, true));
        PipeChannel channel = closing(onLoop(() -> PipeChannel.of(pair[0])));
        PipeChannel other = closing(onLoop(() -> {
            Pipe[] sent = Pipe.pair(loop);
            for (int i = 0; i < handles; i++) {
                pair[1].write(bytes("x"), (pipe, error) -> {}, sent[0]);
            }
            sent[0].close();
            return PipeChannel.of(sent[1]);
        }));
        assertEquals("x".repeat(handles), readText(channel, handles));
        // Nobody has the other end any more, on the way or received.
        assertEquals(-1, other.read(ByteBuffer.allocate(1)));
        loop.execute(pair[1]::close);
        assertEquals(-1, channel.read(ByteBuffer.allocate(1)));
    }

    @Test
    void aReadEndsWhenItsTimeIsUpAndTheNextOneGoesOn() throws Exception {
        Ends ends = ends();
        ends.a().readTimeout(Duration.ofMillis(20));
        SocketTimeoutException late =
                assertThrows(SocketTimeoutException.class, () -> ends.a().read(ByteBuffer.allocate(1)));
        assertTrue(late.getMessage().contains("PT0.02S"), late::getMessage);
        ends.b().write(bytes("later"));
        ends.a().readTimeout(Duration.ZERO);
        assertEquals("later", readText(ends.a(), 5));
    }

    @Test
    void aWriteThatIsNotTakenInTimeTellsHowFarItCame() throws Exception {
        Ends ends = ends();
        byte[] much = new byte[8 * 1024 * 1024];
        new Random(1).nextBytes(much);
        ByteBuffer source = ByteBuffer.wrap(much);
        SocketTimeoutException late;
        Duration time = Duration.ofMillis(50);
        do {
            // On a busy machine the loop may not even have begun with it then.
            ends.a().writeTimeout(time);
            late = assertThrows(SocketTimeoutException.class, () -> ends.a().write(source));
            assertEquals(source.position(), late.bytesTransferred);
            time = time.multipliedBy(2);
        } while (late.bytesTransferred == 0 && time.compareTo(PATIENCE) < 0);
        assertTrue(source.position() > 0 && source.hasRemaining(), () -> "written: " + source.position());
        // Exactly that comes, and what is written next comes behind it.
        Running<byte[]> reading = start(() -> ends.b().inputStream().readNBytes(much.length));
        ends.a().writeTimeout(Duration.ZERO);
        ends.a().write(source);
        assertArrayEquals(much, reading.get());
    }

    @Test
    void anAcceptEndsWhenItsTimeIsUpAndTheNextOneGoesOn() throws Exception {
        PipeServerChannel server = server();
        server.acceptTimeout(Duration.ofMillis(20));
        assertThrows(SocketTimeoutException.class, server::accept);
        server.acceptTimeout(Duration.ZERO);
        PipeChannel client = closing(PipeChannel.connect(loop, server.localName()));
        PipeChannel connection = closing(server.accept());
        client.write(bytes("x"));
        assertEquals("x", readText(connection, 1));
        assertThrows(IllegalArgumentException.class, () -> server.acceptTimeout(Duration.ofMillis(-1)));
    }

    @Test
    void hugeTransfersGoBothWaysAtOnce() throws Exception {
        Ends ends = ends();
        List<Running<Long>> sums = new ArrayList<>();
        for (PipeChannel end : List.of(ends.a(), ends.b())) {
            long seed = sums.size();
            sums.add(start(() -> send(end, seed)));
            sums.add(start(() -> receive(end)));
        }
        assertEquals(sums.get(0).get(), sums.get(3).get());
        assertEquals(sums.get(2).get(), sums.get(1).get());
    }

    private static long send(PipeChannel channel, long seed) throws Exception {
        Random random = new Random(seed);
        CRC32 sum = new CRC32();
        for (int left = HUGE; left > 0; ) {
            int length = Math.min(left, 1 + random.nextInt(random.nextInt(10) == 0 ? 500_000 : 20_000));
            ByteBuffer data = random.nextBoolean() ? ByteBuffer.allocate(length) : ByteBuffer.allocateDirect(length);
            byte[] content = new byte[length];
            random.nextBytes(content);
            data.put(content).flip();
            sum.update(content);
            left -= length;
            if (random.nextInt(4) == 0) {
                ByteBuffer second = data.slice(length / 3, length - length / 3);
                channel.write(new ByteBuffer[] {data.limit(length / 3), second});
            } else {
                channel.write(data);
            }
        }
        return sum.getValue();
    }

    private static long receive(PipeChannel channel) throws Exception {
        Random random = new Random();
        CRC32 sum = new CRC32();
        for (int left = HUGE; left > 0; ) {
            int length = Math.min(left, 1 + random.nextInt(100_000));
            ByteBuffer into = random.nextBoolean() ? ByteBuffer.allocate(length) : ByteBuffer.allocateDirect(length);
            int count = channel.read(into);
            assertEquals(count, into.position());
            sum.update(into.flip());
            left -= count;
        }
        return sum.getValue();
    }

    @Test
    void aReaderThatDoesNotReadStopsTheWriter() throws Exception {
        Ends ends = ends();
        byte[] much = new byte[16 * 1024 * 1024];
        ByteBuffer source = ByteBuffer.wrap(much);
        Running<Integer> writing = start(() -> ends.a().write(source)).parked();
        await("data has come", () -> available(ends.b().inputStream()) > 0);
        for (int turn = 0; turn < 100; turn++) {
            onLoop(() -> null);
        }
        // What the reader's queue, the system and the writer's own copy hold is not all of it.
        assertFalse(writing.task().isDone());
        assertEquals(much.length, ends.b().inputStream().readNBytes(much.length).length);
        assertEquals(much.length, writing.get());
    }

    @Test
    void streamsReadAndWrite() throws Exception {
        Ends ends = ends();
        OutputStream out = ends.a().outputStream();
        InputStream in = ends.b().inputStream();
        out.write(200);
        out.write("stream".getBytes(StandardCharsets.UTF_8), 0, 6);
        assertEquals(200, in.read());
        assertEquals("stream", new String(in.readNBytes(6), StandardCharsets.UTF_8));
        assertEquals(0, in.available());
        out.write(new byte[3]);
        await("the bytes are there", () -> available(in) == 3);
        out.close();
        assertFalse(ends.a().isOpen());
        assertEquals(3, in.readAllBytes().length);
        assertEquals(-1, in.read());
        in.close();
        assertThrows(ClosedChannelException.class, in::read);
        assertThrows(ClosedChannelException.class, () -> out.write(1));
    }

    private static int available(InputStream in) {
        try {
            return in.available();
        } catch (IOException closed) {
            return -1;
        }
    }

    @Test
    void manyReadersAndWritersTakeTurns() throws Exception {
        Ends ends = ends();
        int each = 2_000;
        List<Running<Long>> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(start(() -> {
                for (int n = 0; n < each; n++) {
                    ends.a().write(bytes("1234"));
                }
                return 0L;
            }));
            all.add(start(() -> {
                long count = 0;
                ByteBuffer into = ByteBuffer.allocate(7);
                for (int n; (n = ends.b().read(into.clear())) >= 0; count += n) {
                    assertTrue(n > 0);
                }
                return count;
            }));
        }
        for (int i = 0; i < 8; i += 2) {
            all.get(i).get();
        }
        ends.a().close();
        long received = 0;
        for (int i = 1; i < 8; i += 2) {
            received += all.get(i).get();
        }
        assertEquals(4 * 4L * each, received);
    }

    @Test
    void theOtherEndIsKnown() throws Exception {
        PipeServerChannel server = server();
        PipeChannel client = closing(PipeChannel.connect(loop, server.localName()));
        PipeChannel connection = closing(server.accept());
        assertEquals(ProcessHandle.current().pid(), connection.peerCredentials().pid());
        assertEquals(ProcessHandle.current().pid(), client.peerCredentials().pid());
        assertTrue(client.toString().contains("PipeChannel"), client::toString);
    }

    @Test
    void aPipeThatIsNotConnectedIsRefusedAndStaysItsOwners() throws Exception {
        onLoop(() -> {
            Pipe pipe = new Pipe(loop);
            assertThrows(IllegalStateException.class, () -> PipeChannel.of(pipe));
            assertThrows(PanpipeException.class, () -> PipeServerChannel.of(pipe));
            assertFalse(pipe.closed());
            pipe.close();
            return null;
        });
    }
}
