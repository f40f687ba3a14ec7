/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.LoopWatch;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where what callbacks and tasks throw goes, and what no callback tells: to the user's handler, or to a log. */
final class UncaughtExceptions {

    private final LoopCore loop;
    private final @Nullable LoopWatch watch;

    /** Null for the log: a lambda would cost each program's start almost a millisecond. */
    private @Nullable Object handler;

    private @Nullable Throwable fatal;
    private final LogLimit errors = new LogLimit();
    private final LogLimit warnings = new LogLimit();
    private final LogLimit details = new LogLimit();

    /**
     * Makes those of one loop.
     *
     * @param watch who is told of failures that nobody asked to be told of, or null
     */
    UncaughtExceptions(LoopCore loop, @Nullable LoopWatch watch) {
        this.loop = loop;
        this.watch = watch;
    }

    void handler(Object next) {
        handler = next;
    }

    /**
     * Hands what was thrown to the handler. What that throws ends the run, but only after the turn: a report of bytes
     * that were in flight comes once, and must not be lost. Without a handler it is logged, and the loop goes on: one broken
     * connection must not end a server, and neither must a log that is broken itself, or a stranger fill a disk.
     *
     * @param what the log's words for it
     */
    void handle(String what, Throwable thrown) {
        Object present = handler;
        if (present == null) {
            if (errors.permits(loop.clockNanos())) {
                UserLog.error(what + errors.takeOmitted(), thrown);
            }
            return;
        }
        try {
            loop.front().uncaught(loop, present, thrown);
        } catch (Throwable thrownByHandler) {
            if (fatal == null) {
                fatal = thrownByHandler;
            } else if (fatal != thrownByHandler) {
                fatal.addSuppressed(thrownByHandler);
            }
        }
    }

    /** Tells of a request that failed and had no callback: that the other end has gone is nothing an operator need know. */
    void unclaimed(Failure failure) {
        IOException error = loop.front().shown(failure);
        if (watch != null) {
            watch.failedUnclaimed(error);
        }
        boolean isGone = failure.fault() == Fault.EPIPE || failure.fault() == Fault.ECONNRESET;
        if (isGone) {
            loop.counters().lostWrite();
        }
        if (!isGone || handler != null) {
            handle("a request without a callback failed: " + error.getMessage(), error);
        } else if (details.permits(loop.clockNanos())) {
            UserLog.debug("a request without a callback failed", error);
        }
    }

    /** Tells of something that no callback tells, such as handles that a stranger has sent and nobody has accepted. */
    void warn(String text) {
        boolean isTold = watch != null && watch.warned(text);
        if (!isTold && warnings.permits(loop.clockNanos())) {
            UserLog.warning(text + warnings.takeOmitted());
        }
    }

    /** Tells how many messages were left out since the last one. */
    void tellOmitted() {
        tell(errors.takeOmitted());
        tell(warnings.takeOmitted());
    }

    private static void tell(String omitted) {
        if (!omitted.isEmpty()) {
            UserLog.warning("the log has left something out" + omitted);
        }
    }

    /** Throws what the handler threw in this turn, if it did. */
    void throwFatal() {
        Throwable thrown = fatal;
        fatal = null;
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown != null) {
            throw new IllegalStateException("the uncaught-exception handler ended the loop: " + thrown, thrown);
        }
    }
}
