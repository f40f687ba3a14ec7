/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** All that is guarded in this JVM, and the thread that looks after it. */
final class Guards {

    /** What the JVM ends with when a test cannot be ended: an internal error, as sysexits.h has it. */
    static final int HALTED = 70;

    /** As it was at first: a test that hangs may have put something else there. */
    private static final PrintStream ERR = System.err;

    private static final long LONGEST_SLEEP_MILLIS = 500;

    /** How long the end of a test waits for the report of it, which may hang as well. */
    private static final Duration REPORT_TIME = Patience.seconds(10);

    /** How long the loops of a test that hangs have to be closed as loops are. */
    private static final Duration ORDERLY_TIME = Patience.seconds(5);

    private static final List<Guard> ACTIVE = new ArrayList<>();
    private static boolean started;

    private Guards() {}

    static synchronized void begin(Guard guard, Guard parent) {
        guard.thread = Thread.currentThread();
        guard.since = System.nanoTime();
        // Tests that a test runs by a launcher of its own know nothing of that test but its thread.
        guard.around = parent != null ? parent : innermost(guard.thread);
        if (guard.around != null) {
            guard.around.parts++;
            // What hung between two parts does no longer.
            leave(guard.around);
        }
        ACTIVE.add(guard);
        if (!started) {
            started = true;
            Thread watcher = new Thread(null, Guards::watch, "testbed watchdog", 0, false);
            watcher.setDaemon(true);
            watcher.start();
        }
        Guards.class.notifyAll();
    }

    private static Guard innermost(Thread thread) {
        for (int i = ACTIVE.size() - 1; i >= 0; i--) {
            if (ACTIVE.get(i).thread == thread) {
                return ACTIVE.get(i);
            }
        }
        return null;
    }

    static synchronized void enter(Guard guard) {
        guard.thread = Thread.currentThread();
    }

    /** Tells whether the phase that ends here had hung; what comes after it has a time of its own. */
    static synchronized boolean leave(Guard guard) {
        if (!guard.hanging) {
            return false;
        }
        guard.hanging = false;
        guard.since = System.nanoTime();
        // The watchdog's, and meant for nobody else. It interrupts under this lock only, and only what hangs.
        Thread.interrupted();
        return true;
    }

    static synchronized void end(Guard guard) {
        leave(guard);
        ACTIVE.remove(guard);
        if (guard.around != null) {
            guard.around.parts--;
            guard.around.since = System.nanoTime();
        }
    }

    private static void watch() {
        while (true) {
            try {
                sleep();
                for (Guard guard : active()) {
                    look(guard);
                }
            } catch (Throwable trouble) {
                // Whatever it is, the other tests are to be guarded all the same.
                trouble.printStackTrace(ERR);
            }
        }
    }

    private static synchronized List<Guard> active() {
        return new ArrayList<>(ACTIVE);
    }

    /** Sleeps until something may be due; a new guard ends the sleep, for its limit may be shorter. */
    private static synchronized void sleep() throws InterruptedException {
        long now = System.nanoTime();
        long least = Duration.ofMillis(LONGEST_SLEEP_MILLIS).toNanos();
        for (Guard guard : ACTIVE) {
            if (guard.parts == 0 && !guard.hanging) {
                least = Math.min(least, guard.limit.toNanos() - (now - guard.since));
            }
        }
        Guards.class.wait(Math.max(1, Duration.ofNanos(least).toMillis()));
    }

    private static void look(Guard guard) throws InterruptedException {
        HungTestError hung = judge(guard);
        if (hung != null) {
            report(guard, hung);
        }
        if (isHanging(guard)) {
            stopLoops(guard);
            interrupt(guard);
            if (isLost(guard)) {
                halt(guard);
            }
        }
    }

    /** Returns what a test is to fail with that has come to its limit just now. */
    private static synchronized HungTestError judge(Guard guard) {
        long now = System.nanoTime();
        boolean atLimit = guard.parts == 0 && now - guard.since >= guard.limit.toNanos();
        if (!ACTIVE.contains(guard) || guard.hanging || !atLimit) {
            return null;
        }
        guard.hung = new HungTestError(guard.name, guard.limit, guard.thread);
        guard.hanging = true;
        guard.hangingSince = now;
        return guard.hung;
    }

    private static synchronized boolean isHanging(Guard guard) {
        return guard.hanging;
    }

    private static synchronized boolean isLost(Guard guard) {
        return guard.hanging && System.nanoTime() - guard.hangingSince >= guard.grace.toNanos();
    }

    private static synchronized void interrupt(Guard guard) {
        if (guard.hanging) {
            guard.thread.interrupt();
        }
    }

    /**
     * Stops the loops, again and again: the test may run them again. The loops of tests that run beside this one are
     * spared as long as there is hope that this one ends without; and so is an orderly close.
     */
    private static void stopLoops(Guard guard) {
        boolean all;
        boolean givesUp;
        synchronized (Guards.class) {
            long passed = System.nanoTime() - guard.hangingSince;
            givesUp = passed >= ORDERLY_TIME.toNanos();
            all = isAlone(guard) || passed >= guard.grace.toNanos() / 2;
        }
        PanpipeLoops.stop(all ? null : guard.thread, givesUp);
    }

    private static boolean isAlone(Guard guard) {
        List<Guard> others = new ArrayList<>(ACTIVE);
        for (Guard mine = guard; mine != null; mine = mine.around) {
            others.remove(mine);
        }
        return others.stream().allMatch(other -> other.thread == guard.thread);
    }

    private static void report(Guard guard, HungTestError hung) throws InterruptedException {
        inTime(() -> {
            String report = "WATCHDOG: " + hung.getMessage() + '\n' + Stacks.of(guard.thread) + PanpipeLoops.dump();
            hung.report(report);
            if (!guard.quiet) {
                ERR.println(report);
            }
        });
    }

    /**
     * Ends the JVM. Its last words go to the descriptor itself: what runs the tests, as Surefire does, may hand on what
     * comes by {@code System.err} later, and there is no later.
     */
    private static void halt(Guard guard) throws InterruptedException {
        String last = "WATCHDOG: " + guard.name + " hangs and cannot be ended, so this JVM is halted\n";
        inTime(() -> {
            ERR.flush();
            String report = last + Stacks.of(guard.thread) + PanpipeLoops.dump() + last;
            try (FileOutputStream err = new FileOutputStream(FileDescriptor.err)) {
                err.write(report.getBytes(StandardCharsets.UTF_8));
            } catch (IOException closed) {
                // Nobody is left to be told.
            }
        });
        Runtime.getRuntime().halt(HALTED);
    }

    /** Does what writes, which may hang as well: what hangs may have the lock of the stream, or nobody may read it. */
    private static void inTime(Runnable task) throws InterruptedException {
        Thread reporter = new Thread(null, task, "testbed report", 0, false);
        reporter.setDaemon(true);
        reporter.start();
        reporter.join(REPORT_TIME.toMillis());
    }
}
