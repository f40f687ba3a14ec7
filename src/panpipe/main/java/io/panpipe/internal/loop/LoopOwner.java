/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.LoopWatch;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Which thread a loop belongs to, and whether that runs it. */
final class LoopOwner {

    private static final VarHandle OWNER;

    static {
        try {
            OWNER = MethodHandles.lookup().findVarHandle(LoopOwner.class, "owner", Thread.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Kernel kernel;
    private final @Nullable LoopWatch watch;
    private volatile Thread owner = Thread.currentThread();
    private final AtomicBoolean running = new AtomicBoolean();
    private boolean closing;

    /**
     * Makes the calling thread the owner.
     *
     * @param watch who is told of calls by other threads, or null
     */
    LoopOwner(Kernel kernel, @Nullable LoopWatch watch) {
        this.kernel = kernel;
        this.watch = watch;
    }

    /** Returns the thread that the loop belongs to. */
    Thread thread() {
        return owner;
    }

    boolean isRunning() {
        return running.get();
    }

    /** Tells whether the calling thread runs the loop. */
    boolean runsHere() {
        return running.get() && owner == Thread.currentThread();
    }

    /** Makes the calling thread the one that runs the loop, until {@link #leave}. */
    void begin() {
        if (kernel.blocksThread() && Thread.currentThread().isVirtual()) {
            throw new IllegalStateException(
                    "a loop waits inside a native call and would pin its carrier: run it on a platform thread");
        }
        enter();
    }

    /** As {@link #begin}, for the close of a loop, which does not wait for long. */
    void beginClose() {
        enter();
        closing = true;
    }

    /** Tells whether the loop is being closed, or is closed. */
    boolean isClosing() {
        return closing;
    }

    private void enter() {
        // Of two threads that come at the same moment one is refused. With set by leave: a run sees what the last one did.
        if (!running.compareAndSet(false, true)) {
            throw new IllegalStateException("this loop runs already, on thread \"" + owner.getName() + "\"");
        }
        owner = Thread.currentThread(); // with volatile by check, runsHere and takeOver
        if (watch != null) {
            watch.runBegins();
        }
    }

    void leave() {
        running.set(false); // with compare-and-set by enter, and volatile by takeOver
    }

    /** Refuses a thread that is not the owner, unless the loop is nobody's any more. */
    void check() {
        if (Thread.currentThread() != owner) {
            takeOver();
        }
    }

    /** Refuses a thread that wants to wait for this loop, where that would be for ever. */
    void requireRunningElsewhere() {
        if (!kernel.blocksThread()) {
            throw new IllegalStateException("this loop is simulated, and nothing happens in it while a thread waits: use"
                    + " callbacks or futures, and run the simulation");
        }
        if (!running.get()) {
            throw new IllegalStateException("nobody runs this loop, so this would wait for ever: run it on a thread of its"
                    + " own, as LoopThread does, and keep it alive");
        }
        if (owner == Thread.currentThread()) {
            throw new IllegalStateException("this thread runs the loop, and would wait for itself: use callbacks or futures"
                    + " here, and wait on other threads");
        }
    }

    private void takeOver() {
        Thread present = owner;
        // Not isAlive(), which still says yes for a moment after join(Duration) has returned.
        boolean isNobodys = !running.get() && present.getState() == Thread.State.TERMINATED;
        // Of two threads that come at the same moment one is refused: with that of another in here, and volatile by check. What
        // the dead thread did is seen, since its end was.
        if (!isNobodys || !OWNER.compareAndSet(this, present, Thread.currentThread())) {
            refuse(owner);
        }
    }

    private void refuse(Thread present) {
        if (watch != null) {
            watch.calledFrom(Thread.currentThread(), present);
        }
        throw new WrongThreadException("this loop belongs to thread \"" + present.getName() + "\", and thread \""
                + Thread.currentThread().getName()
                + "\" used it: call loop.execute(() -> ...) to run code on the loop's thread");
    }
}
