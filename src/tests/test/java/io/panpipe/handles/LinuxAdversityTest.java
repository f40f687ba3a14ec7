/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.RunMode;
import io.panpipe.Tcp;
import io.panpipe.Timer;
import io.panpipe.Udp;
import io.panpipe.contract.Needs;
import io.panpipe.contract.Trait;
import io.panpipe.contract.Truncated;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What others do to descriptors behind our back, or have done to them before we get them: on Linux, and on its double of Darwin. */
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
    void connectLeavesAPipeInTheModeInWhichItCame() throws Exception {
        Pipe server = watch(new Pipe(loop));
        server.bind(kernel.freshName());
        server.listen((s, error) -> {});
        Pipe client = watch(new Pipe(loop));
        int descriptor = Libc.blockingSocket();
        client.open(descriptor);
        client.connect(kernel.freshName(), (c, refused) -> {
            log.add("refused " + Libc.isBlocking(descriptor));
            c.connect(server.localName(), (same, error) -> {
                throwIfAny(error);
                log.add("connected " + Libc.isBlocking(descriptor));
            });
        });
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("refused true", "connected true"), log);
    }

    @Test
    void connectLeavesATcpSocketInTheModeInWhichItCame() throws Exception {
        Tcp refusing = boundTcp();
        Tcp server = boundTcp();
        server.listen((s, error) -> {});
        for (Tcp to : List.of(refusing, server)) {
            int descriptor = Libc.blockingTcpSocket();
            Tcp client = new Tcp(loop);
            client.open(descriptor);
            watch(client);
            client.connect(to.localAddress(), (same, error) ->
                    log.add((error == null ? "connected, " : error.code() + ", ") + Libc.isBlocking(descriptor)));
            runUntil(() -> log.size() == (to == refusing ? 1 : 2));
        }
        assertEquals(List.of("ECONNREFUSED, true", "connected, true"), log);
    }

    /** A connection begins in its listener's mode on some systems, and is nobody else's. */
    @Test
    void aConnectionOfABlockingListenerIsNotInBlockingMode() throws Exception {
        String name = kernel.freshName();
        Pipe bound = watch(new Pipe(loop));
        bound.bind(name);
        bound.listen((listener, error) -> {});
        Pipe server = new Pipe(loop);
        server.open(inBlockingMode(bound.detach()));
        Pipe accepted = new Pipe(loop);
        server.listen((listener, error) -> {
            throwIfAny(error);
            listener.accept(accepted);
            log.add("accepted " + Libc.isBlocking(accepted.fileno()));
        });
        Pipe client = new Pipe(loop);
        client.connect(name, (pipe, error) -> throwIfAny(error));
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("accepted false"), log);
        assertTrue(Libc.isBlocking(server.fileno()), "the listener's mode is its owner's");
        // Would wait for ever in the system: nobody reads.
        block(accepted);
        accepted.close();
        kernel.remove(name);
    }

    private static long inBlockingMode(long descriptor) throws IOException {
        Libc.setBlocking(descriptor);
        return descriptor;
    }

    @Test
    void aTcpConnectionOfABlockingListenerIsNotInBlockingMode() throws Exception {
        Tcp bound = boundTcp();
        bound.listen((listener, error) -> {});
        Tcp server = new Tcp(loop);
        server.open(inBlockingMode(bound.detach()));
        Tcp accepted = new Tcp(loop);
        server.listen((listener, error) -> {
            throwIfAny(error);
            listener.accept(accepted);
            log.add("accepted " + Libc.isBlocking(accepted.fileno()));
        });
        new Tcp(loop).connect(server.localAddress(), (tcp, error) -> throwIfAny(error));
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("accepted false"), log);
        assertTrue(Libc.isBlocking(server.fileno()), "the listener's mode is its owner's");
    }

    @Test
    void handlesOfASocketInBlockingModeWaitForRoomAndNotInTheSystem() throws Exception {
        int[] two = RawSocket.pair();
        Pipe sender = new Pipe(loop, true);
        sender.open(two[0]);
        Pipe receiver = new Pipe(loop, true);
        receiver.open(two[1]);
        Ends payload = payload();
        int much = 1_000_000;
        sender.write(ByteBuffer.allocate(much), logs("sent"), payload.a());
        settle();
        assertEquals(List.of(), log);
        assertTrue(Libc.isBlocking(two[0]));
        Pipe received = new Pipe(loop);
        Arrivals arrivals = Arrivals.at(receiver, (pipe, type, from, to) -> pipe.accept(received));
        runUntil(() -> arrivals.size() == much && !log.isEmpty());
        assertTalk(received, payload.b());
        sender.close();
        receiver.close();
    }

    @Test
    @Needs(Trait.SENDS_NEVER_WAIT)
    void aSinkWhoseModeAnotherOwnerChangesDoesNotHoldUpTheLoop() throws Exception {
        byte[] data = pattern(200_000);
        int first = 60_000;
        Ends in = ends();
        Tcp server = boundTcp();
        Tcp reader = new Tcp(loop);
        server.listen((listener, error) -> listener.accept(reader));
        // Not watched: from then on nothing would be moved to it inside the kernel.
        Tcp sink = new Tcp(loop);
        sink.connect(server.localAddress(), logs("connected"));
        runUntil(() -> log.size() == 1 && reader.readable());
        in.b().pipeTo(sink, logs("copied"));
        in.a().write(ByteBuffer.wrap(data, 0, first), logs("written"));
        Collected<Tcp> received = collect(reader);
        // From here on it is known that so much is better moved than copied.
        runUntil(() -> received.size() == first);
        reader.stopRead();
        // A sink that is full, in which less than what will wait for it has room at once.
        sink.sendBufferSize(16_000);
        reader.receiveBufferSize(16_000);
        int byHand = fill(sink);
        in.a().write(ByteBuffer.wrap(data, first, data.length - first), logs("written"));
        runUntil(() -> sink.writeQueueSize() > 0);
        pass();
        long descriptor = sink.fileno();
        Libc.setBlocking(descriptor);
        reader.startRead(received);
        CountDownLatch over = new CountDownLatch(1);
        Thread rescuer = Thread.ofPlatform().daemon().start(() -> {
            try {
                if (!over.await(20, TimeUnit.SECONDS)) {
                    log.add("the loop hung in a system call");
                    Libc.shutdown(descriptor);
                }
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        });
        runUntil(() -> received.size() == data.length + byHand || received.end() != null);
        over.countDown();
        rescuer.join();
        assertEquals(List.of("connected", "written", "written"), log);
        assertEquals(ByteBuffer.wrap(data, first, data.length - first),
                ByteBuffer.wrap(received.bytes(), first + byHand, data.length - first));
    }

    /** Writes to a stream until the system takes no more, and returns how much that is. */
    private int fill(Tcp stream) throws PanpipeException {
        int written = 0;
        try {
            while (true) {
                written += stream.tryWrite(new byte[1000]);
                run(RunMode.NOWAIT);
            }
        } catch (PanpipeException full) {
            assertEquals(ErrorCode.EAGAIN, full.code());
            return written;
        }
    }

    @Test
    void signalsDoNotPutTimersOff() throws Exception {
        int most = 500;
        long waiting = Libc.thisThread();
        AtomicInteger signals = new AtomicInteger();
        CountDownLatch over = new CountDownLatch(1);
        Thread sender = Thread.ofPlatform().daemon().start(() -> {
            try {
                // Far more often than the timer is due.
                while (!over.await(10, TimeUnit.MILLISECONDS) && signals.get() < most) {
                    Libc.interrupt(waiting);
                    signals.incrementAndGet();
                }
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        });
        new Timer(loop).start(timer -> log.add("timer"), Duration.ofMillis(150));
        run();
        over.countDown();
        sender.join();
        assertEquals(List.of("timer"), log);
        assertTrue(signals.get() < most, "the timer came when the signals had ended");
    }

    @Test
    void aDatagramThatCannotBeReadAnyMoreFailsAlone() throws Exception {
        Udp sender = boundUdp();
        Udp receiver = boundUdp();
        receiver.startRecv((udp, data, from, error) -> log.add("received " + data.remaining()));
        sender.send(Truncated.buffer(10), receiver.localAddress(), (udp, error) -> log.add(String.valueOf(error.code())));
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
