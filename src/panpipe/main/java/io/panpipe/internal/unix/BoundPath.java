/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import org.jspecify.annotations.Nullable;

/**
 * A socket file that this process made: its mode, its replacement of a stale one, and its end.
 *
 * <p>The file is known by device and inode, because by the time it is unlinked its path may belong to a successor.
 */
final class BoundPath {

    /** How often a file may be found that another process has put there meanwhile. */
    private static final int ATTEMPTS = 10;

    // No selector, whose loop would never be collected while BoundNames has this.
    private final UnixSystem system;
    private final String path;
    private final FileStatus identity;

    // Guarded by the lock of BoundNames.
    private int lent;
    private boolean due;

    private BoundPath(UnixSystem system, String path, FileStatus identity) {
        this.system = system;
        this.path = path;
        this.identity = identity;
    }

    /**
     * Binds a socket to a path, with a mode that holds before anyone can connect.
     *
     * @param replace whether a socket file that no process has bound any more is replaced
     */
    static BoundPath bind(UnixSelector selector, int fd, String path, int mode, boolean replace) throws KernelException {
        UnixAddress.bytes(path, "bind");
        if (selector.scratch.path(path) < 0) {
            throw new KernelException(Fault.ENAMETOOLONG, 0, "bind", "a path has at most " + (selector.system.numbers().pathMax() - 1) + " bytes");
        }
        BoundNames.begin();
        BoundPath bound = null;
        try {
            bound = make(selector, fd, path, mode, replace);
        } finally {
            if (bound == null) {
                BoundNames.notBound();
            }
        }
        if (!BoundNames.bound(bound)) {
            bound.unlink(selector.state, selector.scratch);
            throw new KernelException(Fault.ECANCELED, 0, "bind", "the JVM is ending, and would leave the socket file");
        }
        return bound;
    }

    private static BoundPath make(UnixSelector selector, int fd, String path, int mode, boolean replace)
            throws KernelException {
        // Links the call that is needed right after bind(2): clients that see the file wait for listen(2) by then.
        selector.system.status(selector.state, selector.scratch, fd);
        // The mode of the socket itself, less the umask, becomes the file's mode as it appears, where the system does that.
        selector.system.modeBeforeBind(selector.state, fd, mode);
        int result = tryBind(selector, fd, path);
        Fault fault = result < 0 ? selector.system.fault(-result) : null;
        if (fault == Fault.EADDRINUSE) {
            if (!replace) {
                throw selector.system.failure(result, "bind", whyTaken(selector, path));
            }
            replaceStale(selector, fd, path);
        } else {
            selector.system.check(result, "bind");
        }
        try {
            return known(selector, path, mode);
        } catch (KernelException refused) {
            if (refused.fault() != Fault.EADDRINUSE) {
                // The file is ours: it was made a moment ago.
                UnixCalls.unlink(selector.state, selector.scratch.path(path));
            }
            throw refused;
        }
    }

    private static BoundPath known(UnixSelector selector, String path, int mode) throws KernelException {
        BoundPath bound = new BoundPath(
                selector.system, path, selector.system.status(selector.state, selector.scratch, path));
        if (!bound.identity.isSocket()) {
            // Somebody has put a link there in time for bind(2) to follow it. Where the socket is by now is not ours to touch.
            throw taken("it is " + bound.identity.kind() + ", not a socket");
        }
        if (bound.identity.permissions() != mode) {
            // The umask took bits away; nobody can connect before listen(2), so there is time to restore them.
            bound.permissions(selector, mode);
        }
        return bound;
    }

    private static int tryBind(UnixSelector selector, int fd, String path) throws KernelException {
        if (selector.system.bindFollowsLinks()) {
            FileStatus found = statusOrNull(selector, path);
            if (found != null && found.isLink()) {
                throw taken("it is " + found.kind() + ", not a socket");
            }
        }
        try (UnixAddress address = UnixAddress.of(selector, path, "bind")) {
            return address.bind(fd);
        }
    }

    private static String whyTaken(UnixSelector selector, String path) throws KernelException {
        String kind = kindOfNoSocket(selector, path, false);
        if (!kind.isEmpty()) {
            return "it is " + kind + ", not a socket";
        }
        return isStale(selector, path)
                ? "no process has this socket file bound any more: delete it, or bind with BindOption.REPLACE_STALE"
                : "";
    }

    /**
     * Names the kind of what is no socket; empty for a socket, and for nothing.
     *
     * @param byLink whether a symbolic link will do, which connect(2) follows and bind(2) does not
     */
    static String kindOfNoSocket(UnixSelector selector, String path, boolean byLink) {
        try {
            FileStatus status = selector.system.status(selector.state, selector.scratch, path);
            return status.isSocket() || byLink && status.isLink() ? "" : status.kind();
        } catch (KernelException gone) {
            return "";
        }
    }

    /** Returns the path of the directory that a path is in. */
    static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "." : slash == 0 ? "/" : path.substring(0, slash);
    }

    /** Takes a dead server's place. */
    private static void replaceStale(UnixSelector selector, int fd, String path) throws KernelException {
        UnixSystem system = selector.system;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            FileStatus found = statusOrNull(selector, path);
            if (found == null) {
                // A server that ends just now has removed it.
                int result = tryBind(selector, fd, path);
                if (result < 0 && system.fault(-result) == Fault.EADDRINUSE) {
                    continue;
                }
                system.check(result, "bind");
                return;
            }
            if (!found.isSocket()) {
                throw taken("it is " + found.kind() + ", not a stale socket");
            }
            StaleLock lock = StaleLock.of(selector, found, parent(path));
            try {
                FileStatus locked = statusOrNull(selector, path);
                if (locked == null || !locked.isSameFile(found)) {
                    continue;
                }
                if (!isStale(selector, path)) {
                    throw taken("a process has it bound, so it is not stale");
                }
                system.check(UnixCalls.unlink(selector.state, selector.scratch.path(path)), "unlink");
                system.check(tryBind(selector, fd, path), "bind");
                return;
            } finally {
                lock.close();
            }
        }
        throw taken("other processes are replacing it just now");
    }

    private static KernelException taken(String hint) {
        return new KernelException(Fault.EADDRINUSE, 0, "bind", hint);
    }

    private static @Nullable FileStatus statusOrNull(UnixSelector selector, String path) throws KernelException {
        try {
            return selector.system.status(selector.state, selector.scratch, path);
        } catch (KernelException refused) {
            if (refused.fault() == Fault.ENOENT) {
                return null;
            }
            throw refused;
        }
    }

    /**
     * Tells whether no socket is bound to a socket file.
     *
     * <p>A datagram socket asks: for a file without a socket the kernel answers ECONNREFUSED, for one with a stream
     * socket EPROTOTYPE, listening or not, and the server notices nothing.
     */
    private static boolean isStale(UnixSelector selector, String path) throws KernelException {
        UnixSystem system = selector.system;
        int probe = system.check(system.socket(selector.state, UnixSystem.AF_UNIX, UnixSystem.SOCK_DGRAM), "socket");
        try (UnixAddress address = UnixAddress.of(selector, path, "connect")) {
            int result = address.connect(probe);
            return result < 0 && system.fault(-result) == Fault.ECONNREFUSED
                    && system.status(selector.state, selector.scratch, path).isSocket();
        } finally {
            UnixCalls.close(selector.state, probe);
        }
    }

    /** Tells whether a stream socket is bound to a name, listening or not; no if it cannot be told. */
    static boolean isBound(UnixSelector selector, String name) {
        UnixSystem system = selector.system;
        int probe = system.socket(selector.state, UnixSystem.AF_UNIX, UnixSystem.SOCK_DGRAM);
        if (probe < 0) {
            return false;
        }
        try (UnixAddress address = UnixAddress.of(selector, name, "connect")) {
            int result = address.connect(probe);
            return result < 0 && system.fault(-result) == Fault.EPROTOTYPE;
        } catch (KernelException unknown) {
            return false;
        } finally {
            UnixCalls.close(selector.state, probe);
        }
    }

    /** Changes the file's mode, if the path still leads to it. */
    void permissions(UnixSelector selector, int mode) throws KernelException {
        if (!isOurs(selector.state, selector.scratch)) {
            throw new KernelException(Fault.ENOENT, 0, "chmod", "the path no longer leads to this socket");
        }
        system.check(system.changeMode(selector.state, selector.scratch.path(path), mode), "chmod");
    }

    /** Removes the file on the loop's thread, unless that has been done. */
    void unlink(UnixSelector selector) {
        BoundNames.unlink(this, selector.state, selector.scratch);
    }

    /** Removes the file on any thread, unless that has been done. */
    void unlinkAnywhere() {
        BoundNames.unlink(this);
    }

    /** A duplicate of the socket is about to be sent. */
    void lend() {
        BoundNames.lend(this);
    }

    /** It has been, and its socket is another process's as well; or never will be. */
    void passed(boolean sent) {
        BoundNames.passed(this, sent);
    }

    /** One more duplicate is on its way. */
    void lent() {
        lent++;
    }

    /** One less is; tells whether the file is to be removed by now. */
    boolean givenBack() {
        lent--;
        return due && lent == 0;
    }

    /** Tells whether the file has to wait for what becomes of duplicates, and is removed then if none is sent. */
    boolean waits() {
        due = lent > 0;
        return due;
    }

    /** Leaves the file where it is, since its socket lives on elsewhere. */
    void leave() {
        BoundNames.leave(this);
    }

    /** Removes the file, if the path still leads to it. A failure leaves a stale file, which the next bind reports. */
    void unlink(CallState state, Scratch scratch) {
        if (isOurs(state, scratch)) {
            UnixCalls.unlink(state, scratch.path(path));
        }
    }

    private boolean isOurs(CallState state, Scratch scratch) {
        try {
            return system.status(state, scratch, path).isSameFile(identity);
        } catch (KernelException gone) {
            return false;
        }
    }
}
