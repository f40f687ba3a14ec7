/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.unix.FileStatus;
import io.panpipe.internal.unix.Scratch;
import io.panpipe.internal.unix.SocketLayouts;
import io.panpipe.internal.unix.UnixCalls;
import io.panpipe.internal.unix.UnixSystem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Linux among the Unixes: its numbers, and flags that make a descriptor non-blocking and close-on-exec from birth. */
final class LinuxSystem extends UnixSystem {

    static final LinuxSystem INSTANCE = new LinuxSystem();

    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int SCM_PIDFD = 4;

    /** SIGRTMAX - 2. */
    private static final int INTERRUPT_SIGNAL = 62;

    private static final int SIG_UNBLOCK = 1;

    private static final int MAP_PRIVATE = 2;
    private static final int MAP_ANONYMOUS = 0x20;

    private static final int F_DUPFD_CLOEXEC = 1030;

    /** Duplicates are never 0, 1 or 2, even where a process has closed those: they are not closed again. */
    private static final int FIRST_OWN = 3;

    private static final int O_PATH = 0x200000;
    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int ENOSYS = 38;

    private static final int SO_PEERCRED = Processor.running().soPeercred;
    private static final int O_DIRECTORY = Processor.running().oDirectory;

    private static final Numbers NUMBERS = new Numbers(
            1, // SOL_SOCKET
            7, // SO_SNDBUF
            8, // SO_RCVBUF
            4, // SO_ERROR
            3, // SO_TYPE
            39, // SO_DOMAIN
            30, // SO_ACCEPTCONN
            2, // SO_REUSEADDR
            15, // SO_REUSEPORT
            9, // SO_KEEPALIVE
            6, // SO_BROADCAST
            0x40, // MSG_DONTWAIT
            0x4000, // MSG_NOSIGNAL
            0x20, // MSG_TRUNC
            8, // MSG_CTRUNC
            LinuxCalls.O_NONBLOCK,
            LinuxCalls.O_CLOEXEC,
            0x100, // O_NOCTTY
            O_DIRECTORY,
            4096, // PATH_MAX
            4096, // PIPE_BUF
            115); // EINPROGRESS

    private static final Internet INTERNET = new Internet(
            10, // AF_INET6
            26, // IPV6_V6ONLY
            4, // TCP_KEEPIDLE
            2, // IP_TTL
            32, // IP_MULTICAST_IF
            33, // IP_MULTICAST_TTL
            34, // IP_MULTICAST_LOOP
            35, // IP_ADD_MEMBERSHIP
            36, // IP_DROP_MEMBERSHIP
            16, // IPV6_UNICAST_HOPS
            17, // IPV6_MULTICAST_IF
            18, // IPV6_MULTICAST_HOPS
            19, // IPV6_MULTICAST_LOOP
            20, // IPV6_JOIN_GROUP
            21); // IPV6_LEAVE_GROUP

    private LinuxSystem() {}

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
        return LinuxLayouts.SOCKETS;
    }

    @Override
    public String watchCall() {
        return "epoll_ctl";
    }

    @Override
    public Fault fault(int errno) {
        return LinuxErrno.fault(errno);
    }

    @Override
    public int socket(CallState state, int domain, int type) {
        return UnixCalls.socket(state, domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }

    @Override
    public int socketPair(CallState state, int domain, int type, Scratch scratch) {
        return UnixCalls.socketpair(state, domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, scratch.numbers().address());
    }

    @Override
    public int accept(CallState state, int fd, boolean blocking) {
        return LinuxCalls.accept4(state, fd, SOCK_NONBLOCK | SOCK_CLOEXEC);
    }

    @Override
    public int receiveFlags() {
        return NUMBERS.msgDontwait() | MSG_CMSG_CLOEXEC;
    }

    @Override
    public int scmPidfd() {
        return SCM_PIDFD;
    }

    @Override
    public int mapOwnMemory() {
        return MAP_PRIVATE | MAP_ANONYMOUS;
    }

    @Override
    public int interruptSignal() {
        return INTERRUPT_SIGNAL;
    }

    @Override
    public int fionread() {
        return Processor.running() == Processor.POWER_64 ? super.fionread() : 0x541b;
    }

    @Override
    public int sigUnblock() {
        return SIG_UNBLOCK;
    }

    @Override
    public int duplicate(CallState state, int fd) {
        return UnixCalls.fcntl(state, fd, F_DUPFD_CLOEXEC, FIRST_OWN);
    }

    @Override
    public Credentials peerCredentials(CallState state, Scratch scratch, int fd) throws KernelException {
        MemorySegment credentials = scratch.status();
        MemorySegment length = scratch.numbers();
        int size = (int) LinuxLayouts.UCRED.byteSize();
        length.set(ValueLayout.JAVA_INT, 0, size);
        check(UnixCalls.getsockopt(
                state, fd, NUMBERS.solSocket(), SO_PEERCRED, credentials.address(), length.address()), "getsockopt");
        if (length.get(ValueLayout.JAVA_INT, 0) != size) {
            throw new KernelException(Fault.ENOTSUP, 0, "getsockopt", "this system answers SO_PEERCRED in another form");
        }
        int pid = credentials.get(ValueLayout.JAVA_INT, LinuxLayouts.PID);
        if (pid == 0 && credentials.get(ValueLayout.JAVA_INT, LinuxLayouts.UID) == -1) {
            // The kernel's answer for a socket that has no peer (unix(7)).
            throw new KernelException(Fault.ENOTCONN, 0, "getsockopt");
        }
        // 0 is a peer of a process namespace that this process cannot see into.
        return new Credentials(
                pid == 0 ? -1 : pid,
                Integer.toUnsignedLong(credentials.get(ValueLayout.JAVA_INT, LinuxLayouts.UID)),
                Integer.toUnsignedLong(credentials.get(ValueLayout.JAVA_INT, LinuxLayouts.GID)),
                null);
    }

    @Override
    public FileStatus status(CallState state, Scratch scratch, int fd) throws KernelException {
        return status(state, scratch, fd, scratch.path(""), AT_EMPTY_PATH);
    }

    @Override
    public FileStatus status(CallState state, Scratch scratch, String path) throws KernelException {
        long name = scratch.path(path);
        if (name < 0) {
            throw new KernelException(Fault.ENAMETOOLONG, 0, "statx");
        }
        return status(state, scratch, AT_FDCWD, name, AT_SYMLINK_NOFOLLOW);
    }

    private FileStatus status(CallState state, Scratch scratch, int directory, long path, int flags)
            throws KernelException {
        MemorySegment memory = scratch.status();
        int result = LinuxCalls.statx(state, directory, path, flags, STATX_BASIC_STATS, memory.address());
        if (result == -ENOSYS) {
            throw new KernelException(Fault.ENOSYS, ENOSYS, "statx", "names need Linux 4.11 or later");
        }
        check(result, "statx");
        // Each bind to a path asks: by a buffer, for the reason that LinuxSelector gives.
        ByteBuffer status = memory.asByteBuffer().order(ByteOrder.nativeOrder());
        return new FileStatus(
                device(status, LinuxLayouts.DEVICE_MAJOR, LinuxLayouts.DEVICE_MINOR),
                status.getLong((int) LinuxLayouts.INODE),
                status.getShort((int) LinuxLayouts.MODE) & 0xffff,
                device(status, LinuxLayouts.SPECIAL_MAJOR, LinuxLayouts.SPECIAL_MINOR));
    }

    private static long device(ByteBuffer status, long major, long minor) {
        return (long) status.getInt((int) major) << 32 | Integer.toUnsignedLong(status.getInt((int) minor));
    }

    @Override
    public int openPlace(CallState state, long path) {
        return UnixCalls.open(state, path, O_PATH | O_DIRECTORY | NUMBERS.oCloexec());
    }

    @Override
    public boolean hasAbstractNames() {
        return true;
    }

    @Override
    public boolean canReopen(FileStatus status) {
        // Opening a pseudo-terminal's master (device 5:2) anew makes another terminal; /dev/tty (5:0) depends on who asks.
        return status.isFifo() || status.special() >>> 32 != 5;
    }

    @Override
    public String pathOf(int fd) {
        return "/proc/self/fd/" + fd;
    }
}
