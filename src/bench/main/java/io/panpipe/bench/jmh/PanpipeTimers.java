/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.jmh;

import io.panpipe.HandleCallback;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import java.time.Duration;

/** Panpipe's timers, one handle each that is started again and again. */
final class PanpipeTimers implements Timers {

    private final Loop loop = new Loop();
    private final Timer[] timers;
    private final HandleCallback<Timer> callback = timer -> this.fired++;
    private long fired;

    PanpipeTimers(int count) throws PanpipeException {
        timers = new Timer[count];
        for (int i = 0; i < count; i++) {
            timers[i] = new Timer(loop);
        }
    }

    @Override
    public void start(int timer, long millis) {
        timers[timer].start(callback, Duration.ofMillis(millis));
    }

    @Override
    public void cancel(int timer) {
        timers[timer].stop();
    }

    @Override
    public void settle() {
        // It is done.
    }

    @Override
    public void awaitFired(long count) {
        while (fired < count) {
            loop.run(RunMode.ONCE);
        }
    }

    @Override
    public void end() {
        loop.close();
    }
}
