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
        private final AtomicInteger counted = new AtomicInteger();
        private boolean rest;

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

        /**
         * Says whether this is what is left of a write that has begun, of the thread that has claimed the queue: it comes
         * before all others.
         */
        final void rest(boolean begun) {
            rest = begun;
        }

        /** Notes that this is about to be handed to the loop, so that no thread overtakes it. */
        final void handingOver() {
            counted.incrementAndGet();
            queue.handingOver();
        }

        /** Notes that this is over, or that no loop takes it: as often as it was handed over, whoever says so. */
        final void over() {
            for (int count = counted.get(); count > 0; count = counted.get()) {
                if (counted.compareAndSet(count, count - 1)) {
                    queue.over();
                    return;
                }
            }
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
    private final Runnable goingOn = this::goOn;
    private volatile boolean shutDown;

    /** How many steps were handed to the loop and are not over, and {@link #CLAIMED}. */
    private final AtomicInteger handed = new AtomicInteger();

    // Any thread.

    /** Makes the calling thread the one that writes, if nothing is before it; until {@link #unclaim}. */
    boolean claim() {
        return handed.compareAndSet(0, CLAIMED);
    }

    /** Ends what {@link #claim} began; tells whether the loop is to do {@link #goingOn}, for what has come meanwhile. */
    boolean unclaim() {
        return handed.addAndGet(-CLAIMED) != 0;
    }

    private void handingOver() {
        handed.incrementAndGet();
    }

    private void over() {
        handed.decrementAndGet();
    }

    /** Tells whether a thread is at a write, or something was handed to the loop and is not over. */
    boolean isBusy() {
        return handed.get() != 0;
    }

    // The loop's thread.

    /** Keeps threads behind what the pipe has queued already. */
    void start(Pipe pipe) {
        if (pipe.writeQueueSize() > 0) {
            handingOver();
            pipe.write(NOTHING, (same, error) -> {
                if (error == null) {
                    over();
                }
                // Otherwise threads stay behind it for ever: the pipe refuses what they have the loop write.
            });
        }
    }

    /** Returns the task that goes on with what has waited for a thread that was writing. */
    Runnable goingOn() {
        return goingOn;
    }

    private void goOn() {
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
        boolean idle = before == null || held;
        if (before == null) {
            first = step;
            last = step;
        } else if (step.rest && held) {
            // Those that are held have not begun.
            step.next = first;
            first = step;
        } else {
            before.next = step;
            last = step;
        }
        if (idle) {
            held = false;
            proceed();
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
            step.over();
            first = step.next;
            step.next = null;
        }
        last = null;
    }

    private void proceed() {
        for (Step<?> step = first; step != null; step = first) {
            if (!step.rest && (handed.get() & CLAIMED) != 0) {
                // That thread sees that there is a step, when it ends.
                held = true;
                return;
            }
            if (!isOver(step)) {
                return;
            }
            step.over();
            first = step.next;
            step.next = null;
            if (first == null) {
                last = null;
            }
        }
    }
}
