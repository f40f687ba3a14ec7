/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.bsd;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.unix.DescriptorWait;
import io.panpipe.internal.unix.FileStatus;
import io.panpipe.internal.unix.Scratch;
import io.panpipe.internal.unix.SocketLayouts;
import io.panpipe.internal.unix.UnixCalls;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** macOS: its numbers, its rules, and descriptors that are made non-blocking and close-on-exec after their birth. */
final class MacSystem extends BsdSystem {

    static final MacSystem INSTANCE = new MacSystem();

    private static final int EVFILT_USER = -10;
    private static final int F_DUPFD_CLOEXEC = 67;
    private static final int F_GETPATH = 50;
    private static final int AT_FDCWD = -2;
    private static final int AT_SYMLINK_NOFOLLOW = 0x20;
    private static final int SOL_LOCAL = 0;
    private static final int LOCAL_PEERCRED = 1;
    private static final int LOCAL_PEERPID = 2;
    private static final int XUCRED_VERSION = 0;
    private static final int SO_SNDLOWAT = 0x1003;
    private static final int EBADF = 9;
    private static final short POLLOUT = 4;
    private static final int EAGAIN = 35;
    private static final int ENOTSOCK = 38;
    private static final int EMSGSIZE = 40;
    private static final int EPROTOTYPE = 41;
    private static final int ENOTSUP = 45;
    private static final int ECONNRESET = 54;
    private static final int ENOBUFS = 55;
    private static final int ECONNREFUSED = 61;
    private static final int ECANCELED = 89;
    private static final int EPROTO = 100;
    private static final int EOPNOTSUPP = 102;

    private static final KeventLayout KEVENT = KeventLayout.of(MacLayouts.KEVENT);

    private static final Numbers NUMBERS = new Numbers(
            0xffff, // SOL_SOCKET
            0x1001, // SO_SNDBUF
            0x1002, // SO_RCVBUF
            0x1007, // SO_ERROR
            0x1008, // SO_TYPE
            -1, // SO_DOMAIN, which there is none
            2, // SO_ACCEPTCONN
            4, // SO_REUSEADDR
            0x200, // SO_REUSEPORT
            8, // SO_KEEPALIVE
            0x20, // SO_BROADCAST
            0x80, // MSG_DONTWAIT
            0x80000, // MSG_NOSIGNAL
            0x10, // MSG_TRUNC
            0x20, // MSG_CTRUNC
            4, // O_NONBLOCK
            0x1000000, // O_CLOEXEC
            0x20000, // O_NOCTTY
            0x100000, // O_DIRECTORY
            1024, // PATH_MAX
            512, // PIPE_BUF
            36); // EINPROGRESS

    private static final Internet INTERNET = new Internet(
            30, // AF_INET6
            27, // IPV6_V6ONLY
            0x10, // TCP_KEEPALIVE, as TCP_KEEPIDLE is called here
            4, // IP_TTL
            9, // IP_MULTICAST_IF
            10, // IP_MULTICAST_TTL
            11, // IP_MULTICAST_LOOP
            12, // IP_ADD_MEMBERSHIP
            13, // IP_DROP_MEMBERSHIP
            4, // IPV6_UNICAST_HOPS
            9, // IPV6_MULTICAST_IF
            10, // IPV6_MULTICAST_HOPS
            11, // IPV6_MULTICAST_LOOP
            12, // IPV6_JOIN_GROUP
            13); // IPV6_LEAVE_GROUP

    private MacSystem() {}

    @Override
    String name() {
        return "macos";
    }

    @Override
    KeventLayout kevent() {
        return KEVENT;
    }

    @Override
    int evfiltUser() {
        return EVFILT_USER;
    }

    @Override
    int duplicateCloseOnExec() {
        return F_DUPFD_CLOEXEC;
    }

    @Override
    int atFdcwd() {
        return AT_FDCWD;
    }

    @Override
    int atSymlinkNofollow() {
        return AT_SYMLINK_NOFOLLOW;
    }

    @Override
    public Internet internet() {
        return INTERNET;
    }

    @Override
    public Numbers numbers() {
        return NUMBERS;
    }

    @Override
    public SocketLayouts layouts() {
        return MacLayouts.SOCKETS;
    }

    @Override
    public Fault fault(int errno) {
        return switch (errno) {
            case ENOTSUP, EOPNOTSUPP -> Fault.ENOTSUP;
            case ECANCELED -> Fault.ECANCELED;
            case EPROTO -> Fault.EPROTO;
            default -> BsdErrno.fault(errno);
        };
    }

    @Override
    public int socket(CallState state, int domain, int type) {
        return nonBlocking(state, closeOnExec(state, UnixCalls.socket(state, domain, type, 0)));
    }

    @Override
    public int socketPair(CallState state, int domain, int type, Scratch scratch) {
        MemorySegment two = scratch.numbers();
        int result = UnixCalls.socketpair(state, domain, type, 0, two.address());
        if (result >= 0) {
            nonBlocking(state, closeOnExec(state, two.get(ValueLayout.JAVA_INT, 0)));
            nonBlocking(state, closeOnExec(state, two.get(ValueLayout.JAVA_INT, 4)));
        }
        return result;
    }

    /**
     * Accepts only where there is a number to be had, since accept takes the connection from the queue before it looks for one, and
     * closes it where there is none (accept_nocancel of xnu). Another thread may still take that number in between.
     */
    @Override
    public int accept(CallState state, int fd, boolean blocking) {
        int spare = UnixCalls.fcntl(state, fd, F_DUPFD_CLOEXEC, FIRST_OWN);
        if (spare < 0) {
            return spare;
        }
        UnixCalls.close(state, spare);
        int accepted = closeOnExec(state, BsdCalls.accept(state, fd));
        // A connection begins in its listener's mode.
        return blocking ? nonBlocking(state, accepted) : accepted;
    }

    @Override
    public int receiveFlags() {
        return NUMBERS.msgDontwait();
    }

    @Override
    public boolean receivesInheritable() {
        return true;
    }

    @Override
    public void keepFromChildren(CallState state, int fd) {
        closeOnExec(state, fd);
    }

    @Override
    public int refusedWrite(int result) {
        // So write answers now and then while a connection is being torn down (libuv, uv__try_write).
        return result == -EPROTOTYPE ? -ECONNRESET : result;
    }

    /** A control message has to fit into the room that is left, and what does not fit now may later (uipc_send of xnu). */
    @Override
    public int refusedHandles(CallState state, Scratch scratch, int fd, long controlBytes, int result) {
        if (result == -ENOBUFS) {
            return -EAGAIN;
        }
        if (result != -EMSGSIZE) {
            return refusedWrite(result);
        }
        return option(state, scratch, fd, NUMBERS.soSndbuf()) > controlBytes ? -EAGAIN : result;
    }

    private static int option(CallState state, Scratch scratch, int fd, int option) {
        MemorySegment value = scratch.numbers();
        value.set(ValueLayout.JAVA_INT, 4, 4);
        int result = UnixCalls.getsockopt(
                state, fd, NUMBERS.solSocket(), option, value.address(), value.address() + 4);
        return result < 0 ? result : value.get(ValueLayout.JAVA_INT, 0);
    }

    /** sosendcheck of xnu looks at the open file's mode alone. */
    @Override
    public boolean sendsWithoutWaiting() {
        return false;
    }

    /** A socket is writable from SO_SNDLOWAT free bytes on, so that many fit. */
    @Override
    public int roomOfBlocking(CallState state, Scratch scratch, int fd) throws KernelException {
        int ready = check(poll(state, scratch, fd, POLLOUT), "poll");
        return ready == 0 ? 0 : Math.max(1, option(state, scratch, fd, SO_SNDLOWAT));
    }

    /** There is no SO_DOMAIN. */
    @Override
    public int family(CallState state, Scratch scratch, int fd) {
        MemorySegment length = scratch.numbers();
        MemorySegment address = scratch.address();
        length.set(ValueLayout.JAVA_INT, 0, (int) address.byteSize());
        int result = UnixCalls.getsockname(state, fd, address.address(), length.address());
        return result < 0 ? result : MacLayouts.SOCKETS.family(address);
    }

    @Override
    public boolean wasConnected(Fault refused) {
        // getpeername of xnu, where both directions are over.
        return refused == Fault.EINVAL;
    }

    @Override
    public boolean forgetsPeers() {
        return true;
    }

    /** unp_bind of xnu: CREATE and FOLLOW. */
    @Override
    public boolean bindFollowsLinks() {
        return true;
    }

    /** A struct ip_mreq is what is read of it (inp_join_group of xnu). */
    @Override
    public boolean knowsInterfaceByAddress() {
        return true;
    }

    @Override
    public boolean isShutAlready(Fault refused) {
        // soshutdown of xnu, where both directions are over, or this one is.
        return refused == Fault.ENOTCONN;
    }

    @Override
    public int connected(int result) {
        // unp_connect of xnu tells a file that is no socket apart.
        return result == -ENOTSOCK ? -ECONNREFUSED : result;
    }

    @Override
    public Credentials peerCredentials(CallState state, Scratch scratch, int fd) throws KernelException {
        MemorySegment credentials = scratch.status();
        MemorySegment length = scratch.numbers();
        length.set(ValueLayout.JAVA_INT, 0, (int) MacLayouts.XUCRED.byteSize());
        check(UnixCalls.getsockopt(
                state, fd, SOL_LOCAL, LOCAL_PEERCRED, credentials.address(), length.address()), "getsockopt");
        if (credentials.get(ValueLayout.JAVA_INT, 0) != XUCRED_VERSION) {
            throw new KernelException(Fault.ENOTSUP, 0, "getsockopt", "this system answers LOCAL_PEERCRED in another form");
        }
        boolean hasGroup = credentials.get(ValueLayout.JAVA_SHORT, MacLayouts.GROUPS_COUNT) > 0;
        length.set(ValueLayout.JAVA_INT, 0, 4);
        // Told only while the peer is there.
        int known = UnixCalls.getsockopt(state, fd, SOL_LOCAL, LOCAL_PEERPID, length.address() + 4, length.address());
        int pid = known < 0 ? 0 : length.get(ValueLayout.JAVA_INT, 4);
        return new Credentials(
                pid == 0 ? -1 : pid,
                Integer.toUnsignedLong(credentials.get(ValueLayout.JAVA_INT, MacLayouts.UID)),
                hasGroup ? Integer.toUnsignedLong(credentials.get(ValueLayout.JAVA_INT, MacLayouts.GROUPS)) : -1,
                null);
    }

    @Override
    public FileStatus status(CallState state, Scratch scratch, int fd) throws KernelException {
        check(BsdCalls.Mac.fstat(state, fd, scratch.status().address()), "fstat");
        return status(scratch.status());
    }

    @Override
    public FileStatus status(CallState state, Scratch scratch, String path) throws KernelException {
        long name = scratch.path(path);
        if (name < 0) {
            throw new KernelException(Fault.ENAMETOOLONG, 0, "lstat");
        }
        check(BsdCalls.Mac.lstat(state, name, scratch.status().address()), "lstat");
        return status(scratch.status());
    }

    private static FileStatus status(MemorySegment stat) {
        return new FileStatus(
                stat.get(ValueLayout.JAVA_INT, MacLayouts.DEVICE),
                stat.get(ValueLayout.JAVA_LONG, MacLayouts.INODE),
                Short.toUnsignedInt(stat.get(ValueLayout.JAVA_SHORT, MacLayouts.MODE)),
                stat.get(ValueLayout.JAVA_INT, MacLayouts.SPECIAL));
    }

    @Override
    public int openPlace(CallState state, long path) {
        return UnixCalls.open(state, path, NUMBERS.oDirectory() | NUMBERS.oCloexec());
    }

    /** Opening /dev/fd/N duplicates (dupfdopen of xnu), and an anonymous pipe has no other name. */
    @Override
    public boolean canReopen(FileStatus status) {
        return false;
    }

    @Override
    public String pathOf(int fd) {
        return "/dev/fd/" + fd;
    }

    @Override
    public String inPlace(int directory, String last) {
        return last;
    }

    @Override
    public int enter(CallState state, int directory) {
        return BsdCalls.Mac.pthreadFchdirNp(state, directory);
    }

    @Override
    public void leave(CallState state) {
        BsdCalls.Mac.pthreadFchdirNp(state, -1);
    }

    /**
     * kqueue, and poll which is made of it, never tell that the last writer of a FIFO with a name has gone, and refuse some
     * terminals; of anonymous pipes they are right (libuv). F_GETPATH of those is EBADF, as they have no vnode; a FIFO whose name
     * is gone has one, and is refused otherwise.
     */
    @Override
    public boolean canWatch(CallState state, Scratch scratch, FileStatus status, int fd) {
        return status.isFifo() && UnixCalls.fcntl(state, fd, F_GETPATH, scratch.path("")) == -EBADF;
    }

    @Override
    public DescriptorWait newWait() {
        return new SelectWait();
    }
}
