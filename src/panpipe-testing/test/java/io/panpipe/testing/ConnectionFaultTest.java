/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.StreamHandle;
import io.panpipe.Tcp;
import io.panpipe.Timer;
import io.panpipe.Udp;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that are reset, are slow, or lose the process at an end, seen from where a program sees them. */
@Tag("simulated")
class ConnectionFaultTest extends FaultFixture {

    private static final byte[] DATA = "hello".getBytes();

    // Connections that end, and processes.

    @ParameterizedTest
    @EnumSource(names = {"READ", "WRITE"})
    void aResetIsToldToBothEnds(Call call) throws Exception {
        kernel.when(call).by(call == Call.READ ? server : client).number(1).resetsTheConnection();
        converse(100);
        assertTrue(echo.served.contains("ECONNRESET"), echo.served::toString);
        assertTrue(echo.log.contains("read ECONNRESET"), echo.log::toString);
    }

    @Test
    void aKilledServerIsEofForItsClientsAndLeavesItsName() throws Exception {
        echo.serve(server.loop(), name);
        Loop loop = client.loop();
        Pipe pipe = new Pipe(loop);
        pipe.connect(name, (c, error) -> c.startRead((same, data, end) -> {
            log.add(end.code().name());
            same.close();
        }));
        kernel.run(Duration.ofSeconds(1));
        server.kill();
        assertEquals(0, server.openDescriptors());
        assertFalse(kernel.run());
        assertEquals(List.of("EOF"), log);
        Pipe late = new Pipe(loop);
        late.connect(name, logs("late"));
        loop.run();
        late.close();
        assertEquals(List.of("EOF", "late ECONNREFUSED"), log);
        assertThrows(IllegalStateException.class, server::loop);
        kernel.checkNothingLeft();
    }

    @Test
    void aServerKilledBeforeItReadsResetsItsClient() throws Exception {
        kernel.when(Call.READ).by(server).number(1).kills(server);
        converse(100);
        assertEquals(List.of("connected", "written", "read ECONNRESET"), echo.log);
        assertEquals(List.of("connection"), echo.served.subList(0, 1));
    }

    /** Found by a random program, seed 406. */
    @Test
    void aProcessKilledByItsOwnReadEndsItsTurn() throws Exception {
        Pipe[] pair = Pipe.pair(client.loop());
        kernel.when(Call.READ).by(client).number(1).kills(client);
        pair[1].sendBufferSize(1024);
        pair[1].write(new byte[100_000], logs("never"));
        pair[1].startRead((p, data, end) -> p.stopRead());
        pair[0].write(DATA, logs("written"));
        assertFalse(kernel.run());
        assertEquals(0, client.openDescriptors());
        kernel.checkNothingLeft();
    }

    /** Found by a random program, seed 46830. */
    @Test
    void whatAKilledProcessStillThrowsEndsNoRun() throws Exception {
        kernel.when(Call.ACCEPT).by(server).number(1).kills(server);
        Pipe listener = new Pipe(server.loop());
        listener.bind(name);
        listener.listen((s, error) -> {
            Pipe accepted = new Pipe(s.loop());
            s.accept(accepted);
            accepted.sendBufferSize(1024);
        });
        Pipe to = new Pipe(client.loop());
        to.connect(name, (c, error) -> {
            log.add(error == null ? "connected" : error.code().name());
            c.close();
        });
        kernel.run();
        assertEquals(List.of("connected"), log);
        assertTrue(kernel.trace().contains("which was killed, threw"), kernel::trace);
    }

    @Test
    void aKilledClientIsEofForTheServerWithAllItHadSent() throws Exception {
        kernel.when(Call.READ).by(client).number(1).kills(client);
        converse(100);
        assertTrue(echo.served.contains("ECONNRESET") || echo.served.contains("EOF"), echo.served::toString);
        assertEquals(0, echo.received);
    }

    @Test
    void aHandleThatAKilledProcessHadSentLivesOn() throws Exception {
        String control = kernel.freshName();
        Pipe passed = new Pipe(server.loop());
        Pipe listener = new Pipe(client.loop());
        listener.bind(control);
        listener.listen((s, error) -> {
            Pipe from = new Pipe(s.loop(), true);
            s.accept(from);
            from.startRead2((p, data, pending, end) -> {
                if (data == null) {
                    log.add("sender " + end.code());
                    p.close();
                    return;
                }
                Tcp received = new Tcp(p.loop());
                p.accept(received);
                received.listen((t, problem) -> {
                    Tcp connection = new Tcp(t.loop());
                    t.accept(connection);
                    log.add("served");
                    connection.close();
                    t.close();
                });
            });
        });
        Tcp tcp = new Tcp(passed.loop());
        tcp.bind(new InetSocketAddress("127.0.0.1", 7001));
        Pipe to = new Pipe(passed.loop(), true);
        to.connect(control, (p, error) -> p.write(ByteBuffer.wrap(DATA), (same, failed) -> server.kill(), tcp));
        kernel.run();
        assertEquals(List.of("sender EOF"), log);
        new Tcp(kernel.loop()).connect(new InetSocketAddress("127.0.0.1", 7001), (c, error) -> c.close());
        listener.close();
        assertFalse(kernel.run());
        assertEquals(List.of("sender EOF", "served"), log);
        kernel.checkNothingLeft();
    }

    @Test
    void aPausedServerAnswersWhenItGoesOn() throws Exception {
        kernel.when(Call.ACCEPT).by(server).number(1).pauses(server, Duration.ofMinutes(5));
        converse(100);
        assertEquals(100, echo.received);
        assertEquals(Duration.ofMinutes(5), kernel.time());
    }

    @Test
    void timersOfAPausedProcessAreLate() {
        List<Duration> times = new ArrayList<>();
        Loop loop = server.loop();
        new Timer(loop).start(t -> times.add(kernel.time()), Duration.ofSeconds(1));
        server.pause(Duration.ofSeconds(10));
        loop.run();
        assertEquals(List.of(Duration.ofSeconds(10)), times);
    }

    @Test
    void aProcessIsPausedUntilItIsResumed() throws Exception {
        server.pause();
        converse(100);
        assertEquals(List.of("connected", "written"), echo.log);
        server.resume();
        kernel.run();
        assertEquals(100, echo.received);
    }

    @Test
    void aLaterPauseTakesThePlaceOfAnEarlierOne() {
        List<Duration> times = new ArrayList<>();
        new Timer(server.loop()).start(t -> times.add(kernel.time()), Duration.ofMillis(1));
        server.pause(Duration.ofMillis(100));
        kernel.run(Duration.ofMillis(50));
        server.pause(Duration.ofMillis(100));
        kernel.run(Duration.ofMillis(60));
        server.resume();
        server.pause();
        kernel.run();
        assertEquals(List.of(), times, "paused until it is resumed");
        server.resume();
        kernel.run();
        assertEquals(1, times.size());
        assertThrows(IllegalArgumentException.class, () -> server.pause(Duration.ofMillis(-1)));
    }

    // Slow links.

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void latencyDelaysConnectingAndEachWay(boolean byProcesses) throws Exception {
        SimulatedLink link = byProcesses ? kernel.linkBetween(client, server) : kernel.linkTo(name);
        link.latency(Duration.ofMillis(100));
        converse(100);
        assertEquals(100, echo.received);
        // There and back to connect, there and back for the data, and there and back for the end.
        assertEquals(600, kernel.time().toMillis());
    }

    @ParameterizedTest
    @ValueSource(strings = {"name", "processes", "tcp", "pair"})
    void aLinkThatIsSetLaterHoldsForConnectionsThatExist(String which) throws Exception {
        Loop loop = client.loop();
        List<Long> times = new ArrayList<>();
        List<StreamHandle<?>> ends = new ArrayList<>();
        InetSocketAddress address = null;
        if (which.equals("pair")) {
            Collections.addAll(ends, Pipe.pair(loop));
        } else if (which.equals("tcp")) {
            Tcp listening = new Tcp(server.loop());
            listening.bind(new InetSocketAddress("127.0.0.1", 0));
            address = listening.localAddress();
            listening.listen((l, error) -> {
                Tcp accepted = new Tcp(l.loop());
                l.accept(accepted);
                ends.add(accepted);
            });
            Tcp connecting = new Tcp(loop);
            ends.add(connecting);
            connecting.connect(address, logs("connected"));
        } else {
            Pipe listening = new Pipe(server.loop());
            listening.bind(name);
            listening.listen((l, error) -> {
                Pipe accepted = new Pipe(l.loop());
                l.accept(accepted);
                ends.add(accepted);
            });
            Pipe connecting = new Pipe(loop);
            ends.add(connecting);
            connecting.connect(name, logs("connected"));
        }
        kernel.run(Duration.ofSeconds(1));
        ends.getLast().startRead((end, data, error) -> times.add(kernel.time().toMillis()));
        SimulatedLink link = switch (which) {
            case "name" -> kernel.linkTo(name);
            case "tcp" -> kernel.linkTo(address);
            case "pair" -> kernel.linkBetween(client, client);
            default -> kernel.linkBetween(client, server);
        };
        link.latency(Duration.ofMillis(300));
        long begin = kernel.time().toMillis();
        ends.getFirst().write(new byte[1]);
        kernel.run(Duration.ofSeconds(1));
        assertEquals(List.of(begin + 300), times);
        // What is sent over the link once it is quick again stays behind what is under way.
        ends.getFirst().write(new byte[1]);
        kernel.run(Duration.ofMillis(100));
        link.latency(Duration.ZERO);
        ends.getFirst().write(new byte[1]);
        kernel.run(Duration.ofMillis(100));
        assertEquals(1, times.size());
        kernel.run(Duration.ofSeconds(1));
        ends.getFirst().write(new byte[1]);
        long last = kernel.time().toMillis();
        kernel.run(Duration.ofSeconds(1));
        assertEquals(begin + 1300, times.get(1));
        assertEquals(last, times.getLast());
    }

    @Test
    void bandwidthDelaysWhatIsLong() throws Exception {
        kernel.linkTo(name).bandwidth(1000);
        converse(5000);
        assertEquals(5000, echo.received);
        assertTrue(kernel.time().compareTo(Duration.ofSeconds(5)) >= 0, () -> "" + kernel.time());
        assertTrue(kernel.time().compareTo(Duration.ofSeconds(11)) < 0, () -> "" + kernel.time());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void jitterKeepsTheOrderOfAStream(long seed) throws Exception {
        try (SimulatedKernel noisy = new SimulatedKernel(seed)) {
            noisy.linkBetween(noisy.main(), noisy.main()).latency(Duration.ofMillis(1), Duration.ofMillis(50));
            Pipe[] pair = Pipe.pair(noisy.loop());
            byte[] expected = {0};
            pair[1].startRead((p, data, end) -> {
                while (data != null && data.hasRemaining()) {
                    assertEquals(expected[0]++, data.get());
                }
                if (data == null) {
                    p.close();
                }
            });
            for (int i = 0; i < 100; i++) {
                pair[0].write(new byte[] {(byte) i});
                noisy.run(Duration.ofMillis(1));
            }
            pair[0].close();
            noisy.run();
            assertEquals(100, expected[0]);
            noisy.checkNothingLeft();
        }
    }

    @Test
    void whatArrivesAtAClosedEndIsAReset() throws Exception {
        kernel.linkBetween(kernel.main(), kernel.main()).latency(Duration.ofSeconds(1));
        Pipe[] pair = Pipe.pair(kernel.loop());
        pair[0].startRead((p, data, end) -> {
            log.add(end.code() + " after " + kernel.time());
            p.close();
        });
        pair[0].write(DATA);
        pair[1].close();
        kernel.run();
        assertEquals(1, log.size());
        assertTrue(log.getFirst().startsWith("ECONNRESET after PT1"), log::toString);
    }

    @Test
    void theLinkBetweenProcessesIsThatOfTcpAndDatagramsToo() throws Exception {
        kernel.linkBetween(client, server).latency(Duration.ofSeconds(1));
        Loop servers = server.loop();
        Loop clients = client.loop();
        Tcp listener = new Tcp(servers);
        listener.bind(new InetSocketAddress("127.0.0.1", 0));
        listener.listen((l, error) -> {});
        Udp receiver = new Udp(servers);
        receiver.bind(new InetSocketAddress("127.0.0.1", 0));
        receiver.startRecv((u, data, from, error) -> log.add("received after " + kernel.time()));
        new Tcp(clients).connect(listener.localAddress(), (c, error) -> log.add("connected after " + kernel.time()));
        new Udp(clients).send(ByteBuffer.wrap(DATA), receiver.localAddress(), (u, error) -> {});
        kernel.run();
        assertEquals(List.of("received after PT1S", "connected after PT2S"), cut(log));
    }

    /** Leaves out what is less than a second. */
    private static List<String> cut(List<String> times) {
        return times.stream().map(line -> line.replaceAll("\\.\\d+S", "S")).toList();
    }

    @Test
    void theLoopOfAKilledProcessDoesNotRun() {
        Loop loop = server.loop();
        new Timer(loop).start(t -> log.add("timer"), Duration.ofSeconds(1));
        server.kill();
        IllegalStateException refused = assertThrows(IllegalStateException.class, loop::run);
        assertTrue(refused.getMessage().contains("server was killed"), refused::getMessage);
        loop.close();
        assertEquals(List.of(), log);
    }
}
