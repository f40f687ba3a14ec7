/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One run of a command: its loop, its exit code, and the promise that the loop is closed in any case, so that no socket
 * file stays behind when a signal ends the process.
 *
 * <p>On a signal the JVM runs the shutdown hook on a thread of its own. The hook only asks the loop to stop and waits,
 * for a bounded time, until the main thread has closed everything. The main thread may then block in {@code
 * System.exit} as long as it likes: the hook waits for nothing that comes after the close.
 */
final class Session implements AutoCloseable {

    private static final long SECONDS_TO_CLOSE = 5;

    private final Messages messages;
    private final Loop loop;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Deque<Runnable> closeActions = new ArrayDeque<>();
    private volatile boolean interrupted;
    private boolean finished;
    private int exitCode;

    Session(Messages messages) throws PanpipeException {
        this.messages = messages;
        loop = new Loop();
        loop.uncaughtExceptionHandler((source, thrown) -> fail(thrown));
        Runtime.getRuntime().addShutdownHook(new Thread(this::interrupt, "panpipe-shutdown"));
    }

    private void interrupt() {
        interrupted = true;
        loop.stop();
        try {
            if (!closed.await(SECONDS_TO_CLOSE, TimeUnit.SECONDS)) {
                messages.error("the loop did not close within " + SECONDS_TO_CLOSE + " s");
            }
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    Loop loop() {
        return loop;
    }

    Messages messages() {
        return messages;
    }

    /** Has an action run after the loop, the last one first. */
    void onClose(Runnable action) {
        closeActions.push(action);
    }

    /** Runs the loop until the command has finished, and returns the exit code. */
    int run() {
        loop.run();
        return exitCode;
    }

    /** Tells a failure and goes on; the command will end with 1. */
    void report(Throwable failure) {
        report("", failure);
    }

    /** As {@link #report(Throwable)}, with what it is about. */
    void report(String context, Throwable failure) {
        // What still fails once the end is near fails because of the end.
        if (!interrupted && !finished) {
            exitCode = 1;
            messages.error(context, failure);
        }
    }

    /** Tells a failure and ends the command with 1. */
    void fail(Throwable failure) {
        report(failure);
        finish();
    }

    /** Tells whether the end is near, so that nothing new should begin. */
    boolean isEnding() {
        return interrupted || finished;
    }

    /** Ends the command with 1 and without a word. */
    void failQuietly() {
        if (!finished) {
            exitCode = 1;
        }
        finish();
    }

    /** Ends the command; with 0 unless something was reported. */
    void finish() {
        finished = true;
        loop.stop();
    }

    @Override
    public void close() {
        try {
            loop.close();
            while (!closeActions.isEmpty()) {
                closeActions.pop().run();
            }
        } finally {
            closed.countDown();
        }
    }
}
