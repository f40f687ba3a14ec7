/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.InternalThreads;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets another thread end a system call in which one thread waits: a signal makes the call return EINTR.
 *
 * <p>A descriptor in blocking mode blocks inside the call itself where poll(2) has promised too much: a terminal is writable
 * when it has room for one byte, and what there was to read may be another reader's by now. Nothing else ends such a call; a
 * close of the descriptor does not.
 *
 * <p>The signal is the one that the JDK uses for the same purpose in java.nio, with a handler that does nothing.
 */
final class Interruption {

    private static final long FIRST_PAUSE_NANOS = 1_000_000;
    private static final long LONGEST_PAUSE_NANOS = 100_000_000;

    /** So often the caller sends the signal itself where there is no thread to do that. */
    private static final int STRIKES = 10;

    private final int signal;
    private final int unblock;
    private long thread;
    private boolean inside;

    Interruption(UnixSystem system) {
        signal = system.interruptSignal();
        unblock = system.sigUnblock();
    }

    /** Prepares the thread whose calls are to be interrupted; called by itself. */
    void prepare(CallState state) {
        UnixCalls.admitSignal(state, signal, unblock);
        thread = UnixCalls.pthreadSelf(state);
    }

    /** The thread is about to make a call; it has to ask for the reason to end behind this. */
    synchronized void enter() {
        inside = true;
    }

    /** The thread is back; as long as a signal is being sent it is not, and so is there to be sent one. */
    synchronized void leave() {
        inside = false;
    }

    /** Interrupts the thread if it is inside a call, now or about to be; tells whether it is. */
    private synchronized boolean strike(CallState state) {
        if (inside) {
            UnixCalls.pthreadKill(state, thread, signal);
        }
        return inside;
    }

    /**
     * Sees to it that the thread leaves the call it is in, without waiting for that. A signal that comes before the call has
     * begun is lost, so it is sent until the thread is back.
     */
    void end(CallState state, int descriptor) {
        if (!strike(state)) {
            return;
        }
        try {
            InternalThreads.daemon("panpipe-cancel-fd-" + descriptor, this::strikeUntilBack).start();
        } catch (OutOfMemoryError noThread) {
            for (int i = 0; i < STRIKES && strike(state); i++) {
                LockSupport.parkNanos(this, FIRST_PAUSE_NANOS);
            }
        }
    }

    private void strikeUntilBack() {
        CallState state = new CallState();
        long pause = FIRST_PAUSE_NANOS;
        while (strike(state)) {
            LockSupport.parkNanos(this, pause);
            pause = Math.min(pause * 2, LONGEST_PAUSE_NANOS);
        }
    }
}
