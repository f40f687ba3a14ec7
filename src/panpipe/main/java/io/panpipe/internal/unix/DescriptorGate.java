/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Keeps a descriptor open while threads are in calls that use it. No call blocks; a thread that the system has set aside in
 * the middle of one may take its time all the same, so that closing does not wait for long: then the last one to leave
 * closes the descriptor.
 */
public final class DescriptorGate {

    /** Nobody enters any more. */
    private static final int CLOSED = 1 << 30;

    /** Who leaves last closes the descriptor. */
    private static final int HANDED = 1 << 29;

    private static final int INSIDE = HANDED - 1;

    /** Long enough for a call that goes on; one whose thread does not run is not waited for. */
    private static final int LOOKS = 200;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(DescriptorGate.class, "state", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private volatile int state;

    /** Lets a thread begin to use the descriptor, until {@link #leave}; false once it is closed. */
    public boolean enter() {
        while (true) {
            int present = state; // with bitwise or by forbid, and compare-and-set by shutIfEmpty
            if ((present & CLOSED) != 0) {
                return false;
            }
            // With the look of hand and shut: who closes sees this thread inside, or this thread sees it closed.
            if (STATE.compareAndSet(this, present, present + 1)) {
                return true;
            }
        }
    }

    /** Ends what {@link #enter} began; tells whether the descriptor is to be closed now, by the calling thread. */
    public boolean leave() {
        // With compare-and-set by hand, and the look of shut: the call is over before another thread closes the descriptor.
        int left = (int) STATE.getAndAdd(this, -1) - 1;
        return left == (CLOSED | HANDED);
    }

    /** Lets nobody enter any more; {@link #close} or {@link #shut} follows. */
    public void forbid() {
        STATE.getAndBitwiseOr(this, CLOSED); // with volatile and compare-and-set by enter
    }

    /**
     * Lets nobody enter any more.
     *
     * @return whether nobody is inside, so that the caller may close the descriptor; otherwise the last one to leave does
     */
    public boolean close() {
        return shut() || hand();
    }

    /**
     * Has the last one to leave close the descriptor, after {@link #shut}.
     *
     * @return whether nobody is inside any more, so that the caller may close it
     */
    public boolean hand() {
        while (true) {
            int present = state; // with add by leave
            if ((present & INSIDE) == 0) {
                return true;
            }
            if (STATE.compareAndSet(this, present, present | HANDED)) { // with add by leave, which then closes
                return false;
            }
        }
    }

    /**
     * Lets nobody enter any more, and waits a moment for who is inside; nobody closes the descriptor.
     *
     * @return whether nobody is inside
     */
    public boolean shut() {
        forbid();
        for (int i = 0; i < LOOKS; i++) {
            if ((state & INSIDE) == 0) { // with add by leave
                return true;
            }
            Thread.yield();
        }
        return (state & INSIDE) == 0;
    }

    /**
     * Lets nobody enter any more, if nobody is inside; waits a moment for that. Otherwise nothing has happened: nobody was kept
     * from entering meanwhile, which would look to them as if the descriptor were closed.
     */
    public boolean shutIfEmpty() {
        for (int i = 0; i < LOOKS; i++) {
            if (STATE.compareAndSet(this, 0, CLOSED)) { // with compare-and-set by enter, and add by leave
                return true;
            }
            Thread.yield();
        }
        return false;
    }
}
