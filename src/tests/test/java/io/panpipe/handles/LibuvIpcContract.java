/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.panpipe.ErrorCode;
import io.panpipe.Handle;
import io.panpipe.PanpipeException;
import io.panpipe.PendingType;
import io.panpipe.Pipe;
import io.panpipe.StreamHandle;
import io.panpipe.Tcp;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * libuv's own tests of IPC pipes, here in one process: test-pipe-sendmsg, test-ipc-send-recv, test-ipc and
 * test-ipc-heavy-traffic.
 */
public abstract class LibuvIpcContract extends HandlesContract {

    /** Two messages with a handle each. */
    private static final int ECHOED = 2;

    /** Reads an end and answers each handle with that handle. */
    private void echo(Pipe end, PendingType type) throws PanpipeException {
        Arrivals.at(end, (pipe, pending, from, to) -> {
            assertEquals(type, pending);
            Handle received = accept(pipe, pending);
            pipe.write(buffer("."), (itself, error) -> throwIfAny(error), received);
            received.close();
        });
    }

    private Handle accept(Pipe from, PendingType type) throws PanpipeException {
        if (type == PendingType.TCP) {
            Tcp tcp = new Tcp(loop);
            from.accept(tcp);
            return tcp;
        }
        Pipe pipe = pipe();
        from.accept(pipe);
        return pipe;
    }

    /** Sends two handles, has them echoed, and returns them as they came back. */
    private List<Handle> sendAndReceive(PendingType type, Handle first, Handle second) throws PanpipeException {
        Ends ends = ipcEnds();
        echo(ends.b(), type);
        List<Handle> back = new ArrayList<>();
        Arrivals.at(ends.a(), (pipe, pending, from, to) -> {
            assertEquals(type, pending);
            back.add(accept(pipe, pending));
        });
        ends.a().write(buffer("."), logs("sent"), first);
        ends.a().write(buffer("."), logs("sent"), second);
        runUntil(() -> back.size() == ECHOED);
        assertEquals(List.of("sent", "sent"), log);
        log.clear();
        return back;
    }

    @Test
    void pipeSendmsgFourHandlesOfOneMessageAreFourPendingHandles() throws Exception {
        Ends[] payloads = {payload(), payload(), payload(), payload()};
        Ends ends = ipcEnds();
        Arrivals arrivals = Arrivals.at(ends.b());
        ends.a().write(buffer("hello"), logs("sent"),
                payloads[0].a(), payloads[1].a(), payloads[2].a(), payloads[3].a());
        runUntil(() -> arrivals.size() == 5);
        assertEquals(4, ends.b().pendingCount());
        for (int i = 0; i < 4; i++) {
            assertEquals(PendingType.PIPE, ends.b().pendingType());
            Pipe received = pipe();
            ends.b().accept(received);
            assertEquals(3 - i, ends.b().pendingCount());
            assertTalk(received, payloads[i].b());
        }
        assertEquals("hello", arrivals.text());
    }

    @Test
    void ipcSendRecvPipeInProcess() throws Exception {
        Ends one = payload();
        Ends two = payload();
        List<Handle> back = sendAndReceive(PendingType.PIPE, one.a(), two.a());
        one.a().close();
        two.a().close();
        assertTalk((Pipe) back.get(0), one.b());
        assertTalk((Pipe) back.get(1), two.b());
    }

    @Test
    void ipcSendRecvTcpInProcess() throws Exception {
        TcpEnds one = tcpEnds();
        TcpEnds two = tcpEnds();
        List<Handle> back = sendAndReceive(PendingType.TCP, one.client(), two.client());
        one.client().close();
        two.client().close();
        assertTalk((Tcp) back.get(0), one.server());
        assertTalk((Tcp) back.get(1), two.server());
    }

    /** Sends a server over, connects to it, and lets the other side serve and report, as libuv's helper does. */
    private void assertServesThere(Tcp server, Runnable listenHere) throws Exception {
        Ends ends = ipcEnds();
        InetSocketAddress address = server.localAddress();
        Tcp there = new Tcp(loop);
        Arrivals.at(ends.b(), (pipe, type, from, to) -> {
            pipe.accept(there);
            there.listen((listener, error) -> {
                throwIfAny(error);
                Tcp connection = new Tcp(loop);
                listener.accept(connection);
                connection.close();
                pipe.write(bytes("accepted a connection"), (itself, refused) -> throwIfAny(refused));
            });
        });
        ends.a().write(buffer("hello"), logs("sent"), server);
        listenHere.run();
        Arrivals report = Arrivals.at(ends.a());
        runUntil(() -> there.active());
        server.close();
        Tcp client = new Tcp(loop);
        client.connect(address, (tcp, error) -> throwIfAny(error));
        runUntil(() -> report.text().equals("accepted a connection") && client.readable());
        Collected<Tcp> end = collect(client);
        runUntil(() -> end.end() != null);
        assertEquals(ErrorCode.EOF, end.end());
    }

    @Test
    void ipcListenBeforeWrite() throws Exception {
        Tcp server = boundTcp();
        server.listen((listener, error) -> log.add("accepted here"));
        assertServesThere(server, () -> {});
    }

    @Test
    void ipcListenAfterWrite() throws Exception {
        Tcp server = boundTcp();
        assertServesThere(server, () -> {
            try {
                server.listen((listener, error) -> log.add("accepted here"));
            } catch (PanpipeException failed) {
                throw new AssertionError(failed);
            }
        });
    }

    @Test
    void ipcListenAfterBindTwice() throws Exception {
        Tcp first = boundTcp();
        assertThrows(IllegalStateException.class, () -> first.bind(ipv4(0)));
        assertServesThere(first, () -> {});
    }

    @Test
    void ipcTcpConnectionReadsAndWritesThere() throws Exception {
        Ends ends = ipcEnds();
        TcpEnds connection = tcpEnds();
        Arrivals.at(ends.b(), (pipe, type, from, to) -> {
            Tcp there = new Tcp(loop);
            pipe.accept(there);
            there.startRead((tcp, data, error) -> {
                if (data == null) {
                    tcp.shutdown((itself, refused) -> itself.close());
                    pipe.write(bytes("closed"), (itself, refused) -> throwIfAny(refused));
                } else {
                    tcp.write(data, (itself, refused) -> throwIfAny(refused));
                }
            });
        });
        ends.a().write(buffer("take it"), logs("sent"), connection.server());
        connection.server().close();
        connection.client().write(bytes("hello"), logs("written"));
        connection.client().shutdown();
        Collected<Tcp> echoed = collect(connection.client());
        Arrivals report = Arrivals.at(ends.a());
        runUntil(() -> echoed.end() != null && report.text().equals("closed"));
        assertEquals("hello", echoed.text());
    }

    @Test
    void ipcSendZeroIsAClearError() throws Exception {
        Ends ends = ipcEnds();
        Tcp tcp = boundTcp();
        var refused = assertThrows(IllegalArgumentException.class,
                () -> ends.a().write(buffer(""), logs("sent"), tcp));
        assertEquals(true, refused.getMessage().contains("at least one byte"), refused.getMessage());
        // Without a handle it is a request like any other.
        ends.a().write(buffer(""), logs("empty"));
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("empty"), log);
    }

    @Test
    void ipcHeavyTrafficBothWaysDoesNotDeadlock() throws Exception {
        int batches = 256;
        Ends ends = ipcEnds();
        byte[] batch = pattern(3 * 8 * 1024);
        long total = (long) batches * batch.length;
        for (int i = 0; i < batches; i++) {
            for (Pipe pipe : List.of(ends.a(), ends.b())) {
                for (int part = 0; part < 3; part++) {
                    pipe.write(java.util.Arrays.copyOfRange(batch, part * 8192, (part + 1) * 8192), logs("written"));
                }
            }
        }
        Arrivals atA = Arrivals.at(ends.a());
        Arrivals atB = Arrivals.at(ends.b());
        runUntil(() -> atA.size() == total && atB.size() == total && log.size() == 2 * 3 * batches);
        assertBatches(batch, atA.bytes());
        assertBatches(batch, atB.bytes());
    }

    private static void assertBatches(byte[] batch, byte[] all) {
        for (int at = 0; at < all.length; at += batch.length) {
            assertArrayEquals(batch, java.util.Arrays.copyOfRange(all, at, at + batch.length));
        }
    }

    @Test
    void ipcPassedConnectionClosesWhenBothHoldersHaveClosedIt() throws Exception {
        Ends ends = ipcEnds();
        TcpEnds connection = tcpEnds();
        List<StreamHandle<?>> there = new ArrayList<>();
        Arrivals.at(ends.b(), (pipe, type, from, to) -> there.add((Tcp) accept(pipe, type)));
        ends.a().write(buffer("x"), logs("sent"), connection.server());
        runUntil(() -> there.size() == 1);
        Collected<Tcp> end = collect(connection.client());
        connection.server().close();
        pass();
        assertEquals(null, end.end());
        there.getFirst().close();
        runUntil(() -> end.end() != null);
        assertEquals(ErrorCode.EOF, end.end());
    }
}
