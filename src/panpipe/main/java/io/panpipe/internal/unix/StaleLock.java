/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps servers that start at once from removing each other's new socket in the place of the stale one. Nothing of it
 * stays behind, as a lock file would.
 *
 * <p>Where there are abstract names, the stale file's device and inode are one, which one server at a time can bind,
 * whatever it may do in the directory and whoever has that locked. Containers may share a directory and no abstract names,
 * so the directory is locked as well, if it can be: who may not read it cannot open it to that end.
 *
 * <p>Rivals need the locks for a moment. What is locked for longer is so by somebody else, who must not keep a server from
 * its name.
 */
final class StaleLock {

    private static final long RIVAL_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long STRANGER_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int LOCK_EXCLUSIVE_NOW = 2 | 4;

    private final UnixSelector selector;
    private int name = -1;
    private int directory = -1;

    private StaleLock(UnixSelector selector) {
        this.selector = selector;
    }

    /**
     * Takes the locks, and waits a while for them.
     *
     * @param stale the file to replace
     * @param parent the path of its directory
     */
    static StaleLock of(UnixSelector selector, FileStatus stale, String parent) throws KernelException {
        StaleLock lock = new StaleLock(selector);
        boolean interrupted = false;
        try {
            if (selector.system.hasAbstractNames()) {
                lock.openName();
                String text = "\0panpipe-stale-" + Long.toHexString(stale.device()) + '-' + Long.toHexString(stale.inode());
                long deadline = System.nanoTime() + RIVAL_NANOS;
                while (!lock.bind(text) && System.nanoTime() < deadline) {
                    interrupted |= pause();
                }
            }
            lock.openDirectory(parent);
            long deadline = System.nanoTime() + STRANGER_NANOS;
            while (!lock.lockDirectory() && System.nanoTime() < deadline) {
                interrupted |= pause();
            }
        } catch (KernelException refused) {
            lock.close();
            throw refused;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return lock;
    }

    /** Returns whether this thread was interrupted: then it would not pause again. */
    private static boolean pause() {
        LockSupport.parkNanos(PAUSE_NANOS);
        return Thread.interrupted();
    }

    private void openName() throws KernelException {
        UnixSystem system = selector.system;
        name = system.check(system.socket(selector.state, UnixSystem.AF_UNIX, UnixSystem.SOCK_DGRAM), "socket");
    }

    private boolean bind(String text) throws KernelException {
        try (UnixAddress address = UnixAddress.of(selector, text, "bind")) {
            int result = address.bind(name);
            return result >= 0 || selector.system.fault(-result) != Fault.EADDRINUSE;
        }
    }

    private void openDirectory(String parent) {
        UnixSystem.Numbers numbers = selector.system.numbers();
        int flags = numbers.oDirectory() | numbers.oCloexec();
        directory = UnixCalls.open(selector.state, selector.scratch.path(parent), flags);
    }

    private boolean lockDirectory() {
        if (directory < 0) {
            return true;
        }
        int result = UnixCalls.flock(selector.state, directory, LOCK_EXCLUSIVE_NOW);
        // Some file systems have no such locks.
        return result >= 0 || selector.system.fault(-result) != Fault.EAGAIN;
    }

    /** Gives the locks back. */
    void close() {
        CallState state = selector.state;
        if (directory >= 0) {
            UnixCalls.close(state, directory);
        }
        if (name >= 0) {
            UnixCalls.close(state, name);
        }
    }
}
