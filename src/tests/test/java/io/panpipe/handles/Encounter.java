/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static io.panpipe.handles.Scenario.check;
import static io.panpipe.handles.Scenario.checkEquals;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A stranger and a host, who act in turns, in one thread and in an order that the seed decides. Without JUnit, for
 * child JVMs.
 */
final class Encounter {

    private static final int SO_PASSCRED = 16;

    /** More than anything takes that comes to its end; and at the end of a conversation more for each message. */
    private static final int MOST_TURNS = 500;

    private static final int TURNS_PER_MESSAGE = 8;

    /** Seeds that are neighbours make much the same first numbers. */
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    /** Held, since loggers that nobody holds forget their level. */
    private static final Logger LOG = Logger.getLogger("io.panpipe");

    private final Random random;
    private final boolean withShortage;
    private final Loop loop = new Loop();
    private final List<Throwable> uncaught = new ArrayList<>();

    private Encounter(Random random, boolean withShortage) throws PanpipeException {
        this.random = random;
        this.withShortage = withShortage;
        loop.uncaughtExceptionHandler((itself, thrown) -> uncaught.add(thrown));
    }

    /**
     * Has one seed's encounter.
     *
     * @param withShortage whether this process has no descriptors left from time to time, which all of it suffers from
     */
    static void run(Random random, boolean withShortage) throws Exception {
        Set<String> before = Set.copyOf(Scenario.descriptors());
        // Descriptors that nobody accepts are warned of, and here there are many.
        Level level = LOG.getLevel();
        LOG.setLevel(Level.OFF);
        try {
            Encounter encounter = new Encounter(random, withShortage);
            try {
                encounter.run();
            } finally {
                encounter.loop.close();
            }
        } finally {
            LOG.setLevel(level);
        }
        List<String> left = new ArrayList<>(Scenario.descriptors());
        left.removeAll(before);
        checkEquals(List.of(), left);
    }

    /** Has encounters with shortage in this process, with the seeds of a range. */
    static void withShortage(String... range) throws Exception {
        for (long seed = Long.parseLong(range[0]); seed <= Long.parseLong(range[1]); seed++) {
            try {
                run(new Random(seed * SPREAD), true);
            } catch (Throwable failure) {
                throw new AssertionError("seed " + seed + ": " + failure, failure);
            }
        }
    }

    private void run() throws Exception {
        int watched = Libc.eventCounter();
        try {
            meet(watched);
        } finally {
            Libc.close(watched);
        }
    }

    private void meet(int watched) throws Exception {
        boolean ipc = random.nextInt(3) > 0;
        RawSocket[] other = new RawSocket[1];
        Pipe pipe = connect(ipc, other);
        Stranger stranger = new Stranger(other[0], random, watched, !withShortage && random.nextInt(3) == 0);
        try {
            Host host = new Host(pipe, stranger, random);
            converse(stranger, host);
            stranger.end();
            for (int turns = MOST_TURNS + TURNS_PER_MESSAGE * stranger.messages(); !host.isDone(); turns--) {
                check(turns > 0, "the end does not come");
                host.readToTheEnd();
                turn();
            }
            settle(host);
            host.closeAll();
            stranger.close();
            for (int turns = 0; loop.run(RunMode.NOWAIT); turns++) {
                check(turns < MOST_TURNS, "the loop goes on: " + loop.handles());
            }
            turn();
            host.checkClosed();
            checkEquals(List.of(), loop.handles());
        } finally {
            stranger.close();
        }
    }

    /** Makes the connection in one of the ways in which there are some. */
    private Pipe connect(boolean ipc, RawSocket[] other) throws PanpipeException {
        switch (random.nextInt(3)) {
            case 0 -> {
                int[] pair = RawSocket.pair();
                other[0] = new RawSocket(pair[0]);
                if (random.nextBoolean()) {
                    // SO_PASSPIDFD is left out: each message then leaves a descriptor open, which nobody closes.
                    Libc.setOption(pair[1], RawSocket.SOL_SOCKET, SO_PASSCRED, 1);
                }
                Pipe adopted = new Pipe(loop, ipc);
                adopted.open(pair[1]);
                return adopted;
            }
            case 1 -> {
                Pipe[] pair = Pipe.pair(loop, ipc);
                other[0] = new RawSocket((int) pair[1].detach());
                return pair[0];
            }
            default -> {
                String name = "\0" + UUID.randomUUID();
                Pipe server = new Pipe(loop);
                Pipe accepted = new Pipe(loop, ipc);
                server.bind(name);
                server.listen((s, error) -> {
                    s.accept(accepted);
                    s.close();
                });
                other[0] = RawSocket.connect(name);
                for (int turns = 0; !server.closed(); turns++) {
                    check(turns < MOST_TURNS, "no connection");
                    turn();
                }
                return accepted;
            }
        }
    }

    private void converse(Stranger stranger, Host host) throws Exception {
        for (int steps = 3 + random.nextInt(60); steps > 0; steps--) {
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3, 4 -> stranger.act();
                case 5, 6, 7 -> host.act();
                case 8 -> {
                    if (random.nextInt(3) == 0) {
                        settle(host);
                    }
                }
                default -> {
                    if (withShortage && random.nextBoolean()) {
                        turnsWithShortage(host);
                    } else {
                        turn();
                    }
                }
            }
        }
    }

    private void turn() {
        loop.run(RunMode.NOWAIT);
        if (!uncaught.isEmpty()) {
            throw new AssertionError("a callback threw " + uncaught.getFirst(), uncaught.getFirst());
        }
    }

    /** Turns until nothing happens any more, and sees to it that then nothing is there to wake the loop either. */
    private void settle(Host host) {
        int quiet = 0;
        for (int turns = 0; quiet < 3; turns++) {
            check(turns < MOST_TURNS, "there is no rest");
            int before = host.happened();
            turn();
            quiet = host.happened() == before ? quiet + 1 : 0;
        }
        // A loop that has nothing to wait for would have no turn.
        Timer never = new Timer(loop);
        never.start(timer -> check(false, "an hour for ten turns"), Duration.ofHours(1));
        long events = loop.metrics().events();
        for (int i = 0; i < 10; i++) {
            turn();
        }
        check(loop.metrics().events() - events <= 2, "the loop spins");
        never.close();
    }

    /** Turns while there are few descriptors or none. */
    private void turnsWithShortage(Host host) throws IOException {
        long before = Libc.limitDescriptors(limit(random.nextInt(5)));
        host.isShort(true);
        try {
            for (int turns = 1 + random.nextInt(3); turns > 0; turns--) {
                turn();
            }
        } finally {
            host.isShort(false);
            Libc.limitDescriptors(before);
        }
    }

    /** Returns a limit below which so many numbers are free. */
    private static long limit(int free) throws IOException {
        Set<Integer> used;
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            used = files.map(file -> Integer.valueOf(file.getFileName().toString())).collect(Collectors.toSet());
        }
        int limit = 0;
        for (int left = free; left > 0 || used.contains(limit); limit++) {
            left -= used.contains(limit) ? 0 : 1;
        }
        return limit;
    }
}
