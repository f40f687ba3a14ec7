/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.jshell;

import io.panpipe.Handle;
import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.channels.LoopThread;
import io.panpipe.channels.PipeChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What one types at the prompt of {@code jshell}: static functions around one loop, which runs on a thread of its own.
 *
 * <p>All of them may be called by any thread, and wait. The loop's own thread cannot wait for a connection or what comes
 * over it ({@link IllegalStateException}); all else works there too. What a system refuses is an {@link
 * UncheckedIOException}, so that methods and lambdas written at the prompt declare nothing. When the JVM ends, also by
 * Ctrl-D or a signal, the loop is closed with all that it has: no socket file stays behind.
 *
 * @since 0.1
 */
public final class Prompt {

    /** How long the end of the JVM waits for a callback that does not return. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final LoopThread THREAD = start();
    private static final Thread LOOPING = awaitThread();

    private Prompt() {}

    private static LoopThread start() {
        LoopThread thread = io(() -> new LoopThread("panpipe-jshell"));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(thread), "panpipe-jshell-end"));
        return thread;
    }

    private static void end(LoopThread thread) {
        try {
            if (!Thread.ofPlatform().daemon().start(thread::close).join(PATIENCE)) {
                System.err.println("the loop did not close within " + PATIENCE.toSeconds() + " s");
            }
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    private static Thread awaitThread() {
        // A lambda would be a method of this class, for whose initialisation the loop's thread would wait.
        return CompletableFuture.supplyAsync(Thread::currentThread, THREAD.loop()).join();
    }

    /**
     * Returns the loop of this prompt.
     *
     * @return the loop, which runs already; {@link #inLoop} reaches it
     */
    public static Loop loop() {
        return THREAD.loop();
    }

    /**
     * Calls something on the loop's thread, where handles have to be made and used, and waits for its result. On that
     * thread itself, calls it at once.
     *
     * @param <T> the result's type
     * @param work what to do; it must not wait
     * @return what it returned
     * @throws UncheckedIOException if it threw an {@link IOException}
     * @throws IllegalStateException if nobody runs the loop any more
     */
    public static <T extends @Nullable Object> T inLoop(Callable<T> work) {
        if (Thread.currentThread() == LOOPING) {
            return io(work);
        }
        loop().requireRunningElsewhere();
        FutureTask<T> task = new FutureTask<>(work);
        loop().execute(task);
        try {
            return task.get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the loop was at work", interrupted);
        } catch (ExecutionException failed) {
            throw unchecked(failed.getCause());
        }
    }

    /**
     * Does something on the loop's thread, where handles have to be made and used, and waits until it is done.
     *
     * @param work what to do; it must not wait
     * @throws UncheckedIOException if it threw an {@link IOException}
     */
    public static void inLoop(Action work) {
        Callable<@Nullable Void> task = () -> {
            work.run();
            return null;
        };
        inLoop(task);
    }

    /**
     * Connects to a server.
     *
     * @param name its name: a path, {@code @name} for an abstract name of Linux, or a simple word, which stands for
     *     {@link Pipe#portableName}
     * @return the connection
     */
    public static LinePipe pipe(String name) {
        return LinePipe.connect(loop(), name);
    }

    /**
     * Sends and reads lines over a pipe that was accepted, passed or made on the loop's thread.
     *
     * @param pipe a pipe that is connected and does not read; it closes with the result
     * @return the connection
     */
    public static LinePipe lines(Pipe pipe) {
        return inLoop(() -> new LinePipe(pipe.toString(), PipeChannel.of(pipe)));
    }

    /**
     * Starts a server that tells each line it is sent.
     *
     * @param name its name, as {@link #pipe} takes it
     * @param conversation called with the connection and a line, by a thread for each connection; it may wait
     * @return the server
     */
    public static LineServer serve(String name, BiConsumer<LinePipe, String> conversation) {
        LineServer server = LineServer.bind(loop(), name);
        server.answer(conversation);
        return server;
    }

    /**
     * Starts a server whose connections one takes oneself, by {@link LineServer#accept}.
     *
     * @param name its name, as {@link #pipe} takes it
     * @return the server
     */
    public static LineServer serve(String name) {
        return LineServer.bind(loop(), name);
    }

    /**
     * Does something later, once, on the loop's thread.
     *
     * @param time how long from now
     * @param work what to do; it must not wait
     * @return the timer, to cancel it
     */
    public static Ticks after(Duration time, Action work) {
        return inLoop(() -> new Ticks(loop(), time, Duration.ZERO, work));
    }

    /**
     * Does something again and again, on the loop's thread.
     *
     * @param time how long before the first time, and between two
     * @param work what to do; it must not wait
     * @return the timer, to end it
     */
    public static Ticks every(Duration time, Action work) {
        return inLoop(() -> new Ticks(loop(), time, time, work));
    }

    /**
     * Makes a time of milliseconds, for {@link #after} and {@link #every}.
     *
     * @param count how many, 0 or more
     * @return the time
     */
    public static Duration ms(long count) {
        return Duration.ofMillis(count);
    }

    /**
     * Waits a while, at the prompt or in a script.
     *
     * @param time how long
     */
    public static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Lists what the loop has open: servers, connections, timers; and one handle that keeps the loop running.
     *
     * @return the handles, in no order
     */
    public static List<Handle> handles() {
        return inLoop(() -> loop().handles());
    }

    /**
     * Runs a program to its end.
     *
     * @param command the program and its arguments
     * @return what it wrote to its standard output and error, less the last line's end
     * @throws IllegalStateException if it ends with another status than 0
     */
    public static String run(String... command) {
        Process process = io(() -> new ProcessBuilder(command).redirectErrorStream(true).start());
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).stripTrailing();
            int status = process.waitFor();
            if (status != 0) {
                throw new IllegalStateException(command[0] + " ended with " + status + ": " + output);
            }
            return output;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + command[0], interrupted);
        } finally {
            process.destroyForcibly();
        }
    }

    /**
     * Prints a line.
     *
     * @param value what to print, by its {@code toString}
     */
    public static void println(@Nullable Object value) {
        System.out.println(value);
    }

    static <T extends @Nullable Object> T io(Callable<T> call) {
        try {
            return call.call();
        } catch (Exception failed) {
            throw unchecked(failed);
        }
    }

    private static RuntimeException unchecked(Throwable failure) {
        return switch (failure) {
            case IOException refused -> new UncheckedIOException(refused.getMessage(), refused);
            case RuntimeException wrong -> wrong;
            case Error error -> throw error;
            default -> new IllegalStateException(failure);
        };
    }

    /** Something to do, which may throw. */
    @FunctionalInterface
    public interface Action {

        /**
         * Does it.
         *
         * @throws Exception whatever goes wrong
         */
        void run() throws Exception;
    }
}
