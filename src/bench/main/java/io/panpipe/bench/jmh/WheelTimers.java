/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.jmh;

import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import io.netty.util.TimerTask;
import io.panpipe.bench.servers.NettySettings;
import java.util.concurrent.TimeUnit;

/**
 * Netty's hashed wheel, with a tick as fine as the others' and a slot for each in half a minute. It has a thread of its
 * own.
 */
final class WheelTimers implements Timers {

    private static final int SLOTS = 1 << 15;

    static {
        NettySettings.apply();
    }

    private final HashedWheelTimer wheel = new HashedWheelTimer(
            Thread.ofPlatform().daemon().factory(), 1, TimeUnit.MILLISECONDS, SLOTS, false);
    private final Timeout[] timers;
    private final TimerTask task = timeout -> count();
    private volatile long fired;
    private long started;

    WheelTimers(int count) {
        timers = new Timeout[count];
    }

    /** Called by the wheel's thread alone. */
    private void count() {
        fired++;
    }

    @Override
    public void start(int timer, long millis) {
        started++;
        timers[timer] = wheel.newTimeout(task, millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void cancel(int timer) {
        if (timers[timer].cancel()) {
            started--;
        }
    }

    /** The wheel's thread takes note of both at its next tick. */
    @Override
    public void settle() {
        while (wheel.pendingTimeouts() > started - fired) {
            Thread.onSpinWait();
        }
    }

    @Override
    public void awaitFired(long count) {
        while (fired < count) {
            Thread.onSpinWait();
        }
    }

    @Override
    public void end() {
        wheel.stop();
    }
}
