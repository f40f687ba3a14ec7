/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.jmh;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The JDK's executor with one thread. */
final class JdkTimers implements Timers {

    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
    private final Future<?>[] timers;
    private final Runnable task = this::count;
    private volatile long fired;

    JdkTimers(int count) {
        timers = new Future<?>[count];
        // Else what is cancelled stays until it is due.
        executor.setRemoveOnCancelPolicy(true);
    }

    /** Called by the executor's thread alone. */
    private void count() {
        fired++;
    }

    @Override
    public void start(int timer, long millis) {
        timers[timer] = executor.schedule(task, millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void cancel(int timer) {
        timers[timer].cancel(false);
    }

    @Override
    public void settle() {
        // It is done.
    }

    @Override
    public void awaitFired(long count) {
        while (fired < count) {
            Thread.onSpinWait();
        }
    }

    @Override
    public void end() throws InterruptedException {
        executor.shutdownNow();
        executor.awaitTermination(1, TimeUnit.MINUTES);
    }
}
