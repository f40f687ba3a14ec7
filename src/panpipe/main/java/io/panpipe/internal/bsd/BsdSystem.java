/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.bsd;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.unix.Scratch;
import io.panpipe.internal.unix.UnixCalls;
import io.panpipe.internal.unix.UnixSystem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What the BSDs and macOS have in common, and otherwise than Linux. */
abstract class BsdSystem extends UnixSystem {

    static final int F_SETFD = 2;
    static final int F_SETFL = 4;
    static final int FD_CLOEXEC = 1;

    /** Duplicates are never 0, 1 or 2, even where a process has closed those: they are not closed again. */
    static final int FIRST_OWN = 3;

    /** SIGIO, which java.nio of the BSDs interrupts threads by. */
    private static final int SIGIO = 23;

    private static final int SIG_UNBLOCK = 2;

    /** What streams of the Unix domain hold on their way: the 8 KiB of net.local.stream.sendspace would be a turn for each 8 KiB. */
    private static final int STREAM_BYTES = 256 * 1024;

    /** Returns the short name that messages and documents use. */
    abstract String name();

    /** Returns where struct kevent has its fields. */
    abstract KeventLayout kevent();

    /** Returns EVFILT_USER. */
    abstract int evfiltUser();

    /** Returns F_DUPFD_CLOEXEC. */
    abstract int duplicateCloseOnExec();

    /** Returns AT_FDCWD. */
    abstract int atFdcwd();

    /** Returns AT_SYMLINK_NOFOLLOW. */
    abstract int atSymlinkNofollow();

    @Override
    public String watchCall() {
        return "kevent";
    }

    @Override
    public int interruptSignal() {
        return SIGIO;
    }

    @Override
    public int sigUnblock() {
        return SIG_UNBLOCK;
    }

    @Override
    public int duplicate(CallState state, int fd) {
        return UnixCalls.fcntl(state, fd, duplicateCloseOnExec(), FIRST_OWN);
    }

    /** Where no system call does it at birth: what a process forks in between inherits the socket. */
    final int closeOnExec(CallState state, int fd) {
        if (fd >= 0) {
            UnixCalls.fcntl(state, fd, F_SETFD, FD_CLOEXEC);
        }
        return fd;
    }

    /** A new socket has no other mode that could be overwritten. */
    final int nonBlocking(CallState state, int fd) {
        if (fd >= 0) {
            UnixCalls.fcntl(state, fd, F_SETFL, numbers().oNonblock());
        }
        return fd;
    }

    @Override
    public void enlargeBuffers(CallState state, Scratch scratch, int fd) {
        MemorySegment value = scratch.numbers();
        long at = value.address() + 8;
        value.set(ValueLayout.JAVA_INT, 8, STREAM_BYTES);
        Numbers numbers = numbers();
        // A system that allows less keeps what it has, and the stream is slower.
        UnixCalls.setsockopt(state, fd, numbers.solSocket(), numbers.soSndbuf(), at, 4);
        UnixCalls.setsockopt(state, fd, numbers.solSocket(), numbers.soRcvbuf(), at, 4);
    }

    @Override
    public boolean hasLostDescriptors(Fault fault) {
        // unp_externalize of xnu and FreeBSD: all are closed, and the data stays.
        return fault == Fault.EMSGSIZE;
    }

    @Override
    public boolean tellsLengthOfDatagram() {
        return false;
    }

    @Override
    public boolean refusesWhenFull() {
        return true;
    }

    @Override
    public boolean dissolves(Fault refused) {
        // The association is gone before the address is looked at (udp_connect of xnu; libuv ignores both as well).
        return refused == Fault.EAFNOSUPPORT || refused == Fault.EINVAL;
    }

    @Override
    public boolean sharesPorts() {
        return false;
    }

    @Override
    public int reuseOfUdp() {
        return numbers().soReuseport();
    }

    /** fchmod of a socket is EINVAL; nobody connects before listen, and the mode is right by then. */
    @Override
    public void modeBeforeBind(CallState state, int fd, int mode) {}

    /** Never follows a link that somebody has put in the file's place. */
    @Override
    public int changeMode(CallState state, long path, int mode) {
        return BsdCalls.fchmodat(state, atFdcwd(), path, mode, atSymlinkNofollow());
    }

    @Override
    public boolean hasAbstractNames() {
        return false;
    }
}
