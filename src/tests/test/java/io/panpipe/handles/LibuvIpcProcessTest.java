/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.panpipe.Pipe;
import io.panpipe.Tcp;
import io.panpipe.Udp;
import io.panpipe.testbed.ScenarioJvm;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** libuv's tests of IPC pipes that take a second process, which is another JVM with Panpipe here. */
@EnabledOnOs(OS.LINUX)
class LibuvIpcProcessTest extends ForeignContract {

    private static final ScenarioJvm HELPER = Scenario.shared("", IpcHelper.class);

    @AfterAll
    static void endHelper() {
        HELPER.close();
    }

    @BeforeEach
    void takeAName() {
        name = kernel.freshName();
    }

    private Pipe helper(String task) throws Exception {
        return meet(() -> new Helper(HELPER.start(task, name)));
    }

    private record Helper(ScenarioJvm.Task task) implements Program {
        @Override
        public boolean isAlive() {
            return !task.isDone();
        }

        @Override
        public String text() {
            return task.text();
        }

        @Override
        public String output() throws InterruptedException {
            return task.output();
        }
    }

    /** Says goodbye, and checks that the other process comes to a good end. */
    private void finish(Pipe pipe) throws Exception {
        pipe.close();
        run(io.panpipe.RunMode.NOWAIT);
        assertEquals("", ended());
    }

    @Test
    void ipcSendRecvPipe() throws Exception {
        Pipe pipe = helper("echo");
        Ends one = payload();
        Ends two = payload();
        List<Pipe> back = new ArrayList<>();
        Arrivals.at(pipe, (from, type, begin, end) -> {
            Pipe received = pipe();
            from.accept(received);
            back.add(received);
        });
        pipe.write(buffer("."), logs("sent"), one.a());
        pipe.write(buffer("."), logs("sent"), two.a());
        one.a().close();
        two.a().close();
        await(() -> back.size() == 2);
        finish(pipe);
        assertTalk(back.get(0), one.b());
        assertTalk(back.get(1), two.b());
    }

    @Test
    void ipcSendRecvTcp() throws Exception {
        Pipe pipe = helper("echo");
        TcpEnds one = tcpEnds();
        TcpEnds two = tcpEnds();
        List<Tcp> back = new ArrayList<>();
        Arrivals.at(pipe, (from, type, begin, end) -> {
            Tcp received = new Tcp(loop);
            from.accept(received);
            back.add(received);
        });
        pipe.write(buffer("."), logs("sent"), one.client());
        pipe.write(buffer("."), logs("sent"), two.client());
        one.client().close();
        two.client().close();
        await(() -> back.size() == 2);
        finish(pipe);
        assertTalk(back.get(0), one.server());
        assertTalk(back.get(1), two.server());
    }

    @Test
    void aHandleGoesToAnotherProcessAndBackManyTimes() throws Exception {
        Pipe pipe = helper("echo");
        Udp udp = boundUdp();
        InetSocketAddress address = udp.localAddress();
        Udp[] last = new Udp[1];
        int[] trips = new int[1];
        Arrivals.at(pipe, (from, type, begin, end) -> {
            Udp received = new Udp(loop);
            from.accept(received);
            if (++trips[0] == 50) {
                last[0] = received;
            } else {
                from.write(buffer("."), (itself, error) -> throwIfAny(error), received);
                received.close();
            }
        });
        pipe.write(buffer("."), (itself, error) -> throwIfAny(error), udp);
        udp.close();
        await(() -> last[0] != null);
        finish(pipe);
        Datagrams received = new Datagrams();
        last[0].startRecv(received);
        boundUdp().send(buffer("still here"), address, logs("sent"));
        runUntil(() -> received.count() == 1);
    }

    /** The other process accepts what connects to a server of this one, and reports it. */
    private void assertServesThere(Tcp server, boolean listensAfterwards) throws Exception {
        Pipe pipe = helper("listen");
        InetSocketAddress address = server.localAddress();
        pipe.write(buffer("."), logs("sent"), server);
        if (listensAfterwards) {
            server.listen(logs("accepted here"));
        }
        Arrivals report = Arrivals.at(pipe);
        await(() -> report.text().equals("listening"));
        server.close();
        Tcp client = new Tcp(loop);
        client.connect(address, (tcp, error) -> throwIfAny(error));
        await(client::readable);
        Collected<Tcp> greeting = collect(client);
        await(() -> greeting.end() != null && report.text().equals("listening, accepted"));
        assertEquals("hello from the other process", greeting.text());
        assertEquals(List.of("sent"), log);
        finish(pipe);
    }

    @Test
    void ipcListenBeforeWrite() throws Exception {
        Tcp server = boundTcp();
        server.listen(logs("accepted here"));
        assertServesThere(server, false);
    }

    @Test
    void ipcListenAfterWrite() throws Exception {
        assertServesThere(boundTcp(), true);
    }

    @Test
    void ipcListenThereAlone() throws Exception {
        assertServesThere(boundTcp(), false);
    }

    @Test
    void ipcTcpConnection() throws Exception {
        Pipe pipe = helper("converse");
        TcpEnds connection = tcpEnds();
        pipe.write(buffer("."), logs("sent"), connection.server());
        connection.server().close();
        connection.client().write(pattern(100_000), (tcp, error) -> throwIfAny(error));
        connection.client().shutdown();
        Collected<Tcp> echoed = collect(connection.client());
        Arrivals report = Arrivals.at(pipe);
        await(() -> echoed.end() != null && report.text().equals("closed"));
        assertArrayEquals(pattern(100_000), echoed.bytes());
        finish(pipe);
    }
}
