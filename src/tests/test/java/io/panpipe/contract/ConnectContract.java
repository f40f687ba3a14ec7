/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.Handle;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.Timer;
import io.panpipe.testbed.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What connecting does, also where it fails or has to wait. */
public abstract class ConnectContract extends Contract {

    private Pipe acceptingAll(String name, int expected) throws PanpipeException {
        int[] count = new int[1];
        return listening(name, (listener, error) -> {
            throwIfAny(error);
            Pipe connection = pipe();
            listener.accept(connection);
            receive(connection);
            if (++count[0] == expected) {
                listener.close();
            }
        });
    }

    @Test
    void connectNeverCallsBackInside() throws Exception {
        String name = kernel.freshName();
        acceptingAll(name, 1);
        Pipe client = pipe();
        client.connect(name, (pipe, error) -> {
            assertSame(client, pipe);
            throwIfAny(error);
            log.add("connected");
            pipe.close();
        });
        assertEquals(List.of(), log);
        run();
        assertEquals(List.of("connected"), log);
    }

    @Test
    void aMissingNameIsEnoent() throws Exception {
        String name = kernel.freshName();
        List<PanpipeException> errors = new ArrayList<>();
        pipe().connect(name, (pipe, error) -> errors.add(error));
        assertEquals(List.of(), errors, "not inside the call");
        run();
        PanpipeException error = errors.getFirst();
        assertEquals(ErrorCode.ENOENT, error.code());
        assertEquals(kernel.call("connect"), error.call());
        assertEquals(name, error.name());
        assertTrue(error.getMessage().contains(name), error::getMessage);
    }

    @Test
    void anUnusableNameFailsInTheCallback() throws Exception {
        pipe().connect("", logs("empty"));
        pipe().connect("/tmp/a\0b", logs("nul"));
        pipe().connect("/" + "x".repeat(5000), logs("long"));
        assertEquals(List.of(), log);
        run();
        assertEquals(List.of("empty EINVAL", "long ENAMETOOLONG", "nul EINVAL"), log.stream().sorted().toList());
    }

    @Test
    void theHandleMayConnectAnewAfterAFailure() throws Exception {
        String name = kernel.freshName();
        Pipe client = pipe();
        client.connect(kernel.freshName(), (pipe, error) -> {
            log.add("first " + error.code());
            acceptingAll(name, 1);
            pipe.connect(name, (again, none) -> {
                throwIfAny(none);
                log.add("second");
                again.write(bytes("x"), (written, e) -> written.close(notes("closed")));
            });
        });
        run();
        assertEquals(List.of("first ENOENT", "second", "closed"), log);
    }

    @Test
    void theHandleMayBindAfterAFailure() throws Exception {
        Pipe client = pipe();
        client.connect(kernel.freshName(), logs("connect"));
        run();
        client.bind(kernel.freshName());
        client.listen(logs("connection"));
        assertTrue(client.active());
    }

    @Test
    void aHandleInUseIsRefused() throws Exception {
        String name = kernel.freshName();
        Pipe server = acceptingAll(name, 2);
        Pipe client = pipe();
        client.connect(name, logs("connected"));
        assertThrows(IllegalStateException.class, () -> client.connect(name, logs("again")), "while pending");
        assertThrows(IllegalStateException.class, () -> client.bind(kernel.freshName()), "while pending");
        assertThrows(IllegalStateException.class, () -> client.open(0), "while pending");
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("connected"), log, "the first one is not disturbed");
        assertThrows(IllegalStateException.class, () -> client.connect(name, logs("again")), "when connected");
        assertThrows(IllegalStateException.class, () -> server.connect(name, logs("again")), "when listening");
        assertThrows(IllegalStateException.class, () -> client.listen(logs("connection")), "when connected");
    }

    @Test
    @Lacks(Trait.CLOSED_UNTIL_LISTEN)
    void aClientThatConnectsBetweenBindAndListenIsServed() throws Exception {
        String name = kernel.freshName();
        Pipe server = pipe();
        server.bind(name);
        pipe().connect(name, (pipe, error) -> {
            throwIfAny(error);
            log.add("connected");
            pipe.write(bytes("early"), (same, failed) -> same.close());
        });
        settle();
        List<Received> received = new ArrayList<>();
        server.listen((listener, error) -> {
            Pipe connection = pipe();
            listener.accept(connection);
            received.add(receive(connection));
            listener.close();
        });
        run();
        assertEquals(List.of("connected"), log);
        assertEquals("early", received.getFirst().text());
    }

    @Test
    void whatIsWrittenBeforeArrivesOnceConnected() throws Exception {
        String name = kernel.freshName();
        List<Received> received = new ArrayList<>();
        listening(name, (listener, error) -> {
            Pipe connection = pipe();
            listener.accept(connection);
            received.add(receive(connection));
            listener.close();
        });
        Pipe client = pipe();
        client.connect(name, (pipe, error) -> {
            throwIfAny(error);
            log.add("connected");
            receive(pipe);
        });
        client.write(bytes("written "), logs("first"));
        client.write(bytes("before"), logs("second"));
        finishWriting(client);
        run();
        assertEquals("written before", received.getFirst().text());
        assertEquals(List.of("connected", "first", "second"), log);
    }

    @Test
    void aFailedConnectCancelsWhatWasWritten() throws Exception {
        Pipe client = pipe();
        client.connect(kernel.freshName(), logs("connect"));
        client.write(bytes("x"), logs("write"));
        client.write(new byte[100_000], logs("long write"));
        client.shutdown(logs("shutdown"));
        run();
        assertEquals(List.of("connect ENOENT", "write ECANCELED", "long write ECANCELED", "shutdown ECANCELED"), log);
        assertEquals(0, client.writeQueueSize());
    }

    @Test
    void tenClientsConnect() throws Exception {
        String name = kernel.freshName();
        acceptingAll(name, 10);
        for (int i = 0; i < 10; i++) {
            pipe().connect(name, (pipe, error) -> {
                throwIfAny(error);
                log.add("connected");
                pipe.close();
            });
        }
        run();
        assertEquals(10, log.size());
    }

    @Test
    void tenClientsClosedAtOnceAreEachToldOnce() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, (listener, error) -> listener.accept(pipe()));
        for (int i = 0; i < 10; i++) {
            Pipe client = pipe();
            String label = "client " + i;
            client.connect(name, (pipe, error) -> {
                assertTrue(error == null || error.code() == ErrorCode.ECANCELED);
                log.add(label);
            });
            client.close(notes(label + " closed"));
        }
        server.close();
        runUntil(() -> log.size() == 20);
        settle();
        assertEquals(20, log.size());
        for (int i = 0; i < 10; i++) {
            assertTrue(log.indexOf("client " + i) < log.indexOf("client " + i + " closed"));
        }
    }

    // A full backlog.

    private Pipe full(String name) throws PanpipeException {
        Pipe server = pipe();
        server.bind(name);
        server.listen(logs("connection"), 1);
        // The first is announced and taken from the queue, which on Linux has room for two more and elsewhere for one.
        boolean roomForTwo = kernel.has(Trait.FULL_BACKLOG_FAILS) && kernel.fullBacklog() == ErrorCode.EAGAIN;
        for (int i = 0; i < (roomForTwo ? 3 : 2); i++) {
            Pipe client = pipe();
            boolean[] connected = new boolean[1];
            client.connect(name, Patience.seconds(60), (pipe, error) -> {
                throwIfAny(error);
                connected[0] = true;
            });
            runUntil(() -> connected[0]);
        }
        runUntil(() -> log.contains("connection"));
        log.clear();
        fillUp(name);
        return server;
    }

    private void fillUp(String name) {
        if (!kernel.has(Trait.FULL_BACKLOG_FAILS)) {
            // An attempt that does not wait is then the only one that tells.
            pipe().connect(name, Duration.ZERO, logs("full"));
            runUntil(() -> !log.isEmpty());
            assertEquals(List.of("full ETIMEDOUT"), log);
            log.clear();
            return;
        }
        boolean[] isFull = new boolean[1];
        while (!isFull[0]) {
            boolean[] told = new boolean[1];
            pipe().connect(name, (pipe, error) -> {
                told[0] = true;
                if (error != null) {
                    assertEquals(kernel.fullBacklog(), error.code());
                    isFull[0] = true;
                }
            });
            runUntil(() -> told[0]);
        }
    }

    @Test
    @Needs(Trait.FULL_BACKLOG_FAILS)
    void aFullBacklogFailsWithoutATimeout() throws Exception {
        String name = kernel.freshName();
        full(name);
        pipe().connect(name, logs("connect"));
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("connect " + kernel.fullBacklog()), log);
    }

    @Test
    @Lacks(Trait.FULL_BACKLOG_FAILS)
    void aFullBacklogIsWaitedForAlsoWithoutATimeout() throws Exception {
        String name = kernel.freshName();
        Pipe server = full(name);
        pipe().connect(name, logs("connect"));
        for (int i = 0; i < 3; i++) {
            settle();
        }
        assertEquals(List.of(), log, "it waits");
        server.listen((listener, error) -> listener.accept(pipe()));
        server.accept(pipe());
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("connect"), log);
    }

    @Test
    void aFullBacklogIsWaitedForWithATimeout() throws Exception {
        String name = kernel.freshName();
        Pipe server = full(name);
        pipe().connect(name, Patience.seconds(60), logs("connect"));
        for (int i = 0; i < 3; i++) {
            settle();
        }
        assertEquals(List.of(), log, "it waits");
        server.listen((listener, error) -> listener.accept(pipe()));
        server.accept(pipe());
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("connect"), log);
    }

    @Test
    void aBacklogThatStaysFullIsEtimedout() throws Exception {
        String name = kernel.freshName();
        full(name);
        long before = loop.now();
        pipe().connect(name, Duration.ofMillis(60), logs("connect"));
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("connect ETIMEDOUT"), log);
        assertTrue(loop.now() - before >= 60, "not before its time");
    }

    @Test
    void aTimeoutOfZeroTriesOnce() throws Exception {
        String name = kernel.freshName();
        full(name);
        pipe().connect(name, Duration.ZERO, logs("connect"));
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("connect ETIMEDOUT"), log);
    }

    @Test
    void aConnectThatWaitsIsNoConnectionYet() throws Exception {
        String name = kernel.freshName();
        full(name);
        Pipe client = pipe();
        client.connect(name, Duration.ofHours(1), logs("connect"));
        assertFails(ErrorCode.EAGAIN, () -> client.tryWrite(bytes("x")));
        assertThrows(IllegalStateException.class, () -> receive(client));
        assertThrows(IllegalStateException.class, () -> client.connect(name, logs("again")));
        assertFalse(client.readable());
        assertFalse(client.writable());
        client.close();
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("connect ECANCELED"), log);
    }

    @Test
    void aTimeoutDoesNotHideOtherErrors() throws Exception {
        pipe().connect(kernel.freshName(), Duration.ofHours(1), logs("connect"));
        run();
        assertEquals(List.of("connect ENOENT"), log);
    }

    @Test
    void closeCancelsAConnectThatWaits() throws Exception {
        String name = kernel.freshName();
        full(name);
        Pipe client = pipe();
        client.connect(name, Duration.ofHours(1), logs("connect"));
        client.write(bytes("x"), logs("write"));
        client.shutdown(logs("shutdown"));
        settle();
        assertEquals(1, client.writeQueueSize());
        assertTrue(client.active());
        client.close(notes("closed"));
        assertEquals(List.of(), log);
        runUntil(() -> log.size() == 4);
        assertEquals(List.of("connect ECANCELED", "write ECANCELED", "shutdown ECANCELED", "closed"), log);
    }

    @Test
    void aConnectThatWasClosedIsNotTriedAgain() throws Exception {
        String name = kernel.freshName();
        Pipe server = full(name);
        Pipe client = pipe();
        client.connect(name, Duration.ofHours(1), logs("connect"));
        settle();
        client.close(notes("closed"));
        runUntil(() -> log.size() == 2);
        server.listen((listener, error) -> {
            throwIfAny(error);
            listener.accept(pipe());
            log.add("connection");
        });
        server.accept(pipe());
        // Longer than a connect waits for its next attempt.
        new Timer(loop).start(Handle::close, Duration.ofMillis(150));
        runUntil(() -> loop.handles().stream().noneMatch(Timer.class::isInstance));
        assertEquals(List.of("connect ECANCELED", "closed"), log.subList(0, 2));
        long accepted = 1 + log.size() - 2;
        long open = loop.handles().stream().filter(handle -> handle instanceof Pipe pipe && pipe.writable()).count();
        assertEquals(2 * accepted, open, "each accepted connection has a client");
    }

    @Test
    @Needs(Trait.HALF_CLOSE)
    void aConnectThatWaitsIsToldBeforeAllThatWasAskedBehindIt() throws Exception {
        String name = kernel.freshName();
        Pipe server = full(name);
        Pipe client = pipe();
        client.connect(name, Duration.ofSeconds(20), logs("connect"));
        client.shutdown(logs("shutdown"));
        client.shutdown(logs("again"));
        client.write(bytes("x"), logs("write"));
        for (int i = 0; i < 3; i++) {
            settle();
        }
        assertEquals(List.of(), log, "it waits");
        server.listen((listener, error) -> listener.accept(pipe()));
        server.accept(pipe());
        runUntil(() -> log.size() == 4);
        assertEquals(List.of("connect", "shutdown", "again ENOTCONN", "write EPIPE"), log);
    }

    @Test
    void whatWasReadMayBeWrittenToAStreamThatStillConnects() throws Exception {
        byte[] data = pattern(400_000);
        Ends in = ends();
        Received[] received = new Received[1];
        Pipe server = listening(kernel.freshName(), (listener, error) -> {
            throwIfAny(error);
            Pipe accepted = pipe();
            listener.accept(accepted);
            received[0] = receive(accepted, data.length);
        });
        Pipe sink = pipe();
        in.a().write(data);
        settle();
        in.b().startRead((source, read, error) -> {
            throwIfAny(error);
            if (!sink.active() && !sink.writable()) {
                sink.connect(server.localName(), logs("connected"));
            }
            sink.write(read);
        });
        runUntil(() -> received[0] != null && received[0].size() == data.length);
        assertArrayEquals(data, received[0].bytes());
    }

    @Test
    void aBoundPipeThatCouldNotConnectGoesByItsOwnNameAgain() throws Exception {
        String own = kernel.freshName();
        String missing = kernel.freshName();
        Pipe pipe = pipe();
        pipe.bind(own);
        pipe.connect(missing, logs("connect"));
        runUntil(() -> !log.isEmpty());
        // A bound pipe of Windows connects to nothing.
        assertTrue(log.getFirst().matches("connect (ENOENT|EINVAL)"), log::toString);
        assertTrue(pipe.toString().contains(own), pipe::toString);
        assertFalse(pipe.toString().contains(missing), pipe::toString);
    }

    @Test
    void aConnectThatWaitsDoesNotSpin() throws Exception {
        String name = kernel.freshName();
        full(name);
        Pipe client = pipe();
        client.connect(name, Duration.ofHours(1), logs("connect"));
        long before = loop.metrics().iterations();
        new Timer(loop).start(timer -> client.close(), Duration.ofMillis(200));
        runUntil(() -> !log.isEmpty());
        long turns = loop.metrics().iterations() - before;
        assertTrue(turns < 40, () -> turns + " turns in 200 ms");
    }

    @Test
    void aNegativeTimeoutIsRefused() {
        Pipe client = pipe();
        assertThrows(IllegalArgumentException.class,
                () -> client.connect(kernel.freshName(), Duration.ofMillis(-1), logs("connect")));
        run();
        assertEquals(List.of(), log);
    }
}
