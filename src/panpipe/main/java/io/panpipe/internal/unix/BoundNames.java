/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.InternalThreads;
import java.lang.foreign.Arena;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The socket files that this process has bound and not removed yet, of all loops: any thread may remove one, and at the end
 * of the JVM a hook removes what is left, whatever the loops are doing then.
 *
 * <p>A file is removed under the lock while its socket is open: so its inode is no other file's yet.
 */
final class BoundNames {

    /** No monitor: a virtual thread that waits for one would pin its carrier (before JDK 24). */
    private static final ReentrantLock LOCK = new ReentrantLock();

    private static final Set<BoundPath> BOUND = new HashSet<>();

    /** There while any name is bound, or about to be. */
    private static @Nullable Thread hook;

    private static int binding;
    private static boolean ended;
    private static @Nullable CallState state;
    private static @Nullable Scratch scratch;

    private BoundNames() {}

    /** A file is about to be made; {@link #bound} or {@link #notBound} follows. */
    static void begin() {
        LOCK.lock();
        try {
            if (hook == null && !ended) {
                Thread fresh = InternalThreads.daemon("panpipe-unlink", BoundNames::end);
                Runtime.getRuntime().addShutdownHook(fresh);
                hook = fresh;
            }
            binding++;
        } catch (IllegalStateException ending) {
            ended = true;
            binding++;
        } finally {
            LOCK.unlock();
        }
    }

    /**
     * The file has been made.
     *
     * @return false if the JVM is ending, and nobody would remove it
     */
    static boolean bound(BoundPath path) {
        LOCK.lock();
        try {
            binding--;
            return !ended && BOUND.add(path);
        } finally {
            LOCK.unlock();
        }
    }

    /** No file has been made. */
    static void notBound() {
        LOCK.lock();
        try {
            binding--;
            withdrawHook();
        } finally {
            LOCK.unlock();
        }
    }

    /** Removes a file that is here, on its loop's thread. */
    static void unlink(BoundPath path, CallState calls, Scratch memory) {
        LOCK.lock();
        try {
            if (!path.waits() && BOUND.remove(path)) {
                path.unlink(calls, memory);
                withdrawHook();
            }
        } finally {
            LOCK.unlock();
        }
    }

    /** Removes a file that is here, on any thread. */
    static void unlink(BoundPath path) {
        LOCK.lock();
        try {
            if (!path.waits()) {
                remove(path);
            }
        } finally {
            LOCK.unlock();
        }
    }

    private static void remove(BoundPath path) {
        if (BOUND.remove(path)) {
            path.unlink(state(), scratch());
            withdrawHook();
        }
    }

    /** A file's socket is about to be passed. */
    static void lend(BoundPath path) {
        LOCK.lock();
        try {
            path.lent();
        } finally {
            LOCK.unlock();
        }
    }

    /** It has been passed, and the file is left to its new holder; or it has not, which may be what its removal waits for. */
    static void passed(BoundPath path, boolean sent) {
        LOCK.lock();
        try {
            boolean due = path.givenBack();
            if (sent) {
                leaveLocked(path);
            } else if (due) {
                remove(path);
            }
        } finally {
            LOCK.unlock();
        }
    }

    private static void leaveLocked(BoundPath path) {
        if (BOUND.remove(path)) {
            withdrawHook();
        }
    }

    /** Leaves a file to whoever has its socket as well from now on. */
    static void leave(BoundPath path) {
        LOCK.lock();
        try {
            leaveLocked(path);
        } finally {
            LOCK.unlock();
        }
    }

    private static void withdrawHook() {
        Thread present = hook;
        if (present != null && BOUND.isEmpty() && binding == 0) {
            try {
                Runtime.getRuntime().removeShutdownHook(present);
                hook = null;
            } catch (IllegalStateException ending) {
                // It is about to run, and finds nothing.
            }
        }
    }

    /** Tells whether the end of the JVM is waited for. */
    static boolean hasHook() {
        LOCK.lock();
        try {
            return hook != null;
        } finally {
            LOCK.unlock();
        }
    }

    /** The JVM ends: removes what is left. */
    private static void end() {
        LOCK.lock();
        try {
            ended = true;
            for (BoundPath path : BOUND) {
                path.unlink(state(), scratch());
            }
            BOUND.clear();
        } finally {
            LOCK.unlock();
        }
    }

    private static CallState state() {
        CallState present = state;
        if (present == null) {
            present = new CallState();
            state = present;
        }
        return present;
    }

    private static Scratch scratch() {
        Scratch present = scratch;
        if (present == null) {
            present = new Scratch(Arena.ofAuto());
            scratch = present;
        }
        return present;
    }
}
