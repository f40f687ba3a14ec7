/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.windows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.panpipe.Handle;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.StreamCallback;
import io.panpipe.Timer;
import io.panpipe.testbed.Patience;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Isolated;

/** A loop of the running Windows, handles of its own functions at the other end, and a look at what is left. */
@Tag("windows")
@EnabledOnOs(OS.WINDOWS)
@Isolated("It looks for handles that are left open, and their values are given to other tests.")
abstract class WindowsTest {

    private static final Duration PATIENCE = Patience.seconds(60);

    final List<String> log = new ArrayList<>();
    private final List<Throwable> uncaught = new ArrayList<>();
    private final List<Long> raw = new ArrayList<>();
    Loop loop;

    @BeforeEach
    final void openLoop() throws PanpipeException {
        loop = new Loop();
        loop.uncaughtExceptionHandler((itself, thrown) -> {
            uncaught.add(thrown);
            itself.stop();
        });
    }

    @AfterEach
    final void closeLoop() {
        List<Long> open = new ArrayList<>();
        for (Handle handle : loop.handles()) {
            if (handle instanceof Pipe pipe && !pipe.closed()) {
                note(open, pipe);
            }
        }
        loop.close();
        raw.forEach(Win32::close);
        throwUncaught();
        assertEquals(List.of(), open.stream().filter(Win32::isPipe).toList(), "handles left open");
    }

    private static void note(List<Long> open, Pipe pipe) {
        try {
            open.add(pipe.fileno());
        } catch (PanpipeException none) {
            // It was never bound or connected.
        }
    }

    private void throwUncaught() {
        if (!uncaught.isEmpty()) {
            throw new AssertionError("a callback threw", uncaught.getFirst());
        }
    }

    /** Has a handle of the test's own closed at its end. */
    final long closing(long handle) {
        raw.add(handle);
        return handle;
    }

    /** Closes such a handle before that. */
    final void close(long handle) {
        raw.remove(handle);
        Win32.close(handle);
    }

    static String freshName() {
        return "\\\\.\\pipe\\panpipe-test-" + UUID.randomUUID();
    }

    /** Runs until nothing keeps the loop alive. */
    final void run() {
        boolean[] late = new boolean[1];
        Timer watch = watch(late);
        loop.run();
        watch.close();
        loop.run(RunMode.NOWAIT);
        throwUncaught();
        if (late[0]) {
            fail("the loop did not end; log: " + log);
        }
    }

    /** Turns the loop until a condition holds. */
    final void runUntil(BooleanSupplier condition) {
        boolean[] late = new boolean[1];
        Timer watch = watch(late);
        while (!condition.getAsBoolean()) {
            boolean alive = loop.run(RunMode.ONCE);
            throwUncaught();
            if (late[0] || !alive && !condition.getAsBoolean()) {
                fail("what was waited for has not come; log: " + log);
            }
        }
        watch.close();
        loop.run(RunMode.NOWAIT);
    }

    private Timer watch(boolean[] late) {
        Timer watch = new Timer(loop);
        watch.start(timer -> {
            late[0] = true;
            loop.stop();
        }, PATIENCE);
        watch.unref();
        return watch;
    }

    final StreamCallback<Object> logs(String label) {
        return (stream, error) -> log.add(error == null ? label : label + " " + error.code());
    }

    /** A server's end and a client of Windows's own functions. */
    record Ends(Pipe pipe, long client) {}

    /** Accepts one client; the server is closed again. */
    final Ends served() throws PanpipeException {
        String name = freshName();
        Pipe server = new Pipe(loop);
        Pipe accepted = new Pipe(loop);
        boolean[] done = new boolean[1];
        server.bind(name);
        server.listen((listener, error) -> {
            listener.accept(accepted);
            done[0] = true;
        });
        long client = closing(Win32.open(name));
        runUntil(() -> done[0]);
        server.close();
        return new Ends(accepted, client);
    }

    /** What a pipe has brought so far. */
    static final class Received {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String end = "";

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    static Received receive(Pipe pipe) throws PanpipeException {
        Received received = new Received();
        pipe.startRead((itself, data, error) -> {
            if (error != null) {
                received.end = error.code().name();
                return;
            }
            byte[] copy = new byte[data.remaining()];
            data.get(copy);
            received.bytes.write(copy);
        });
        return received;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns bytes that show when they are moved, lost or repeated. */
    static byte[] pattern(int length) {
        byte[] pattern = new byte[length];
        for (int i = 0; i < length; i++) {
            pattern[i] = (byte) (i * 31 + (i >>> 8) * 7 + (i >>> 16));
        }
        return pattern;
    }
}
