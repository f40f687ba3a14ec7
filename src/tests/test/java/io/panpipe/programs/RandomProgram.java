/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.StreamCallback;
import io.panpipe.StreamHandle;
import io.panpipe.Tcp;
import io.panpipe.Timer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * A random program over several loops: servers, clients and pairs, each end of which does something at random now and
 * then, held to what must be true of every program. What it does is the seed's choice; how it goes is the machine's
 * too.
 */
final class RandomProgram {

    private static final int MOST_ENDS = 16;
    private static final Set<ErrorCode> CONNECT_ENDS = Set.of(
            ErrorCode.ECONNREFUSED, ErrorCode.ECONNRESET, ErrorCode.ENOENT, ErrorCode.EAGAIN, ErrorCode.ETIMEDOUT,
            ErrorCode.ECANCELED);

    private final Machine machine;
    private final Random random;
    private final List<Loop> loops = new ArrayList<>();
    private final List<End> ends = new ArrayList<>();
    private int connects;
    private int connectsTold;
    private final int[][] posted;
    private final int[][] ran;
    private int timers;
    private int timersFired;

    RandomProgram(Machine machine, long seed) {
        this.machine = machine;
        random = new Random(seed);
        int count = 1 + random.nextInt(3);
        posted = new int[count][count];
        ran = new int[count][count];
    }

    Random random() {
        return random;
    }

    boolean hasFaults() {
        return machine.hasFaults();
    }

    boolean isDead(Loop loop) {
        return machine.isDead(loop);
    }

    End end(int number) {
        assertTrue(number >= 0 && number < ends.size(), () -> "there is no end " + number);
        return ends.get(number);
    }

    void run() throws Exception {
        for (int i = 0; i < posted.length; i++) {
            loops.add(machine.newLoop());
        }
        for (Loop loop : loops) {
            for (int i = random.nextInt(2); i > 0; i--) {
                pair(loop);
            }
            for (int i = random.nextInt(2); i > 0; i--) {
                serve(loop);
            }
            if (random.nextInt(3) == 0) {
                serveTcp(loop);
            }
            if (random.nextInt(3) == 0) {
                relay(loop);
            }
            extraTimer(loop);
        }
        if (ends.isEmpty()) {
            pair(loops.getFirst());
        }
        assertTrue(machine.run(), () -> "something never ends: " + ends + "\n" + handles());
        check();
        machine.checkNothingLeft();
    }

    private String handles() {
        StringBuilder text = new StringBuilder();
        for (Loop loop : loops) {
            text.append(loop.handles()).append('\n');
        }
        return text.toString();
    }

    private void check() {
        boolean allAlive = loops.stream().noneMatch(machine::isDead);
        if (allAlive) {
            assertEquals(connects, connectsTold, "connects are told once");
            assertEquals(timers, timersFired, "timers fire once");
            for (int i = 0; i < posted.length; i++) {
                for (int j = 0; j < posted.length; j++) {
                    assertEquals(posted[i][j], ran[i][j], "tasks run");
                }
            }
        }
        ends.forEach(End::check);
    }

    // How ends come to be.

    private Duration millis(int most) {
        return Duration.ofMillis(random.nextInt(most + 1));
    }

    private void pair(Loop loop) throws PanpipeException {
        Pipe[] pair;
        try {
            pair = Pipe.pair(loop, random.nextBoolean());
        } catch (PanpipeException shortage) {
            assertTrue(hasFaults(), shortage::toString);
            return;
        }
        begin(pair[0]);
        begin(pair[1]);
    }

    private End add(StreamHandle<?> stream) {
        End end = new End(this, stream, ends.size());
        ends.add(end);
        return end;
    }

    /** Makes a connected stream an end, which lives from now on. */
    End begin(StreamHandle<?> stream) throws PanpipeException {
        End end = add(stream);
        if (random.nextInt(3) == 0) {
            stream.sendBufferSize(1024 << random.nextInt(4));
        }
        end.startRead();
        end.write(4 + random.nextInt(3), true);
        new Life(this, end, random.nextInt(14)).begin();
        return end;
    }

    private void serve(Loop loop) throws PanpipeException {
        Pipe server = new Pipe(loop);
        String name = machine.freshName();
        boolean ipc = random.nextBoolean();
        try {
            server.bind(name);
            server.listen(listener(ipc), 1 + random.nextInt(6));
        } catch (PanpipeException refused) {
            assertTrue(hasFaults(), refused::toString);
            server.close();
            return;
        }
        new Timer(loop).start(t -> {
            server.close();
            t.close();
        }, millis(40));
        for (int i = random.nextInt(3); i >= 0; i--) {
            Loop clients = loops.get(random.nextInt(loops.size()));
            new Timer(clients).start(t -> {
                connect(clients, name, ipc);
                t.close();
            }, millis(20));
        }
    }

    private StreamCallback<Pipe> listener(boolean ipc) {
        return (server, error) -> {
            if (isDead(server.loop())) {
                return;
            }
            if (error != null) {
                assertTrue(hasFaults(), error::toString);
                return;
            }
            if (random.nextInt(4) > 0) {
                accept(server, ipc);
            } else {
                new Timer(server.loop()).start(t -> {
                    t.close();
                    if (!server.closed()) {
                        accept(server, ipc);
                    }
                }, millis(3));
            }
        };
    }

    private void accept(Pipe server, boolean ipc) throws PanpipeException {
        Pipe connection = new Pipe(server.loop(), ipc);
        server.accept(connection);
        begin(connection);
    }

    private void connect(Loop loop, String name, boolean ipc) {
        Pipe pipe = new Pipe(loop, ipc);
        End end = add(pipe);
        StreamCallback<Object> callback = connected(end);
        if (random.nextBoolean()) {
            pipe.connect(name, millis(30), callback);
        } else {
            pipe.connect(name, callback);
        }
        beginBeforeConnected(end);
    }

    /** Returns what is called when an end is connected, or cannot be. */
    private StreamCallback<Object> connected(End end) {
        Loop loop = end.loop();
        connects++;
        boolean[] told = {false};
        return (s, error) -> {
            if (isDead(loop)) {
                return;
            }
            assertTrue(!told[0], "connect told twice");
            told[0] = true;
            connectsTold++;
            if (error != null) {
                assertTrue(hasFaults() || CONNECT_ENDS.contains(error.code()), error::toString);
                end.neverConnected();
            } else if (!end.isClosed()) {
                end.startRead();
                new Life(this, end, random.nextInt(14)).begin();
            }
            throwNowAndThen();
        };
    }

    private void beginBeforeConnected(End end) {
        // What is written now leaves when it is connected.
        end.write(4 + random.nextInt(2000), true);
        if (random.nextInt(30) == 0) {
            end.close();
        }
    }

    // Over TCP, and copied.

    private void serveTcp(Loop loop) throws PanpipeException {
        Tcp server = new Tcp(loop);
        InetSocketAddress address;
        try {
            server.bind(new InetSocketAddress("127.0.0.1", 0));
            // A full one of a real system would be tried again after a second.
            server.listen(this::acceptTcp, 32);
            address = server.localAddress();
        } catch (PanpipeException refused) {
            assertTrue(hasFaults(), refused::toString);
            server.close();
            return;
        }
        new Timer(loop).start(t -> {
            server.close();
            t.close();
        }, millis(40));
        for (int i = random.nextInt(2); i >= 0; i--) {
            Loop clients = loops.get(random.nextInt(loops.size()));
            new Timer(clients).start(t -> {
                t.close();
                Tcp client = new Tcp(clients);
                End end = add(client);
                client.connect(address, connected(end));
                beginBeforeConnected(end);
            }, millis(20));
        }
    }

    private void acceptTcp(Tcp server, PanpipeException error) throws PanpipeException {
        if (isDead(server.loop())) {
            return;
        }
        if (error != null) {
            assertTrue(hasFaults(), error::toString);
            return;
        }
        Tcp connection = new Tcp(server.loop());
        server.accept(connection);
        if (random.nextBoolean()) {
            begin(connection);
        } else {
            behind(connection);
        }
    }

    /** Makes an end that gets what comes to a stream by a copy, and whose own bytes leave by one. */
    private void behind(StreamHandle<?> stream) throws PanpipeException {
        Pipe[] pair;
        try {
            pair = Pipe.pair(stream.loop());
        } catch (PanpipeException shortage) {
            assertTrue(hasFaults(), shortage::toString);
            stream.close();
            return;
        }
        Relay relay = new Relay(this, stream, pair[0]);
        begin(pair[1]).through(relay);
        relay.begin();
    }

    private void relay(Loop loop) throws PanpipeException {
        Pipe[] pair;
        try {
            pair = Pipe.pair(loop);
        } catch (PanpipeException shortage) {
            assertTrue(hasFaults(), shortage::toString);
            return;
        }
        begin(pair[0]);
        behind(pair[1]);
    }

    // What else happens.

    /** Throws an Error in a callback, which is the program's own business. */
    void throwNowAndThen() {
        if (random.nextInt(50) == 0) {
            throw new OnPurpose();
        }
    }

    /** What is thrown by {@link #throwNowAndThen}. */
    private static final class OnPurpose extends Error {
        private static final long serialVersionUID = 1;

        OnPurpose() {
            super("on purpose", null, false, false);
        }
    }

    /**
     * Tells whether a loop is right to tell of an exception: it was thrown on purpose, or it is the failure of a write
     * without a callback, which has no stack trace as those have that calls throw.
     */
    static boolean isExpected(Throwable thrown) {
        return thrown instanceof OnPurpose || thrown instanceof PanpipeException && thrown.getStackTrace().length == 0;
    }

    /** The other end lives on, or has ended and this one was not told, or does not get what it has to write. */
    void waitsInVain(End end) {
        assertTrue(hasFaults(), () -> end + " waits in vain for the end of the other");
    }

    boolean hasRoomForEnds() {
        return ends.size() < MOST_ENDS;
    }

    private void extraTimer(Loop loop) {
        long delay = random.nextInt(30);
        long begun = loop.now();
        timers++;
        new Timer(loop).start(t -> {
            if (!isDead(loop)) {
                timersFired++;
                assertTrue(loop.now() - begun >= delay, "a timer fires early");
                t.close();
            }
        }, Duration.ofMillis(delay));
    }

    /** Has another loop do something to one of its ends. */
    void post(Loop from) {
        int source = loops.indexOf(from);
        int target = random.nextInt(loops.size());
        Loop loop = loops.get(target);
        int which = posted[source][target]++;
        loop.execute(() -> {
            if (isDead(loop)) {
                return;
            }
            assertEquals(which, ran[source][target]++, "tasks of one loop for another in their order");
            List<End> own = ends.stream().filter(end -> end.loop() == loop && !end.isClosed()).toList();
            if (!own.isEmpty()) {
                End end = own.get(random.nextInt(own.size()));
                if (end.stream.writable()) {
                    end.write(random.nextInt(100), true);
                }
            }
        });
    }
}
