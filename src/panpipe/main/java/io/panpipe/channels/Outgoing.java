/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.util.concurrent.atomic.AtomicInteger;
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

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** Among {@link #handed}: a thread writes for itself. */
    private static final int CLAIMED = 1 << 30;

    private @Nullable Step<?> first;
    private @Nullable Step<?> last;
    private boolean held;
    private volatile boolean shutDown;

    /** How many steps were handed to the loop and are not over, and {@link #CLAIMED}. */
    private final AtomicInteger handed = new AtomicInteger();

    // Any thread.

    /** Makes the calling thread the one that writes, if nothing is before it; until {@link #unclaim}. */
    boolean claim() {
        return handed.compareAndSet(0, CLAIMED);
    }

    /** Ends what {@link #claim} began; tells whether the loop is to {@link #goOn} with what has come meanwhile. */
    boolean unclaim() {
        return handed.addAndGet(-CLAIMED) != 0;
    }

    /** Notes that a step is about to be handed to the loop, so that no thread overtakes it. */
    void handingOver() {
        handed.incrementAndGet();
    }

    /** Notes that a step, or what the pipe had queued, is over, or that no loop takes it. */
    void over() {
        handed.decrementAndGet();
    }

    // The loop's thread.

    /** Keeps threads behind what the pipe has queued already. */
    void start(Pipe pipe) {
        if (pipe.writeQueueSize() > 0) {
            handingOver();
            pipe.write(NOTHING, (same, error) -> over());
        }
    }

    /** Goes on with what has waited for a thread that was writing. */
    void goOn() {
        if (held) {
            held = false;
            proceed();
        }
    }

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
            if ((handed.get() & CLAIMED) != 0) {
                // That thread sees that there is a step, when it ends.
                held = true;
            } else {
                proceed();
            }
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
            over();
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
            over();
            first = step.next;
            step.next = null;
            if (first == null) {
                last = null;
            }
        }
    }
}
