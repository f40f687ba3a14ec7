/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.testbed.Patience;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What every test of channels stands on: a loop thread, fresh names, other threads, and a look around after each test
 * for what was left behind.
 */
abstract class ChannelFixture {

    /** Long enough for a loaded machine: reached only where something hangs. */
    static final Duration PATIENCE = Patience.seconds(60);

    static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");

    private final List<Closeable> opened = Collections.synchronizedList(new ArrayList<>());
    private final List<String> names = Collections.synchronizedList(new ArrayList<>());

    LoopThread thread;
    Loop loop;

    @BeforeEach
    final void startLoop() throws Exception {
        thread = new LoopThread();
        loop = thread.loop();
    }

    @AfterEach
    final void closeAndLookAround() throws Exception {
        for (Closeable channel : opened) {
            channel.close();
        }
        if (Thread.interrupted()) {
            fail("the test left its thread interrupted");
        }
        String[] left = {"[Async]"};
        try {
            // Closing takes a turn of the loop. The handle that is left is the loop thread's own.
            await("handles are closed", () -> !isLoopOpen() || (left[0] = handles()).equals("[Async]"));
        } catch (AssertionError late) {
            assertEquals("[Async]", left[0], "handles");
        }
        thread.close();
        for (String name : names) {
            assertTrue(WINDOWS || !Files.exists(Path.of(name)), name + " was left behind");
        }
    }

    private String handles() {
        try {
            return onLoop(() -> loop.handles().toString());
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    private boolean isLoopOpen() {
        try {
            loop.requireRunningElsewhere();
            return true;
        } catch (IllegalStateException closed) {
            return false;
        }
    }

    /** Has something closed at the end of the test. */
    final <C extends Closeable> C closing(C channel) {
        opened.add(channel);
        return channel;
    }

    /** Makes a name that is nobody else's, and whose file must be gone at the end of the test. */
    final String freshName() {
        String simple = "ppch-" + UUID.randomUUID();
        String name = WINDOWS ? Pipe.portableName(simple) : "/tmp/" + simple;
        names.add(name);
        return name;
    }

    /** Two ends of one connection. */
    record Ends(PipeChannel a, PipeChannel b) {}

    final Ends ends() throws Exception {
        return onLoop(() -> {
            Pipe[] pair = Pipe.pair(loop);
            return new Ends(closing(PipeChannel.of(pair[0])), closing(PipeChannel.of(pair[1])));
        });
    }

    final PipeServerChannel server() throws IOException {
        return closing(PipeServerChannel.bind(loop, freshName()));
    }

    /** Runs something on the loop's thread. */
    final <T> T onLoop(Callable<T> call) throws Exception {
        FutureTask<T> task = new FutureTask<>(call);
        loop.execute(task);
        return task.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Runs something on a virtual thread of its own. */
    static <T> Running<T> start(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        return new Running<>(task, Thread.ofVirtual().start(task));
    }

    /** Something that runs on another thread. */
    record Running<T>(FutureTask<T> task, Thread thread) {

        T get() throws Exception {
            return task.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        }

        /** Waits until the thread waits for a channel. */
        Running<T> parked() {
            await("the thread waits", () -> thread.getState() == Thread.State.WAITING
                    || thread.getState() == Thread.State.TIMED_WAITING
                    || blocksInTheSystem());
            return this;
        }

        /** A platform thread that waits for a channel may be in a call of the system, which the JVM calls running. */
        private boolean blocksInTheSystem() {
            return !thread.isVirtual()
                    && Stream.of(thread.getStackTrace()).anyMatch(frame -> frame.getClassName().endsWith(".CallerWaker")
                            && frame.getMethodName().equals("block"));
        }
    }

    static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    static Throwable failure(CompletableFuture<?> future) {
        return assertThrows(ExecutionException.class, () -> get(future)).getCause();
    }

    /** Returns how much can be read without waiting, -1 for a channel that is closed. */
    static int available(PipeChannel channel) {
        try {
            return channel.available();
        } catch (ClosedChannelException closed) {
            return -1;
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                fail("not in time: " + what);
            }
            Thread.onSpinWait();
            Thread.yield();
        }
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(ByteBuffer filled) {
        return StandardCharsets.UTF_8.decode(filled.flip()).toString();
    }

    /** Reads until there are so many bytes, or the end. */
    static String readText(PipeChannel channel, int length) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(length);
        while (into.hasRemaining() && channel.read(into) >= 0) {
            // More may come.
        }
        return text(into);
    }
}
