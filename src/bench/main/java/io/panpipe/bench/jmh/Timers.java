/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.jmh;

/** A number of timers, known by their numbers, as each library has them. All is called by one thread. */
interface Timers {

    /** Makes the timers of one of the libraries that are compared; none is started. */
    static Timers of(String name, int count) throws Exception {
        return switch (name) {
            case "panpipe" -> new PanpipeTimers(count);
            case "netty-wheel" -> new WheelTimers(count);
            case "netty-loop" -> new NettyTimers(count);
            case "jdk" -> new JdkTimers(count);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** Starts a timer that is not started. */
    void start(int timer, long millis);

    void cancel(int timer);

    /** Waits until the library has done what it was told, where it does that elsewhere. */
    void settle();

    /** Lets timers fire until so many have in all. */
    void awaitFired(long count);

    void end() throws InterruptedException;
}
