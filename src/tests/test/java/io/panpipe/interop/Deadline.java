/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import static org.junit.jupiter.api.Assertions.fail;

import io.panpipe.testbed.Patience;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waiting for something that another thread, a process or the kernel does. */
final class Deadline {

    /** Long enough for a loaded machine: reached only where something hangs. */
    static final Duration GENEROUS = Patience.seconds(60);

    private static final long POLL_MILLIS = 5;

    private Deadline() {}

    static long in(Duration time) {
        return System.nanoTime() + time.toNanos();
    }

    static long millisTo(long deadline) {
        return Duration.ofNanos(deadline - System.nanoTime()).toMillis();
    }

    /** Waits until a condition holds; fails with what it is about where it does not. */
    static void await(String what, BooleanSupplier condition) {
        long deadline = in(GENEROUS);
        while (!condition.getAsBoolean()) {
            if (millisTo(deadline) <= 0) {
                fail("not in time: " + what);
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                fail("interrupted while waiting: " + what);
            }
        }
    }
}
