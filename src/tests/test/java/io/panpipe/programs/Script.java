/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.programs;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.StreamCallback;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * A random program that leaves nothing to time: after each step all that can happen has happened before the next. So
 * its log is the same on every kernel, or the kernels differ.
 */
final class Script {

    /** So many turns without waiting, and nothing more happens. */
    private static final int SETTLING_TURNS = 12;

    /** What may be under way in one direction: less than any kernel's buffer, which have different sizes. */
    private static final int MOST_UNREAD = 30_000;

    /** One pipe, and what it was told; the log is kept by pipe, since the order between pipes is a kernel's own. */
    private final class Named {
        private final Pipe pipe;
        private final List<String> log = new ArrayList<>();
        private long read;
        private int written;

        private Named(String label, Pipe pipe) {
            this.pipe = pipe;
            logs.put(label, log);
            connections.add(this);
        }

        private StreamCallback<Pipe> told(String what) {
            return (p, error) -> log.add(what + (error == null ? "" : " " + error.code()));
        }

        private void flushRead() {
            if (read > 0) {
                log.add("read " + read);
                read = 0;
            }
        }
    }

    /** A step, which may be refused. */
    private interface Step {
        void run() throws PanpipeException;
    }

    private final Loop loop;
    private final Supplier<String> freshNames;
    private final Random random;
    private final Map<String, List<String>> logs = new TreeMap<>();
    private final List<Named> connections = new ArrayList<>();
    private final List<Pipe> servers = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final List<String> steps = new ArrayList<>();
    private int made;

    Script(Loop loop, Supplier<String> freshNames, long seed) {
        this.loop = loop;
        this.freshNames = freshNames;
        random = new Random(seed);
    }

    /** Returns what was done. */
    List<String> steps() {
        return steps;
    }

    /** Runs so many steps, closes everything, and returns what each pipe was told. */
    Map<String, List<String>> run(int count) throws PanpipeException {
        serve();
        pair();
        for (int i = 0; i < count; i++) {
            step();
            settle();
        }
        for (Named one : List.copyOf(connections)) {
            one.pipe.close(p -> one.log.add("closed"));
            settle();
        }
        servers.forEach(Pipe::close);
        settle();
        return logs;
    }

    private void settle() {
        for (int i = 0; i < SETTLING_TURNS; i++) {
            loop.run(RunMode.NOWAIT);
        }
        connections.forEach(Named::flushRead);
    }

    private void step() throws PanpipeException {
        int choice = random.nextInt(24);
        if (choice == 0) {
            serve();
        } else if (choice < 4 || connections.isEmpty()) {
            connect();
        } else if (choice == 4) {
            pair();
        } else if (choice == 5 && random.nextInt(3) == 0) {
            random(servers).close();
            steps.add("close a server");
        } else {
            perform(anyConnection(), choice);
        }
    }

    /** Mostly one that is connected: wrong use is soon told. */
    private Named anyConnection() {
        Named one = random(connections);
        for (int i = 0; i < 4 && !one.pipe.readable() && !one.pipe.writable(); i++) {
            one = random(connections);
        }
        return one;
    }

    private <T> T random(List<T> several) {
        return several.get(random.nextInt(several.size()));
    }

    private void perform(Named one, int choice) {
        Pipe pipe = one.pipe;
        switch (choice) {
            case 6, 7, 8 -> attempt(one, "write", () -> write(one));
            case 9 -> attempt(one, "tryWrite", () -> one.log.add("tryWrote " + pipe.tryWrite(data(one, 2000))));
            case 10, 11, 12 -> attempt(one, "startRead", () -> startRead(one));
            case 13 -> attempt(one, "stopRead", pipe::stopRead);
            case 14 -> attempt(one, "shutdown", () -> pipe.shutdown(one.told("shutdown")));
            case 15 -> attempt(one, "close", () -> pipe.close(p -> one.log.add("closed")));
            case 16, 17 -> attempt(one, "pass", () -> pass(one));
            case 18, 19 -> attempt(one, "take", () -> take(one));
            case 20 -> attempt(one, "names", () -> one.log.add(
                    (pipe.localName().isEmpty() ? "no" : "a") + " name, peer " + names.indexOf(pipe.peerName())));
            case 21 -> attempt(one, "peer", () -> one.log.add("peer is I: "
                    + (pipe.peerCredentials().pid() >= 0)));
            case 5, 22, 23 -> one.log.add("readable " + pipe.readable() + " writable " + pipe.writable() + " active "
                    + pipe.active() + " pending " + pipe.pendingCount() + " " + pipe.pendingType() + " queued "
                    + pipe.writeQueueSize());
            default -> throw new IllegalStateException("no step " + choice);
        }
    }

    /** Makes a step, and logs how it is refused if it is. */
    private void attempt(Named one, String what, Step step) {
        steps.add(what);
        try {
            step.run();
        } catch (PanpipeException refused) {
            one.log.add(what + " refused: " + refused.code());
        } catch (IllegalStateException | IllegalArgumentException wrong) {
            one.log.add(what + " is wrong use: " + wrong.getClass().getSimpleName());
        }
    }

    private void serve() throws PanpipeException {
        Pipe server = new Pipe(loop);
        boolean again = !names.isEmpty() && random.nextInt(4) == 0;
        String name = again ? random(names) : freshNames.get();
        String label = "server " + ++made;
        List<String> log = new ArrayList<>();
        logs.put(label, log);
        try {
            server.bind(name);
        } catch (PanpipeException taken) {
            log.add("bind " + taken.code());
            server.close();
            return;
        }
        if (!again) {
            names.add(name);
        }
        servers.add(server);
        boolean ipc = random.nextBoolean();
        boolean accepts = random.nextInt(4) > 0;
        boolean listens = random.nextInt(20) > 0;
        if (listens) {
            server.listen((s, error) -> {
                log.add(error == null ? "connection" : error.code().name());
                if (accepts) {
                    Pipe accepted = new Pipe(loop, ipc);
                    s.accept(accepted);
                    add(accepted);
                }
            }, 1 + random.nextInt(3));
        }
        steps.add(label + " listens " + listens + " accepts " + accepts);
    }

    private Named add(Pipe pipe) {
        return new Named("pipe " + ++made, pipe);
    }

    private void connect() {
        String name = random.nextInt(8) == 0 ? freshNames.get() : random(names);
        Pipe pipe = new Pipe(loop, random.nextBoolean());
        Named one = add(pipe);
        boolean writes = random.nextBoolean();
        attempt(one, "connect", () -> {
            pipe.connect(name, one.told("connect"));
            if (writes) {
                pipe.write(data(one, 100), one.told("early write"));
            }
        });
    }

    private void pair() throws PanpipeException {
        Pipe[] pair = Pipe.pair(loop, random.nextBoolean());
        add(pair[0]);
        add(pair[1]);
        steps.add("pair");
    }

    private ByteBuffer data(Named one, int most) {
        int size = one.written > MOST_UNREAD ? 0 : random.nextInt(most);
        one.written += size;
        return ByteBuffer.allocate(size);
    }

    private void write(Named one) {
        ByteBuffer data = data(one, 5000);
        one.pipe.write(data, one.told("write " + data.remaining()));
    }

    private void startRead(Named one) throws PanpipeException {
        if (one.pipe.ipc()) {
            one.pipe.startRead2((p, data, pending, error) -> read(one, data, error));
        } else {
            one.pipe.startRead((p, data, error) -> read(one, data, error));
        }
    }

    private static void read(Named one, ByteBuffer data, PanpipeException error) {
        if (data != null) {
            one.read += data.remaining();
        } else {
            one.flushRead();
            one.log.add("read " + error.code());
        }
    }

    private void pass(Named one) throws PanpipeException {
        Pipe[] pair = Pipe.pair(loop);
        try {
            one.pipe.write(ByteBuffer.allocate(1 + random.nextInt(50)), one.told("passed"), pair[1]);
        } finally {
            pair[1].close();
            add(pair[0]);
        }
    }

    private void take(Named one) throws PanpipeException {
        Pipe taken = new Pipe(loop);
        try {
            one.pipe.accept(taken);
            one.log.add("took a handle");
            add(taken);
        } catch (PanpipeException | RuntimeException none) {
            taken.close();
            throw none;
        }
    }
}
