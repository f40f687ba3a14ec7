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

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.ReadCallback;
import io.panpipe.StreamCallback;
import io.panpipe.Tcp;
import io.panpipe.Timer;
import io.panpipe.Udp;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a TCP connection behaves. */
public abstract class TcpContract extends HandlesContract {

    private static final Duration LONG = Duration.ofMinutes(10);

    /** A port that is taken and refuses connections: bound, and nobody listens. */
    private InetSocketAddress refusing() throws PanpipeException {
        return boundTcp().localAddress();
    }

    @Test
    void bothEndsTalk() throws Exception {
        TcpEnds ends = tcpEnds();
        assertTalk(ends.client(), ends.server());
    }

    @Test
    void endsKnowTheirAddresses() throws Exception {
        TcpEnds ends = tcpEnds();
        assertEquals(ends.client().localAddress(), ends.server().peerAddress());
        assertEquals(ends.server().localAddress(), ends.client().peerAddress());
        assertEquals(ipv4(0).getAddress(), ends.client().localAddress().getAddress());
        assertTrue(ends.client().localAddress().getPort() > 0);
    }

    @Test
    void addressesNeedASocketAndAPeer() throws Exception {
        Tcp fresh = new Tcp(loop);
        assertFails(ErrorCode.EBADF, fresh::localAddress);
        assertFails(ErrorCode.EBADF, fresh::peerAddress);
        assertFails(ErrorCode.EBADF, fresh::fileno);
        assertFails(ErrorCode.ENOTCONN, boundTcp()::peerAddress);
        fresh.close();
        assertThrows(IllegalStateException.class, fresh::localAddress);
    }

    @Test
    void allArrivesInOrderAndCallbacksComeInOrder() throws Exception {
        TcpEnds ends = tcpEnds();
        byte[] data = pattern(1_000_000);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            byte[] piece = java.util.Arrays.copyOfRange(data, i * 100_000, (i + 1) * 100_000);
            ends.client().write(piece, logs("write " + i));
            expected.add("write " + i);
        }
        assertEquals(List.of(), log);
        ends.client().shutdown(logs("shutdown"));
        expected.add("shutdown");
        Collected<Tcp> received = collect(ends.server());
        runUntil(() -> received.end() != null && log.size() == expected.size());
        assertArrayEquals(data, received.bytes());
        assertEquals(ErrorCode.EOF, received.end());
        assertEquals(expected, log);
    }

    @Test
    void oneDirectionEndsAndTheOtherGoesOn() throws Exception {
        TcpEnds ends = tcpEnds();
        Collected<Tcp> answer = collect(ends.client());
        ends.client().write(bytes("question"), logs("written"));
        ends.client().shutdown(logs("shutdown"));
        assertFalse(ends.client().writable());
        Collected<Tcp> question = collect(ends.server());
        runUntil(() -> question.end() != null);
        ends.server().write(bytes("answer"), logs("answered"));
        ends.server().shutdown();
        runUntil(() -> answer.end() != null);
        assertEquals("question", question.text());
        assertEquals("answer", answer.text());
        assertEquals(ErrorCode.EOF, answer.end());
        assertEquals(List.of("written", "shutdown", "answered"), log);
    }

    @Test
    void writeAfterShutdownIsEpipe() throws Exception {
        TcpEnds ends = tcpEnds();
        ends.client().shutdown(logs("shutdown"));
        ends.client().write(bytes("x"), logs("write"));
        assertFails(ErrorCode.EPIPE, () -> ends.client().tryWrite(bytes("x")));
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("shutdown", "write EPIPE"), log);
    }

    @Test
    void tryWriteSendsAtOnceAndNeverQueues() throws Exception {
        TcpEnds ends = tcpEnds();
        Collected<Tcp> received = collect(ends.server());
        byte[] data = pattern(64 * 1024);
        int[] sent = new int[1];
        boolean full = false;
        while (!full) {
            try {
                int taken = ends.client().tryWrite(java.util.Arrays.copyOfRange(data, 0, data.length));
                assertTrue(taken > 0 && taken <= data.length, () -> "took " + taken);
                sent[0] += taken;
            } catch (PanpipeException none) {
                assertEquals(ErrorCode.EAGAIN, none.code());
                full = true;
            }
        }
        runUntil(() -> received.size() == sent[0]);
        pass();
        assertEquals(sent[0], received.size());
    }

    @Test
    void connectNeverCallsBackInside() throws Exception {
        Tcp server = boundTcp();
        server.listen((listener, error) -> listener.accept(new Tcp(loop)));
        new Tcp(loop).connect(server.localAddress(), logs("connected"));
        assertEquals(List.of(), log);
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("connected"), log);
    }

    @Test
    void writesBeforeTheConnectionLeaveWithIt() throws Exception {
        Tcp server = boundTcp();
        Tcp accepted = new Tcp(loop);
        server.listen((listener, error) -> {
            listener.accept(accepted);
            log.add("accepted");
        });
        Tcp client = new Tcp(loop);
        client.connect(server.localAddress(), (tcp, error) -> {});
        assertFails(ErrorCode.EAGAIN, () -> client.tryWrite(bytes("too early")));
        client.write(bytes("early"), logs("written"));
        client.shutdown(logs("shutdown"));
        runUntil(() -> log.contains("accepted"));
        Collected<Tcp> received = collect(accepted);
        runUntil(() -> received.end() != null && log.contains("shutdown"));
        assertEquals("early", received.text());
        assertTrue(log.indexOf("written") < log.indexOf("shutdown"), log::toString);
    }

    @Test
    void connectIsRefusedWhereNobodyListensAndTheHandleCanBeUsedAnew() throws Exception {
        InetSocketAddress nobody = refusing();
        Tcp server = boundTcp();
        Tcp accepted = new Tcp(loop);
        server.listen((listener, error) -> listener.accept(accepted));
        Tcp client = new Tcp(loop);
        client.connect(nobody, (tcp, error) -> {
            assertEquals(ErrorCode.ECONNREFUSED, error.code());
            assertTrue(error.getMessage().contains("127.0.0.1:" + nobody.getPort()), error::getMessage);
            log.add("refused");
            tcp.connect(server.localAddress(), logs("connected"));
        });
        runUntil(() -> log.size() == 2 && accepted.readable());
        assertEquals(List.of("refused", "connected"), log);
        assertTalk(client, accepted);
    }

    @Test
    void aRefusedConnectCancelsItsWrites() throws Exception {
        Tcp client = new Tcp(loop);
        client.connect(refusing(), logs("connect"));
        client.write(bytes("x"), logs("write"));
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("connect ECONNREFUSED", "write ECANCELED"), log);
    }

    @Test
    void connectGivesUpAfterItsTimeout() throws Exception {
        Tcp server = boundTcp();
        // Nobody accepts: once the backlog is full the system leaves further clients without an answer.
        server.listen((listener, error) -> {}, 1);
        for (int i = 0; i < 10; i++) {
            new Tcp(loop).connect(server.localAddress(), Duration.ofMillis(300), logs("connect"));
        }
        runUntil(() -> log.size() == 10);
        assertTrue(log.contains("connect ETIMEDOUT"), log::toString);
        assertTrue(log.contains("connect"), log::toString);
        assertTrue(java.util.Set.of("connect", "connect ETIMEDOUT").containsAll(log), log::toString);
    }

    @Test
    void aConnectDoesNotTakeWhatClosedStreamsHadToHearForItsOwn() throws Exception {
        Tcp server = boundTcp();
        server.listen((listener, error) -> {}, 1);
        StreamCallback<Tcp> reallyConnected = (tcp, error) -> {
            if (error == null) {
                assertEquals(server.localAddress(), tcp.peerAddress());
            } else {
                assertEquals(ErrorCode.ECANCELED, error.code(), "waiting until all is closed");
            }
        };
        // More than the backlog takes, also when one of them has left it: those below have no answer to expect.
        for (int i = 0; i < 20; i++) {
            new Tcp(loop).connect(server.localAddress(), reallyConnected);
            if (i % 10 == 9) {
                pass();
            }
        }
        Ends one = ends();
        Ends two = ends();
        one.a().close();
        two.a().close();
        pass();
        // Both ends are heard of at once, and the new sockets get the descriptors of those that are closed.
        ReadCallback<Pipe> connects = (stream, data, error) -> {
            one.b().close();
            two.b().close();
            for (int i = 0; i < 6; i++) {
                new Tcp(loop).connect(server.localAddress(), reallyConnected);
            }
            log.add("begun");
        };
        one.b().startRead(connects);
        two.b().startRead(connects);
        runUntil(() -> !log.isEmpty());
        pass();
        assertEquals(List.of("begun"), log, "called once, for the first of the two");
    }

    @Test
    void aTimeoutThatDoesNotPassLeavesNothingBehind() throws Exception {
        Tcp server = boundTcp();
        server.listen((listener, error) -> {
            Tcp accepted = new Tcp(loop);
            listener.accept(accepted);
            accepted.close();
            listener.close();
        });
        new Tcp(loop).connect(server.localAddress(), LONG, (tcp, error) -> {
            throwIfAny(error);
            tcp.close();
            log.add("connected");
        });
        run();
        assertEquals(List.of("connected"), log);
    }

    @Test
    void aTimeoutMeansNothingAnyMoreOnceConnected() throws Exception {
        Tcp server = boundTcp();
        Tcp accepted = new Tcp(loop);
        server.listen((listener, error) -> listener.accept(accepted));
        Tcp client = new Tcp(loop);
        Duration timeout = Duration.ofMillis(200);
        client.connect(server.localAddress(), timeout, logs("connected"));
        boolean[] over = new boolean[1];
        new Timer(loop).start(timer -> {
            over[0] = true;
            timer.close();
        }, timeout.multipliedBy(2));
        runUntil(() -> over[0]);
        assertEquals(List.of("connected"), log);
        assertTalk(client, accepted);
    }

    @Test
    void closeCancelsConnectThenWritesThenCallsBack() throws Exception {
        Tcp client = new Tcp(loop);
        client.connect(refusing(), logs("connect"));
        client.write(bytes("x"), logs("write"));
        client.close(notes("closed"));
        runUntil(() -> log.size() == 3);
        assertEquals(List.of("connect ECANCELED", "write ECANCELED", "closed"), log);
    }

    @Test
    void onlyOneConnectAtATime() throws Exception {
        Tcp client = new Tcp(loop);
        InetSocketAddress nobody = refusing();
        client.connect(nobody, logs("first"));
        assertThrows(IllegalStateException.class, () -> client.connect(nobody, logs("second")));
        assertThrows(IllegalStateException.class, () -> client.bind(ipv4(0)));
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("first ECONNREFUSED"), log);
        Tcp connected = tcpEnds().client();
        assertThrows(IllegalStateException.class, () -> connected.connect(nobody, logs("third")));
    }

    @Test
    void anUnresolvedAddressIsRefusedAndNamed() {
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("panpipe.invalid", 80);
        Tcp tcp = new Tcp(loop);
        for (var call : List.<org.junit.jupiter.api.function.Executable>of(
                () -> tcp.bind(unresolved), () -> tcp.connect(unresolved, logs("connect")))) {
            var refused = assertThrows(IllegalArgumentException.class, call);
            assertTrue(refused.getMessage().contains("panpipe.invalid"), refused::getMessage);
        }
    }

    @Test
    void aClientMayBindFirst() throws Exception {
        Tcp server = boundTcp();
        Tcp accepted = new Tcp(loop);
        server.listen((listener, error) -> listener.accept(accepted));
        Tcp client = boundTcp();
        InetSocketAddress own = client.localAddress();
        client.connect(server.localAddress(), (tcp, error) -> throwIfAny(error));
        runUntil(accepted::readable);
        assertEquals(own, accepted.peerAddress());
        assertTalk(client, accepted);
    }

    @Test
    void noDelayAndKeepAliveNeedASocketAndSaneValues() throws Exception {
        Tcp fresh = new Tcp(loop);
        assertFails(ErrorCode.EBADF, () -> fresh.noDelay(true));
        assertFails(ErrorCode.EBADF, () -> fresh.keepAlive(Duration.ofSeconds(1)));
        TcpEnds ends = tcpEnds();
        ends.client().noDelay(true);
        ends.client().keepAlive(Duration.ofSeconds(60));
        for (Duration bad : List.of(Duration.ofSeconds(-1), Duration.ofMillis(1), Duration.ofSeconds(32_768))) {
            assertThrows(IllegalArgumentException.class, () -> ends.client().keepAlive(bad), bad::toString);
        }
        assertTalk(ends.client(), ends.server());
        ends.client().noDelay(false);
        ends.client().keepAlive(Duration.ZERO);
    }

    @Test
    void buffersHaveTheSizeThatWasAskedForAtLeast() throws Exception {
        Tcp client = tcpEnds().client();
        client.sendBufferSize(50_000);
        client.receiveBufferSize(60_000);
        assertTrue(client.sendBufferSize() >= 50_000, () -> "a smaller send buffer");
        assertTrue(client.receiveBufferSize() >= 60_000, () -> "a smaller receive buffer");
        assertThrows(IllegalArgumentException.class, () -> client.sendBufferSize(0));
    }

    @Test
    void aDetachedConnectionGoesOnInAnotherHandle() throws Exception {
        TcpEnds ends = tcpEnds();
        assertTalk(ends.client(), ends.server());
        InetSocketAddress own = ends.client().localAddress();
        long descriptor = ends.client().detach();
        assertTrue(ends.client().closed());
        Tcp again = new Tcp(loop);
        again.open(descriptor);
        assertEquals(descriptor, again.fileno());
        assertEquals(own, again.localAddress());
        assertTalk(again, ends.server());
    }

    @Test
    void openRefusesWhatIsNoTcpSocketAndWhatAHandleHas() throws Exception {
        Udp udp = boundUdp();
        long descriptor = udp.detach();
        assertFails(ErrorCode.EINVAL, () -> new Tcp(loop).open(descriptor));
        Udp again = new Udp(loop);
        again.open(descriptor);
        Tcp client = tcpEnds().client();
        assertFails(ErrorCode.EEXIST, () -> new Tcp(loop).open(client.fileno()));
        assertFails(ErrorCode.EBADF, () -> new Tcp(loop).open(123_456_789));
        assertThrows(IllegalStateException.class, () -> client.open(client.fileno()));
    }

    @Test
    void pipeToCopiesFromTcpToAPipe() throws Exception {
        TcpEnds ends = tcpEnds();
        Ends pipes = ends();
        byte[] data = pattern(300_000);
        ends.client().write(data, logs("written"));
        ends.client().shutdown();
        ends.server().pipeTo(pipes.a(), logs("copied"));
        var received = receiveOnly(pipes.b());
        runUntil(() -> received.end() != null && log.size() == 2);
        assertArrayEquals(data, received.bytes());
        assertEquals(List.of("written", "copied"), log);
    }
}
