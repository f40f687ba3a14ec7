/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.kernel.StreamChannel;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What listening and accepting do. */
public abstract class ServerContract extends Contract {

    private Pipe client(String name) throws PanpipeException {
        Pipe client = pipe();
        boolean[] connected = new boolean[1];
        client.connect(name, (pipe, error) -> {
            throwIfAny(error);
            connected[0] = true;
        });
        runUntil(() -> connected[0]);
        return client;
    }

    @Test
    void listenNeverCallsBackInside() throws Exception {
        String name = kernel.freshName();
        Pipe server = pipe();
        server.bind(name);
        server.listen(logs("early"));
        Pipe client = client(name);
        runUntil(() -> !log.isEmpty());
        server.listen(logs("late"));
        assertEquals(List.of("early"), log);
        client.close();
    }

    @Test
    void aConnectionIsAnnouncedOnceUntilItIsAccepted() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, logs("connection"));
        client(name);
        client(name);
        settle();
        assertEquals(List.of("connection"), log, "the second waits for the first");
        server.accept(pipe());
        assertEquals(1, log.size(), "accept announces nothing inside");
        runUntil(() -> log.size() == 2);
        server.accept(pipe());
        settle();
        assertEquals(List.of("connection", "connection"), log);
    }

    @Test
    void aConnectionThatWaitsToBeAcceptedDoesNotSpin() throws Exception {
        String name = kernel.freshName();
        listening(name, logs("connection"));
        client(name);
        client(name);
        runUntil(() -> !log.isEmpty());
        long before = loop.metrics().iterations();
        new io.panpipe.Timer(loop).start(timer -> log.add("timer"), java.time.Duration.ofMillis(50));
        runUntil(() -> log.contains("timer"));
        assertTrue(loop.metrics().iterations() - before < 15);
    }

    @Test
    void acceptWithoutAConnectionIsEagain() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, (listener, error) -> {
            listener.accept(pipe());
            log.add("accepted");
            assertFails(ErrorCode.EAGAIN, () -> listener.accept(pipe()));
        });
        assertFails(ErrorCode.EAGAIN, () -> server.accept(pipe()));
        client(name);
        runUntil(() -> !log.isEmpty());
    }

    @Test
    void acceptChecksItsClient() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, logs("connection"));
        Pipe connected = client(name);
        runUntil(() -> !log.isEmpty());
        Pipe closed = pipe();
        closed.close();
        assertThrows(IllegalStateException.class, () -> server.accept(connected));
        assertThrows(IllegalStateException.class, () -> server.accept(closed));
        assertThrows(IllegalStateException.class, () -> connected.accept(pipe()), "it does not listen");
        try (Loop other = KernelAccess.loop(kernel.kernel())) {
            Pipe foreign = new Pipe(other);
            assertThrows(IllegalArgumentException.class, () -> server.accept(foreign));
        }
        server.accept(pipe());
    }

    @Test
    void listenNeedsAName() throws Exception {
        Pipe fresh = pipe();
        IllegalStateException refused =
                assertThrows(IllegalStateException.class, () -> fresh.listen(logs("connection")));
        assertTrue(refused.getMessage().contains("bind"), refused::getMessage);
        Ends ends = ends();
        assertThrows(IllegalStateException.class, () -> ends.a().listen(logs("connection")));
    }

    @Test
    void aBacklogBelowOneIsRefused() throws Exception {
        Pipe server = pipe();
        server.bind(kernel.freshName());
        assertThrows(IllegalArgumentException.class, () -> server.listen(logs("connection"), 0));
        assertThrows(IllegalArgumentException.class, () -> server.listen(logs("connection"), -1));
        server.listen(logs("connection"), Integer.MAX_VALUE);
    }

    @Test
    void listenAgainChangesTheCallback() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, logs("old"));
        server.listen(logs("new"), 5);
        client(name);
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("new"), log);
    }

    @Test
    void dataSentBeforeAcceptIsThere() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, logs("connection"));
        Pipe client = client(name);
        client.write(bytes("early"), (pipe, error) -> pipe.close(notes("client closed")));
        runUntil(() -> log.contains("client closed") && log.contains("connection"));
        Pipe connection = pipe();
        server.accept(connection);
        Received received = receive(connection);
        runUntil(() -> received.end() != null);
        assertEquals("early", received.text());
        assertEquals(ErrorCode.EOF, received.end());
    }

    @Test
    void anAnnouncedConnectionIsClosedWithTheServer() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, logs("connection"));
        Pipe client = client(name);
        runUntil(() -> !log.isEmpty());
        Received received = receive(client);
        server.close();
        run();
        assertTrue(received.end() == ErrorCode.EOF || received.end() == ErrorCode.ECONNRESET);
    }

    @Test
    @Needs(Trait.RESET)
    void waitingConnectionsAreResetWithTheServer() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, logs("connection"));
        List<Received> received = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            received.add(receive(client(name)));
        }
        runUntil(() -> !log.isEmpty());
        server.close();
        run();
        for (Received one : received.subList(1, 5)) {
            assertEquals(ErrorCode.ECONNRESET, one.end());
        }
    }

    @Test
    @Lacks(Trait.RESET)
    void waitingConnectionsEndWithTheServer() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, logs("connection"));
        List<Received> received = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            received.add(receive(client(name)));
        }
        runUntil(() -> !log.isEmpty());
        server.close();
        run();
        for (Received one : received) {
            assertEquals(ErrorCode.EOF, one.end());
        }
    }

    @Test
    void connectionsOutliveTheirServer() throws Exception {
        Ends ends = connected();
        Received received = receive(ends.b());
        ends.a().write(bytes("still here"), (a, error) -> a.close());
        run();
        assertEquals("still here", received.text());
    }

    @Test
    void hundredsOfClientsAreEachServed() throws Exception {
        String name = kernel.freshName();
        int count = 300;
        int[] served = new int[1];
        Pipe server = listening(name, (listener, error) -> {
            throwIfAny(error);
            Pipe connection = pipe();
            listener.accept(connection);
            connection.startRead((pipe, data, end) -> {
                if (data != null) {
                    pipe.write(data);
                } else {
                    pipe.shutdown((ended, none) -> ended.close());
                    if (++served[0] == count) {
                        listener.close();
                    }
                }
            });
        });
        boolean halfClose = kernel.has(Trait.HALF_CLOSE);
        Received[] answers = new Received[count];
        for (int i = 0; i < count; i++) {
            int number = i;
            byte[] question = bytes("client " + i);
            Pipe client = pipe();
            client.connect(name, (pipe, error) -> {
                throwIfAny(error);
                answers[number] = halfClose ? receive(pipe) : receive(pipe, question.length);
            });
            client.write(question);
            if (halfClose) {
                client.shutdown();
            }
        }
        run();
        assertTrue(server.closed());
        for (int i = 0; i < count; i++) {
            assertEquals("client " + i, answers[i].text());
        }
    }

    @Test
    void aBurstOfClientsLargerThanTheInstancesIsServed() throws Exception {
        String name = kernel.freshName();
        int count = 50;
        Pipe server = pipe();
        server.pendingInstances(4);
        server.bind(name);
        int[] accepted = new int[1];
        server.listen((listener, error) -> {
            throwIfAny(error);
            Pipe connection = pipe();
            listener.accept(connection);
            connection.write(bytes("welcome"), (pipe, failed) -> pipe.close());
            if (++accepted[0] == count) {
                listener.close();
            }
        });
        List<Received> received = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pipe().connect(name, (pipe, error) -> {
                throwIfAny(error);
                received.add(receive(pipe));
            });
        }
        run();
        assertEquals(count, received.size());
        for (Received one : received) {
            assertEquals("welcome", one.text());
        }
    }

    @Test
    void anUnreferencedServerLetsTheLoopEnd() throws Exception {
        Pipe server = listening(kernel.freshName(), logs("connection"));
        assertTrue(loop.alive());
        server.unref();
        assertFalse(run());
        assertTrue(server.active());
    }

    @Test
    void whatAListenCallbackThrowsDoesNotEndTheListening() throws Exception {
        String name = kernel.freshName();
        loop.uncaughtExceptionHandler((itself, thrown) -> log.add(thrown.getMessage()));
        Pipe server = listening(name, (listener, error) -> {
            throw new Exception("thrown at " + log.size());
        });
        client(name);
        runUntil(() -> log.size() == 1);
        server.accept(pipe());
        client(name);
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("thrown at 0", "thrown at 1"), log);
        server.accept(pipe());
    }

    @Test
    void serversOnTwoNamesAreKeptApart() throws Exception {
        String one = kernel.freshName();
        String two = kernel.freshName();
        Pipe first = listening(one, logs("one"));
        Pipe second = listening(two, logs("two"));
        client(two);
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("two"), log);
        second.accept(pipe());
        client(one);
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("two", "one"), log);
        first.accept(pipe());
    }

    @Test
    void acceptCallsNobodyWhereTheSystemRefusesToWatch() throws Exception {
        AtomicBoolean refuses = new AtomicBoolean();
        try (Loop other = KernelAccess.loop(refusing(Kernel.class, kernel.kernel(), refuses))) {
            Pipe server = new Pipe(other);
            server.bind(kernel.freshName());
            server.listen((listener, error) -> log.add(error == null ? "connection" : error.code().name()));
            new Pipe(other).connect(server.localName(), logs("connected"));
            while (log.size() < 2) {
                other.run(RunMode.ONCE);
            }
            log.clear();
            refuses.set(true);
            server.accept(new Pipe(other));
            assertEquals(List.of(), log, "called back inside the call");
            while (log.isEmpty()) {
                other.run(RunMode.ONCE);
            }
            assertEquals(List.of("ENOMEM"), log);
            refuses.set(false);
            new Pipe(other).connect(server.localName(), logs("connected"));
            while (log.size() < 3) {
                other.run(RunMode.ONCE);
            }
            assertTrue(log.contains("connection"), log::toString);
        }
    }

    @Test
    void aServerThatIsClosedWhileItCannotAcceptIsNotCalledAgain() throws Exception {
        AtomicBoolean refuses = new AtomicBoolean();
        try (Loop other = KernelAccess.loop(refusing(Kernel.class, kernel.kernel(), refuses))) {
            Pipe server = new Pipe(other);
            server.bind(kernel.freshName());
            server.listen((listener, error) -> log.add(error == null ? "connection" : error.code().name()));
            new Pipe(other).connect(server.localName(), logs("connected"));
            while (log.size() < 2) {
                other.run(RunMode.ONCE);
            }
            log.clear();
            refuses.set(true);
            server.accept(new Pipe(other));
            server.close(notes("closed"));
            // Longer than a server waits before it tries again.
            new Timer(other).start(timer -> log.add("later"), Duration.ofMillis(250));
            while (!log.contains("later")) {
                other.run(RunMode.ONCE);
            }
            assertEquals(List.of("closed", "later"), log);
        }
    }

    /** Makes a part of a kernel whose channels cannot be watched for connections at times: epoll_ctl(2) without memory. */
    private static <T> T refusing(Class<T> part, Object whole, AtomicBoolean refuses) {
        return part.cast(Proxy.newProxyInstance(part.getClassLoader(), new Class<?>[] {part}, (proxy, method, args) -> {
            boolean watches = method.getName().equals("interest") && ((int) args[0] & StreamChannel.ACCEPT) != 0;
            if (watches && refuses.get()) {
                throw new KernelException(Fault.ENOMEM, 0, "epoll_ctl");
            }
            Object result;
            try {
                result = method.invoke(whole, args);
            } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
            }
            return switch (method.getName()) {
                case "openSelector" -> refusing(Selector.class, result, refuses);
                case "newPipe" -> refusing(PipeChannel.class, result, refuses);
                default -> result;
            };
        }));
    }
}
