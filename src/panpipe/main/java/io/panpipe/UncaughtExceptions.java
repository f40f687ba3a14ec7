/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import org.jspecify.annotations.Nullable;

/** Where what callbacks and tasks throw goes: to the user's handler, or to a log. */
final class UncaughtExceptions {

    /** Null for the log: a lambda would cost each program's start almost a millisecond. */
    private @Nullable LoopExceptionHandler handler;

    private @Nullable Throwable fatal;

    void handler(LoopExceptionHandler next) {
        handler = next;
    }

    /**
     * Hands what was thrown to the handler. What that throws ends the run, but only after the turn: a report of bytes
     * that were in flight comes once, and must not be lost. Without a handler it is logged, and the loop goes on: one broken
     * connection must not end a server.
     *
     * @param what the log's words for it
     */
    void handle(Loop loop, String what, Throwable thrown) {
        LoopExceptionHandler present = handler;
        try {
            if (present == null) {
                UserLog.error(what, thrown);
            } else {
                present.uncaught(loop, thrown);
            }
        } catch (Throwable thrownByHandler) {
            if (fatal == null) {
                fatal = thrownByHandler;
            } else if (fatal != thrownByHandler) {
                fatal.addSuppressed(thrownByHandler);
            }
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
