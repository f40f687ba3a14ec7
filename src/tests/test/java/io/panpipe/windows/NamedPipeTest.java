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
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams over named pipes, where Windows has its own ideas of a stream's beginning and end. */
class NamedPipeTest extends WindowsTest {

    private static final int BROKEN_PIPE = 109;

    @Test
    void aFileOfTheJdkIsAClient() throws Exception {
        String name = freshName();
        Pipe server = new Pipe(loop);
        server.bind(name);
        server.listen((listener, error) -> {
            Pipe connection = new Pipe(loop);
            listener.accept(connection);
            connection.pipeTo(connection, (done, end) -> connection.close());
            listener.close();
        });
        Thread client = Thread.ofPlatform().start(() -> {
            try (RandomAccessFile file = new RandomAccessFile(name, "rw")) {
                file.write(bytes("hello"));
                byte[] answer = new byte[5];
                file.readFully(answer);
                log.add(new String(answer));
            } catch (Exception failed) {
                log.add(failed.toString());
            }
        });
        run();
        client.join();
        assertEquals(List.of("hello"), log);
    }

    @Test
    void aClientThatConnectedBeforeListenIsAccepted() throws Exception {
        String name = freshName();
        Pipe server = new Pipe(loop);
        server.bind(name);
        long client = closing(Win32.open(name));
        Win32.write(client, bytes("early"));
        Pipe accepted = new Pipe(loop);
        Received[] received = new Received[1];
        server.listen((listener, error) -> {
            listener.accept(accepted);
            received[0] = receive(accepted);
            listener.close();
        });
        runUntil(() -> received[0] != null && received[0].text().equals("early"));
    }

    @Test
    void aClientThatCameAndWentBeforeListenIsAcceptedWithWhatItLeft() throws Exception {
        String name = freshName();
        Pipe server = new Pipe(loop);
        server.bind(name);
        long client = Win32.open(name);
        Win32.write(client, bytes("gone"));
        Win32.close(client);
        Received[] received = new Received[1];
        server.listen((listener, error) -> {
            Pipe accepted = new Pipe(loop);
            listener.accept(accepted);
            received[0] = receive(accepted);
            listener.close();
        });
        runUntil(() -> received[0] != null && !received[0].end.isEmpty());
        assertEquals("gone", received[0].text());
        assertEquals("EOF", received[0].end);
    }

    @Test
    void aServerOfSeveralClientsGoesOnAfterOneThatCameAndWent() throws Exception {
        String name = freshName();
        Pipe server = new Pipe(loop);
        server.pendingInstances(1);
        server.bind(name);
        Win32.close(Win32.open(name));
        server.listen((listener, error) -> {
            Pipe accepted = new Pipe(loop);
            listener.accept(accepted);
            log.add("accepted");
        });
        runUntil(() -> log.size() == 1);
        long client = closing(Win32.open(name));
        runUntil(() -> log.size() == 2);
        assertTrue(Win32.isOpen(client));
    }

    @Test
    void anEmptyWriteOfThePeerIsNoData() throws Exception {
        Ends ends = served();
        Received received = receive(ends.pipe());
        loop.run(RunMode.NOWAIT);
        Win32.write(ends.client(), new byte[0]);
        Win32.write(ends.client(), bytes("x"));
        runUntil(() -> received.text().equals("x"));
        assertEquals("", received.end);
    }

    @Test
    void whatThePeerWroteBeforeItClosedIsReadThenTheEnd() throws Exception {
        Ends ends = served();
        byte[] data = pattern(50_000);
        Win32.write(ends.client(), data);
        close(ends.client());
        Received received = receive(ends.pipe());
        runUntil(() -> !received.end.isEmpty());
        assertArrayEquals(data, received.bytes.toByteArray());
        assertEquals("EOF", received.end);
    }

    @Test
    void whatWasWrittenRightBeforeCloseArrives() throws Exception {
        Ends ends = served();
        byte[] data = pattern(50_000);
        ends.pipe().write(data);
        ends.pipe().close();
        run();
        assertArrayEquals(data, Win32.readFully(ends.client(), data.length));
        assertEquals(BROKEN_PIPE, assertThrows(Win32.Failure.class, () -> Win32.read(ends.client(), 1)).error);
    }

    @Test
    void whatIsReportedAsWrittenSurvivesCloseHoweverMuchItIs() throws Exception {
        Ends ends = served();
        byte[] data = pattern(3_000_000);
        ends.pipe().write(data, (pipe, error) -> {
            log.add(error == null ? "written" : error.toString());
            pipe.close();
        });
        byte[][] read = new byte[1][];
        Thread reader = Thread.ofPlatform().start(() -> read[0] = Win32.readFully(ends.client(), data.length));
        run();
        reader.join();
        assertEquals(List.of("written"), log);
        assertArrayEquals(data, read[0]);
    }

    @Test
    void aWriteInFlightIsCancelledByCloseAndItsMemoryOutlivesIt() throws Exception {
        for (int i = 0; i < 50; i++) {
            Ends ends = served();
            log.clear();
            ends.pipe().write(new byte[500_000], logs("write"));
            loop.run(RunMode.NOWAIT);
            assertTrue(ends.pipe().writeQueueSize() > 0);
            ends.pipe().close(closed -> log.add("closed"));
            runUntil(() -> log.contains("closed"));
            assertEquals(List.of("write ECANCELED", "closed"), log);
            close(ends.client());
        }
    }

    @Test
    void aLoopMayBeClosedWithReadsAndWritesUnderWay() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Loop other = new Loop()) {
                Pipe[] pair = Pipe.pair(other);
                receive(pair[0]);
                pair[0].write(new byte[500_000], logs("write"));
                other.run(RunMode.NOWAIT);
            }
        }
        assertEquals(20, log.size());
        assertEquals(List.of("write ECANCELED"), log.stream().distinct().toList());
    }

    @Test
    void stoppingAndStartingToReadLosesNothing() throws Exception {
        Ends ends = served();
        int length = 200_000;
        byte[] data = pattern(length);
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int done = 0; done < length; done += 100) {
                Win32.write(ends.client(), java.util.Arrays.copyOfRange(data, done, done + 100));
            }
        });
        Received all = new Received();
        while (all.bytes.size() < length) {
            Received some = receive(ends.pipe());
            loop.run(RunMode.NOWAIT);
            ends.pipe().stopRead();
            loop.run(RunMode.NOWAIT);
            all.bytes.writeBytes(some.bytes.toByteArray());
        }
        writer.join();
        assertArrayEquals(data, all.bytes.toByteArray());
    }

    @Test
    void aWriteToAPeerThatIsGoneIsEpipe() throws Exception {
        Ends ends = served();
        close(ends.client());
        ends.pipe().write(bytes("x"), logs("first"));
        ends.pipe().write(bytes("y"), logs("second"));
        run();
        assertEquals(List.of("first EPIPE", "second EPIPE"), log);
    }

    @Test
    void aWriteInFlightToAPeerThatGoesIsEpipe() throws Exception {
        Ends ends = served();
        ends.pipe().write(new byte[500_000], logs("in flight"));
        ends.pipe().write(bytes("x"), logs("behind"));
        loop.run(RunMode.NOWAIT);
        close(ends.client());
        run();
        assertEquals(List.of("in flight EPIPE", "behind EPIPE"), log);
    }

    @Test
    void aServerThatDisconnectsIsTheEndAndEpipe() throws Exception {
        String name = freshName();
        long server = closing(Win32.createPipe(name, Win32.DUPLEX, 0, 1));
        Pipe client = new Pipe(loop);
        client.connect(name, logs("connected"));
        runUntil(() -> !log.isEmpty());
        Win32.connect(server);
        Win32.disconnect(server);
        Received received = receive(client);
        runUntil(() -> !received.end.isEmpty());
        assertEquals("EOF", received.end);
        client.write(bytes("x"), logs("write"));
        runUntil(() -> log.size() == 2);
        assertEquals("write EPIPE", log.get(1));
    }

    @Test
    void aBusyServerIsTriedAgainUntilItHasAnInstance() throws Exception {
        String name = freshName();
        long first = closing(Win32.createPipe(name, Win32.DUPLEX, 0, 2));
        Pipe served = new Pipe(loop);
        served.connect(name, logs("first"));
        Pipe waiting = new Pipe(loop);
        waiting.connect(name, logs("second"));
        runUntil(() -> !log.isEmpty());
        long[] second = new long[1];
        new Timer(loop).start(timer -> {
            assertEquals(List.of("first"), log);
            second[0] = closing(Win32.createPipe(name, Win32.DUPLEX, 0, 2));
            timer.close();
        }, Duration.ofMillis(50));
        run();
        assertEquals(List.of("first", "second"), log);
        assertTrue(Win32.isOpen(first));
    }

    @Test
    void aServerThatStaysBusyIsEtimedoutAndCanBeGivenUp() throws Exception {
        String name = freshName();
        closing(Win32.createPipe(name, Win32.DUPLEX, 0, 1));
        Pipe served = new Pipe(loop);
        served.connect(name, logs("first"));
        new Pipe(loop).connect(name, Duration.ofMillis(30), logs("late"));
        Pipe cancelled = new Pipe(loop);
        cancelled.connect(name, logs("given up"));
        runUntil(() -> log.size() == 2);
        cancelled.close();
        run();
        assertEquals(List.of("first", "late ETIMEDOUT", "given up ECANCELED"), log);
    }

    @Test
    void aPipeOfOneDirectionSaysSo() throws Exception {
        assumeFalse(Win32.isWine(), "Wine opens it for both directions");
        String in = freshName();
        long reads = closing(Win32.createPipe(in, Win32.INBOUND, 0, 1));
        Pipe writer = new Pipe(loop);
        writer.connect(in, logs("writer"));
        String out = freshName();
        long writes = closing(Win32.createPipe(out, Win32.OUTBOUND, 0, 1));
        Pipe reader = new Pipe(loop);
        reader.connect(out, logs("reader"));
        run();
        assertEquals(List.of("writer", "reader"), log);
        assertTrue(writer.writable() && !writer.readable());
        assertTrue(reader.readable() && !reader.writable());
        writer.write(bytes("in"));
        run();
        assertEquals("in", new String(Win32.read(reads, 10)));
        Win32.write(writes, bytes("out"));
        Received received = receive(reader);
        runUntil(() -> received.text().equals("out"));
        reader.write(bytes("x"), logs("refused"));
        runUntil(() -> log.size() == 3);
        assertEquals("refused EPIPE", log.get(2));
    }

    @Test
    void messagesOfAMessagePipeAreBytes() throws Exception {
        String name = freshName();
        long server = closing(Win32.createPipe(name, Win32.DUPLEX, Win32.TYPE_MESSAGE, 1));
        Pipe client = new Pipe(loop);
        client.connect(name, logs("connected"));
        runUntil(() -> !log.isEmpty());
        byte[] data = pattern(150_000);
        Thread writer = Thread.ofPlatform().start(() -> Win32.write(server, data));
        Received received = receive(client);
        runUntil(() -> received.bytes.size() == data.length);
        writer.join();
        assertArrayEquals(data, received.bytes.toByteArray());
    }

    @Test
    void aNameIsTheSameInUpperAndLowerCase() throws Exception {
        String name = freshName();
        Pipe server = new Pipe(loop);
        server.bind(name);
        server.listen((listener, error) -> {
            Pipe accepted = new Pipe(loop);
            listener.accept(accepted);
            log.add(accepted.localName());
            listener.close();
        });
        Pipe client = new Pipe(loop);
        client.connect(name.toUpperCase(java.util.Locale.ROOT), logs("connected"));
        runUntil(() -> log.size() == 2);
        assertTrue(log.contains(name) && log.contains("connected"), log::toString);
        assertFalse(client.peerName().isEmpty());
    }

    // Pipes of messages.

    /** A client of a message server of Windows's own functions. */
    private Ends ofMessages(int readMode) throws Exception {
        String name = freshName();
        long server = closing(Win32.createPipe(name, Win32.DUPLEX, Win32.TYPE_MESSAGE | readMode, 1));
        Pipe client = new Pipe(loop);
        client.connect(name, logs("connected"));
        runUntil(() -> !log.isEmpty());
        log.clear();
        return new Ends(client, server);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anEmptyMessageIsTheEnd(boolean waits) throws Exception {
        Ends ends = ofMessages(0);
        Received early = new Received();
        if (waits) {
            early = receive(ends.pipe());
            loop.run(RunMode.NOWAIT);
        }
        Win32.write(ends.client(), bytes("hel"));
        Win32.write(ends.client(), bytes("lo"));
        Win32.write(ends.client(), new byte[0]);
        Received received = waits ? early : receive(ends.pipe());
        runUntil(() -> !received.end.isEmpty());
        assertEquals("hello", received.text());
        assertEquals("EOF", received.end);
        Received again = receive(ends.pipe());
        runUntil(() -> !again.end.isEmpty());
        assertEquals("EOF", again.end);
        ends.pipe().write(bytes("still"), logs("written"));
        runUntil(() -> !log.isEmpty());
        assertEquals("still", new String(Win32.read(ends.client(), 10)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void shutdownOfAPipeOfMessagesSendsAnEmptyOne(int readMode) throws Exception {
        Ends ends = ofMessages(readMode);
        ends.pipe().write(List.of(ByteBuffer.allocate(0), ByteBuffer.wrap(bytes("bye")), ByteBuffer.allocate(0)),
                logs("written"));
        ends.pipe().shutdown(logs("shutdown"));
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("written", "shutdown"), log);
        assertFalse(ends.pipe().writable());
        byte[][] read = new byte[2][];
        Thread reader = Thread.ofPlatform().start(() -> {
            read[0] = Win32.read(ends.client(), 100);
            read[1] = Win32.read(ends.client(), 100);
        });
        reader.join();
        assertEquals("bye", new String(read[0]));
        assertEquals(0, read[1].length);
        Win32.write(ends.client(), bytes("answer"));
        Received received = receive(ends.pipe());
        runUntil(() -> received.text().equals("answer"));
    }

    @Test
    void aShutdownThatNobodyReadsHoldsUpNothing() throws Exception {
        Ends ends = ofMessages(0);
        ends.pipe().write(bytes("unread"));
        ends.pipe().shutdown(logs("shutdown"));
        runUntil(() -> !log.isEmpty());
        assertEquals(ErrorCode.EBUSY, assertThrows(PanpipeException.class, () -> ends.pipe().detach()).code());
        ends.pipe().close();
        run();
        assertEquals("unread", new String(Win32.read(ends.client(), 100)));
        Win32.Failure end = assertThrows(Win32.Failure.class, () -> Win32.read(ends.client(), 100));
        assertEquals(BROKEN_PIPE, end.error);
    }

    @Test
    void aCopyBetweenPipesOfMessagesPassesTheEndOn() throws Exception {
        Ends in = ofMessages(0);
        Ends out = ofMessages(2);
        in.pipe().pipeTo(out.pipe(), logs("copied"));
        byte[] data = pattern(100_000);
        Thread writer = Thread.ofPlatform().start(() -> {
            Win32.write(in.client(), data);
            Win32.write(in.client(), new byte[0]);
        });
        byte[][] read = new byte[1][];
        Thread reader = Thread.ofPlatform().start(() -> {
            byte[] all = new byte[0];
            for (byte[] part = Win32.read(out.client(), 200_000); part.length > 0; ) {
                int before = all.length;
                all = java.util.Arrays.copyOf(all, before + part.length);
                System.arraycopy(part, 0, all, before, part.length);
                part = Win32.read(out.client(), 200_000);
            }
            read[0] = all;
        });
        runUntil(() -> !log.isEmpty());
        reader.join();
        writer.join();
        assertEquals(List.of("copied"), log);
        assertArrayEquals(data, read[0]);
    }
}
