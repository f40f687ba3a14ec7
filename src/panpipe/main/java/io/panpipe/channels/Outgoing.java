/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.PanpipeException;
import java.nio.channels.AsynchronousCloseException;
import org.jspecify.annotations.Nullable;

/**
 * What goes out over a channel: writes and the end of the outgoing direction, one after the other, so that none gets
 * between the parts of another.
 */
final class Outgoing {

    /** One of them. It is run as a task of the loop, once. */
    abstract static class Step<T> extends Operation<T> implements Runnable {

        private final Outgoing queue;
        private @Nullable Step<?> next;

        Step(Outgoing queue) {
            this.queue = queue;
        }

        /** Takes its place behind those that came before. */
        @Override
        public final void run() {
            queue.add(this);
        }

        final Outgoing queue() {
            return queue;
        }

        /** Has the loop go on with this step, and those behind it, now that the pipe has called back. */
        final void goOn() {
            queue.proceed();
        }

        /**
         * Does what can be done now.
         *
         * @return whether this step is finished or withdrawn; if not, the pipe will call back
         * @throws PanpipeException what the step fails with, as with anything else that is thrown
         */
        abstract boolean proceed() throws PanpipeException;
    }

    private @Nullable Step<?> first;
    private @Nullable Step<?> last;
    private volatile boolean shutDown;

    /** Tells whether the outgoing direction was ended. */
    boolean isShutDown() {
        return shutDown;
    }

    void setShutDown() {
        shutDown = true;
    }

    private void add(Step<?> step) {
        Step<?> before = last;
        last = step;
        if (before == null) {
            first = step;
            proceed();
        } else {
            before.next = step;
        }
    }

    private static boolean isOver(Step<?> step) {
        try {
            return step.proceed();
        } catch (Throwable thrown) {
            step.abandon(thrown);
            return true;
        }
    }

    /** Fails all that is left, whose pipe is closed. */
    void end() {
        for (Step<?> step = first; step != null; step = first) {
            step.abandon(new AsynchronousCloseException());
            first = step.next;
            step.next = null;
        }
        last = null;
    }

    private void proceed() {
        for (Step<?> step = first; step != null; step = first) {
            if (!isOver(step)) {
                return;
            }
            first = step.next;
            step.next = null;
            if (first == null) {
                last = null;
            }
        }
    }
}
