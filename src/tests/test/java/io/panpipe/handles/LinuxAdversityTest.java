/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.RunMode;
import io.panpipe.Tcp;
import io.panpipe.Timer;
import io.panpipe.Udp;
import java.lang.foreign.Arena;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What others do to descriptors behind our back, or have done to them before we get them. */
@EnabledOnOs(OS.LINUX)
class LinuxAdversityTest extends HandlesContract implements LinuxHandlesTest.OnLinux {

    @Test
    void aDuplicateMadeElsewhereDoesNotKeepTheLoopSpinning() throws Exception {
        Pipe[] pair = Pipe.pair(loop);
        pair[0].startRead((p, data, error) -> log.add("read"));
        RawDescriptor copy = new RawDescriptor(loop);
        copy.open(Libc.duplicate(pair[0].fileno()));
        run(RunMode.NOWAIT);
        pair[0].close();
        pair[1].write("for nobody".getBytes());
        run(RunMode.NOWAIT);
        long before = loop.metrics().iterations();
        Timer timer = new Timer(loop);
        timer.start(t -> log.add("time"), Duration.ofMillis(50));
        runUntil(() -> !log.isEmpty());
        assertEquals("time", log.get(0));
        assertTrue(loop.metrics().iterations() - before < 100, () -> loop.metrics().toString());
        copy.close();
        pair[1].close();
    }

    @Test
    void aConnectionThatWasResetIsAdoptedAsAConnection() throws Exception {
        Tcp server = boundTcp();
        Tcp accepted = watch(new Tcp(loop));
        server.listen((s, error) -> {
            s.accept(accepted);
            log.add("accepted");
        });
        try (Socket client = new Socket(server.localAddress().getAddress(), server.localAddress().getPort())) {
            runUntil(() -> !log.isEmpty());
            client.setSoLinger(true, 0);
        }
        Tcp adopted = watch(new Tcp(loop));
        adopted.open(accepted.detach());
        adopted.startRead((c, data, error) -> log.add(String.valueOf(data == null)));
        runUntil(() -> log.size() == 2);
        assertEquals("true", log.get(1), "the end or an error");
        adopted.close();
        server.close();
    }

    @Test
    void connectOfABlockingSocketKeepsToItsTimeout() throws Exception {
        String name = kernel.freshName();
        Pipe server = watch(new Pipe(loop));
        server.bind(name);
        server.listen((s, error) -> {}, 1);
        fillBacklog(name);
        Pipe client = watch(new Pipe(loop));
        client.open(Libc.blockingSocket());
        client.connect(name, Duration.ofMillis(50), (c, error) -> log.add(String.valueOf(error.code())));
        runUntil(() -> log.contains("ETIMEDOUT"));
        client.close();
        server.close();
    }

    private void fillBacklog(String name) throws Exception {
        while (!log.contains("full")) {
            Pipe waiting = watch(new Pipe(loop));
            waiting.connect(name, (c, error) -> {
                if (error != null) {
                    log.add("full");
                    c.close();
                }
            });
            run(RunMode.NOWAIT);
        }
    }

    @Test
    void aDatagramThatCannotBeReadAnyMoreFailsAlone() throws Exception {
        Udp sender = boundUdp();
        Udp receiver = boundUdp();
        receiver.startRecv((udp, data, from, error) -> log.add("received " + data.remaining()));
        try (Arena arena = Arena.ofConfined()) {
            ByteBuffer doomed = arena.allocate(10).asByteBuffer();
            sender.send(doomed, receiver.localAddress(), (udp, error) -> log.add(String.valueOf(error.code())));
        }
        sender.send(buffer("after"), receiver.localAddress(), (udp, error) -> log.add("sent"));
        runUntil(() -> log.size() == 3);
        assertEquals(List.of("EFAULT", "received 5", "sent"), log.stream().sorted().toList());
        sender.close();
        receiver.close();
    }

    @Test
    void standardStreamsStayOpen() throws Exception {
        RawDescriptor standardError = new RawDescriptor(loop);
        standardError.open(2);
        standardError.close();
        runUntil(() -> !loop.handles().contains(standardError));
        assertTrue(Files.exists(Libc.path(2)));
    }
}
