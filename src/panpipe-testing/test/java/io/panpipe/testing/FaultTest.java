/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.Tcp;
import io.panpipe.Timer;
import io.panpipe.Udp;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults that never happen on a developer's machine, seen from where a program sees them. */
@Tag("simulated")
class FaultTest extends FaultFixture {

    private static final byte[] DATA = "hello".getBytes();

    // Short transfers, and calls that are made again.

    @Test
    void shortReadsCutTheDataIntoPieces() throws Exception {
        Fault shortly = kernel.when(Call.READ).by(client).movesAtMost(1);
        converse(100);
        assertEquals(100, echo.received);
        assertTrue(shortly.count() >= 100, () -> "short " + shortly.count() + " times");
    }

    @Test
    void shortWritesLoseNothing() throws Exception {
        Fault shortly = kernel.when(Call.WRITE).to(name).movesAtMost(3);
        converse(100);
        assertEquals(100, echo.received);
        assertTrue(shortly.count() > 60, () -> "short " + shortly.count() + " times");
    }

    @ParameterizedTest
    @EnumSource(names = {"READ", "WRITE", "ACCEPT"})
    void whatWouldBlockIsTriedAgain(Call call) throws Exception {
        Fault blocked = kernel.when(call).first(5).wouldBlock();
        converse(100);
        assertEquals(100, echo.received);
        assertEquals(5, blocked.count());
        assertTrue(kernel.time().toNanos() > 0, "a moment later");
    }

    @ParameterizedTest
    @EnumSource(names = {"READ", "WRITE", "ACCEPT", "CONNECT", "WAIT"})
    void nobodyIsToldOfAnInterruptedCall(Call call) throws Exception {
        Fault interrupted = kernel.when(call).first(1).fails(ErrorCode.EINTR);
        converse(100);
        assertEquals(100, echo.received);
        assertEquals(1, interrupted.count());
        assertEquals(List.of("connected", "written", "echoed"), echo.log);
    }

    // Refusals.

    @ParameterizedTest
    @EnumSource(value = ErrorCode.class, names = {"ECONNRESET", "EPIPE", "ENOMEM"})
    void aWriteThatFailsIsToldToItsCallback(ErrorCode code) throws Exception {
        Fault failed = kernel.when(Call.WRITE).by(client).number(1).fails(code);
        echo.serve(server.loop(), name);
        echo.connect(client.loop(), name, DATA);
        kernel.run();
        assertEquals(List.of("connected", "write " + code), echo.log);
        assertEquals(1, failed.count());
    }

    @Test
    void aReadThatFailsEndsTheReading() throws Exception {
        kernel.when(Call.READ).by(client).number(2).fails(ErrorCode.ECONNRESET);
        kernel.when(Call.READ).by(client).number(1).movesAtMost(1);
        converse(100);
        assertEquals(List.of("connected", "written", "read ECONNRESET"), echo.log);
    }

    @ParameterizedTest
    @EnumSource(value = ErrorCode.class, names = {"EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"})
    void aServerWithoutDescriptorsSaysSoOnceAndServesLater(ErrorCode code) throws Exception {
        Fault shortage = kernel.when(Call.ACCEPT).by(server).first(3).fails(code);
        converse(100);
        assertEquals(List.of(code.name(), "connection"), echo.served.subList(0, 2));
        assertEquals(100, echo.received);
        assertEquals(3, shortage.count());
    }

    @ParameterizedTest
    @EnumSource(value = ErrorCode.class, names = {"EMFILE", "ENFILE"})
    void withoutADescriptorNothingOpens(ErrorCode code) throws Exception {
        Loop loop = client.loop();
        Fault shortage = kernel.when(Call.OPEN).by(client).fails(code);
        assertEquals(code, assertThrows(PanpipeException.class, () -> Pipe.pair(loop)).code());
        assertEquals(code, assertThrows(PanpipeException.class, () -> new Pipe(loop).bind(name)).code());
        new Pipe(loop).connect(name, logs("connect"));
        loop.run();
        assertEquals(List.of("connect " + code), log);
        shortage.end();
        assertEquals(2, Pipe.pair(loop).length);
    }

    @Test
    void theDescriptorLimitIsEmfile() throws Exception {
        client.descriptorLimit(1);
        Loop loop = client.loop();
        assertEquals(ErrorCode.EMFILE, assertThrows(PanpipeException.class, () -> Pipe.pair(loop)).code());
        client.descriptorLimit(2);
        Pipe.pair(loop);
        assertEquals(2, client.openDescriptors());
    }

    @ParameterizedTest
    @EnumSource(names = {"BIND", "LISTEN"})
    void aServerThatCannotBeginIsToldAtOnce(Call call) {
        kernel.when(call).by(server).fails(ErrorCode.EACCES);
        assertEquals(ErrorCode.EACCES,
                assertThrows(PanpipeException.class, () -> echo.serve(server.loop(), name)).code());
    }

    @Test
    void aShutdownThatFailsIsToldToItsCallback() throws Exception {
        kernel.when(Call.SHUTDOWN).fails(ErrorCode.ENOTCONN);
        Pipe[] pair = Pipe.pair(client.loop());
        pair[0].shutdown(logs("shutdown"));
        kernel.run();
        assertEquals(List.of("shutdown ENOTCONN"), log);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void aWriteInFlightFailsAsWell(long seed) throws Exception {
        try (SimulatedKernel noisy = new SimulatedKernel(seed)) {
            Pipe[] pair = Pipe.pair(noisy.loop());
            noisy.when(Call.WRITE).number(1).fails(ErrorCode.ENOMEM);
            pair[0].write(DATA, logs("first"));
            pair[0].write(DATA, logs("second"));
            noisy.run();
            assertEquals(List.of("first ENOMEM", "second ENOMEM"), log);
        }
    }

    @Test
    void nothingThatIsTriedFollowsAWriteThatFailed() throws Exception {
        Pipe[] pair = Pipe.pair(client.loop());
        pair[1].startRead((pipe, data, error) -> log.add(data != null ? "data" : error.code().name()));
        kernel.when(Call.WRITE).by(client).number(1).fails(ErrorCode.ENOMEM);
        pair[0].write(DATA, logs("first"));
        // It sends first what is queued, which fails.
        assertEquals(ErrorCode.EPIPE,
                assertThrows(PanpipeException.class, () -> pair[0].tryWrite(DATA)).code());
        kernel.run();
        pair[0].close();
        kernel.run();
        assertEquals(List.of("first ENOMEM", "EOF"), log);
    }

    @Test
    void nothingThatIsCopiedFollowsAWriteThatFailed() {
        Simulation.seeds(400).forEach(seed -> Simulation.runOne(seed, noisy -> {
            Loop loop = noisy.loop();
            Pipe[] in = Pipe.pair(loop);
            Pipe[] out = Pipe.pair(loop);
            noisy.when(Call.WRITE).number(5 + (int) (seed % 20)).fails(ErrorCode.ENOMEM);
            in[1].pipeTo(out[0], (source, error) -> {
                source.close();
                out[0].close();
            });
            int[] next = {0};
            out[1].startRead((pipe, data, error) -> {
                while (data != null && data.hasRemaining()) {
                    assertEquals((byte) next[0]++, data.get(), "a hole");
                }
                if (data == null) {
                    pipe.close();
                }
            });
            int[] written = {0};
            new Timer(loop).start(timer -> {
                byte[] chunk = new byte[1 + written[0] % 500];
                for (int i = 0; i < chunk.length; i++) {
                    chunk[i] = (byte) written[0]++;
                }
                if (in[0].writable()) {
                    in[0].write(chunk, (pipe, error) -> {});
                }
                if (written[0] > 10_000 || !in[0].writable()) {
                    timer.close();
                    in[0].close();
                }
            }, Duration.ZERO, Duration.ofNanos(20_000));
            noisy.run();
        }));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void aWriteThatFindsNoBufferIsTriedAgain(long seed) throws Exception {
        try (SimulatedKernel noisy = new SimulatedKernel(seed)) {
            Loop loop = noisy.loop();
            Pipe[] pair = Pipe.pair(loop);
            Fault shortage = noisy.when(Call.WRITE).first(6).fails(ErrorCode.ENOBUFS);
            ByteBuffer got = ByteBuffer.allocate(3 * DATA.length);
            pair[1].startRead((pipe, data, error) -> got.put(data));
            pair[0].write(DATA, logs("first"));
            pair[0].write(DATA, logs("second"));
            noisy.run();
            assertEquals(6, shortage.count());
            assertEquals(List.of("first", "second"), log);
            assertEquals(2 * DATA.length, got.position());
            assertTrue(noisy.time().toMillis() >= 40, "longer each time");
            assertTrue(loop.metrics().iterations() < 40, "without spinning");
        }
    }

    // Connecting.

    @Test
    void aConnectFailsAsOftenAsToldTo() throws Exception {
        echo.serve(server.loop(), name);
        Fault refused = kernel.when(Call.CONNECT).to(name).by(client).first(2).fails(ErrorCode.ECONNREFUSED);
        Loop loop = client.loop();
        for (int i = 0; i < 3; i++) {
            new Pipe(loop).connect(name, logs("connect"));
        }
        loop.run();
        assertEquals(List.of("connect ECONNREFUSED", "connect ECONNREFUSED", "connect"), log);
        assertEquals(2, refused.count());
    }

    @Test
    void onlyTheNamedServerIsConcerned() throws Exception {
        kernel.when(Call.CONNECT).to(kernel.freshName()).fails(ErrorCode.ECONNREFUSED);
        kernel.when(Call.CONNECT).by(server).fails(ErrorCode.ECONNREFUSED);
        converse(10);
        assertEquals(10, echo.received);
    }

    @Test
    void aConnectThatIsNeverAnsweredTimesOut() throws Exception {
        kernel.when(Call.CONNECT).to(name).isNeverAnswered();
        echo.serve(server.loop(), name);
        new Pipe(client.loop()).connect(name, Duration.ofSeconds(30), logs("connect"));
        kernel.run();
        assertEquals(List.of("connect ETIMEDOUT"), log);
        assertEquals(Duration.ofSeconds(30), kernel.time());
    }

    @Test
    void aConnectOverTcpThatIsNeverAnsweredTimesOut() throws Exception {
        Tcp listener = new Tcp(server.loop());
        listener.bind(new InetSocketAddress("127.0.0.1", 7000));
        listener.listen((s, error) -> {});
        kernel.when(Call.CONNECT).to(listener.localAddress()).isNeverAnswered();
        Tcp never = new Tcp(client.loop());
        never.connect(listener.localAddress(), logs("connect"));
        kernel.run(Duration.ofHours(1));
        assertEquals(List.of(), log);
        never.close();
        kernel.run();
        assertEquals(List.of("connect ECANCELED"), log);
    }

    @Test
    void aFullBacklogIsEagainWithoutATimeoutAndAWaitWithOne() throws Exception {
        echo.serve(server.loop(), name);
        Fault full = kernel.when(Call.CONNECT).to(name).first(4).findsTheBacklogFull();
        Loop loop = client.loop();
        new Pipe(loop).connect(name, logs("once"));
        new Pipe(loop).connect(name, Duration.ofSeconds(5), logs("patient"));
        loop.run();
        assertEquals(List.of("once EAGAIN", "patient"), log);
        assertEquals(4, full.count());
    }

    @Test
    void aFullBacklogOverTcpIsAWait() throws Exception {
        Tcp listener = new Tcp(server.loop());
        listener.bind(new InetSocketAddress("127.0.0.1", 7000));
        listener.listen((s, error) -> s.accept(new Tcp(s.loop())));
        kernel.when(Call.CONNECT).to("127.0.0.1:7000").findsTheBacklogFull();
        new Tcp(client.loop()).connect(listener.localAddress(), logs("connect"));
        kernel.run();
        assertEquals(List.of("connect"), log);
        assertTrue(kernel.time().compareTo(Duration.ofSeconds(1)) >= 0);
    }

    // Messages.

    @Test
    void handlesThatAreLostAreToldBehindTheirData() throws Exception {
        Fault lost = kernel.when(Call.RECEIVE_HANDLES).number(1).losesIt();
        Pipe[] pair = Pipe.pair(client.loop(), true);
        Pipe[] passed = Pipe.pair(client.loop());
        pair[0].write(ByteBuffer.wrap(DATA), (p, error) -> p.close(), passed[0]);
        pair[1].startRead2((p, data, pending, error) -> {
            log.add(data != null ? data.remaining() + " " + pending : error.code().name());
            if (error != null) {
                p.close();
            }
        });
        passed[0].close();
        passed[1].close();
        kernel.run();
        assertEquals(List.of("5 NONE", "EMFILE"), log);
        assertEquals(1, lost.count());
        kernel.checkNothingLeft();
    }

    private Udp receiver(Loop loop) throws PanpipeException {
        Udp udp = new Udp(loop);
        udp.bind(new InetSocketAddress("127.0.0.1", 0));
        udp.startRecv((u, data, from, error) -> log.add("" + (char) data.get()));
        return udp;
    }

    private void send(Udp from, Udp to, String text) throws PanpipeException {
        from.send(ByteBuffer.wrap(text.getBytes()), to.localAddress(), (u, error) -> {
            if (error != null) {
                log.add("send " + error.code());
            }
        });
    }

    @Test
    void datagramsGetLostAreRefusedAndComeLate() throws Exception {
        Udp to = receiver(server.loop());
        Udp from = new Udp(client.loop());
        kernel.when(Call.SEND).to(to.localAddress()).number(2).losesIt();
        kernel.when(Call.SEND).number(3).fails(ErrorCode.ENOBUFS);
        kernel.when(Call.SEND).number(4).wouldBlock();
        kernel.linkTo(to.localAddress()).latency(Duration.ofSeconds(2));
        for (String text : List.of("a", "b", "c", "d", "e")) {
            send(from, to, text);
        }
        kernel.run();
        assertEquals(Set.of("a", "d", "e", "send ENOBUFS"), new TreeSet<>(log));
        assertEquals(2000, kernel.time().toMillis());
    }

    // Rules.

    @Test
    void aProbabilityIsASharePerSeed() throws Exception {
        Fault half = kernel.when(Call.WRITE).withProbability(0.5).movesAtMost(1);
        Fault never = kernel.when(Call.WRITE).withProbability(0).fails(ErrorCode.EPIPE);
        converse(1000);
        assertEquals(1000, echo.received);
        assertTrue(half.count() > 0);
        assertEquals(0, never.count());
    }

    @Test
    void afterSkipsTheFirst() throws Exception {
        kernel.when(Call.CONNECT).after(1).fails(ErrorCode.ECONNREFUSED);
        echo.serve(server.loop(), name);
        Loop loop = client.loop();
        for (int i = 0; i < 3; i++) {
            new Pipe(loop).connect(name, logs("connect"));
        }
        loop.run();
        assertEquals(List.of("connect", "connect ECONNREFUSED", "connect ECONNREFUSED"), log);
    }

    @Test
    void everyFaultCountsACallThatAnotherOneBefalls() throws Exception {
        Fault seen = kernel.when(Call.CONNECT).number(1).happensWith(() -> log.add("seen"));
        Fault second = kernel.when(Call.CONNECT).number(2).fails(ErrorCode.ECONNREFUSED);
        Fault first = kernel.when(Call.CONNECT).number(1).fails(ErrorCode.EMFILE);
        echo.serve(server.loop(), name);
        Loop loop = client.loop();
        for (int i = 0; i < 3; i++) {
            new Pipe(loop).connect(name, logs("connect"));
        }
        loop.run();
        assertEquals("seen", log.removeFirst());
        assertEquals(List.of("connect", "connect ECONNREFUSED", "connect"), log);
        assertEquals(List.of(1L, 1L, 0L), List.of(seen.count(), second.count(), first.count()));
    }

    @Test
    void aTestsOwnActionHappensInTheMiddle() throws Exception {
        kernel.when(Call.ACCEPT).number(1).happensWith(() -> log.add("action after " + echo.served));
        converse(10);
        assertEquals(List.of("action after []"), log);
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void everyCodeCanBeAskedFor(ErrorCode code) throws Exception {
        if (code == ErrorCode.EOF || code == ErrorCode.UNKNOWN) {
            assertThrows(IllegalArgumentException.class, () -> kernel.when(Call.CONNECT).fails(code));
            return;
        }
        kernel.when(Call.CONNECT).to(name).fails(code);
        converse(10);
        assertEquals(code == ErrorCode.EINTR ? "connected" : "connect " + code, echo.log.getFirst());
    }

    @Test
    void whatCannotHappenIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> kernel.when(Call.BIND).movesAtMost(1));
        assertThrows(IllegalArgumentException.class, () -> kernel.when(Call.READ).isNeverAnswered());
        assertThrows(IllegalArgumentException.class, () -> kernel.when(Call.READ).movesAtMost(0));
        assertThrows(IllegalArgumentException.class, () -> kernel.when(Call.READ).withProbability(1.1));
        assertThrows(IllegalArgumentException.class, () -> kernel.when(Call.READ).number(0));
        assertThrows(IllegalArgumentException.class, () -> kernel.when(Call.READ).losesIt());
    }
}
