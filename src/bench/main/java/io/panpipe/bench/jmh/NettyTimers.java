/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.jmh;

import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.Future;
import io.panpipe.bench.servers.NettySettings;
import java.util.concurrent.TimeUnit;

/** Timers of Netty's event loop, which the calling thread runs. */
final class NettyTimers implements Timers {

    static {
        NettySettings.apply();
    }

    private final ManualIoEventLoop loop =
            new ManualIoEventLoop(Thread.currentThread(), EpollIoHandler.newFactory());
    private final Future<?>[] timers;
    private final Runnable task = () -> this.fired++;
    private long fired;

    NettyTimers(int count) {
        timers = new Future<?>[count];
    }

    @Override
    public void start(int timer, long millis) {
        timers[timer] = loop.schedule(task, millis, TimeUnit.MILLISECONDS);
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
            loop.run(TimeUnit.SECONDS.toNanos(1));
        }
    }

    @Override
    public void end() {
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        while (!loop.isTerminated()) {
            loop.runNow();
        }
    }
}
