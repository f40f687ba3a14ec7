/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.NativeFunctions;
import io.panpipe.internal.unix.UnixCalls;
import java.lang.invoke.MethodHandle;

/** The C library's functions that only Linux has, each answering its result or the negated errno. */
final class LinuxCalls {

    private static final MethodHandle EPOLL_CREATE1 = NativeFunctions.C.six("epoll_create1");
    private static final MethodHandle EPOLL_CTL = NativeFunctions.C.six("epoll_ctl");
    private static final MethodHandle EPOLL_WAIT = NativeFunctions.C.six("epoll_wait");
    private static final MethodHandle EVENTFD = NativeFunctions.C.six("eventfd");
    private static final MethodHandle EVENTFD_WRITE = NativeFunctions.C.six("eventfd_write");
    private static final MethodHandle ACCEPT4 = NativeFunctions.C.six("accept4");

    /** Of each call that makes a descriptor, whatever its own name of the flag is: EPOLL_CLOEXEC, EFD_CLOEXEC and others. */
    static final int O_CLOEXEC = 0x80000;

    /** As well, where the call knows it: EFD_NONBLOCK and others. */
    static final int O_NONBLOCK = 0x800;

    static final int EPOLL_CTL_ADD = 1;
    static final int EPOLL_CTL_DEL = 2;
    static final int EPOLL_CTL_MOD = 3;
    static final int EPOLLIN = 1;
    static final int EPOLLOUT = 4;
    static final int EPOLLERR = 8;
    static final int EPOLLHUP = 0x10;
    static final int EPOLLRDHUP = 0x2000;
    static final int EPOLLONESHOT = 1 << 30;
    static final int EPOLLET = 1 << 31;

    private static final int SPLICE_F_MOVE = 1;
    private static final int SPLICE_F_NONBLOCK = 2;

    private LinuxCalls() {}

    static int epollCreate1(CallState state, int flags) {
        return (int) UnixCalls.call(EPOLL_CREATE1, state, flags, 0, 0, 0);
    }

    static int epollCtl(CallState state, int epoll, int operation, int fd, long event) {
        return (int) UnixCalls.call(EPOLL_CTL, state, epoll, operation, fd, event);
    }

    /** epoll_wait(2), once: after EINTR the caller knows what is left of its time. */
    static int epollWait(CallState state, int epoll, long events, int capacity, int timeoutMillis) {
        try {
            int result = (int) (long) EPOLL_WAIT.invokeExact(
                    state.segment(), (long) epoll, events, (long) capacity, (long) timeoutMillis, 0L, 0L);
            return result >= 0 ? result : -state.error();
        } catch (Throwable t) {
            throw UnixCalls.unexpected(t);
        }
    }

    static int eventfd(CallState state, int initial, int flags) {
        return (int) UnixCalls.call(EVENTFD, state, initial, flags, 0, 0);
    }

    static int eventfdWrite(CallState state, int fd, long value) {
        return (int) UnixCalls.call(EVENTFD_WRITE, state, fd, value, 0, 0);
    }

    static int accept4(CallState state, int fd, int flags) {
        return (int) UnixCalls.call(ACCEPT4, state, fd, 0, 0, flags);
    }

    /** statx(2): by its name where the C library has it, else by its number. */
    static int statx(CallState state, int directory, long path, int flags, int mask, long status) {
        return Files.HAS_STATX
                ? (int) UnixCalls.call(Named.STATX, state, directory, path, flags, mask, status, 0)
                : statxByNumber(state, directory, path, flags, mask, status);
    }

    /**
     * statx(2) for C libraries that have no name for it, musl before 1.2.5 and glibc before 2.28: with its number in front, six
     * parameters. syscall(2) is variadic, but on all of these processors six integers travel in registers there too.
     */
    static int statxByNumber(CallState state, int directory, long path, int flags, int mask, long status) {
        return (int) UnixCalls.call(
                Numbered.SYSCALL, state, Processor.running().sysStatx, directory, path, flags, mask, status);
    }

    /** splice(2) without offsets: one of the two is a pipe, and what it does not hold or has no room for is not waited for. */
    static int splice(CallState state, int from, int to, int length) {
        return (int) UnixCalls.call(Pipes.SPLICE, state, from, 0, to, 0, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    }

    /** pipe2(2); the two numbers, 4 bytes each, are left at {@code two}. */
    static int pipe2(CallState state, long two, int flags) {
        return (int) UnixCalls.call(Pipes.PIPE2, state, two, flags, 0, 0);
    }

    private static final class Pipes {
        static final MethodHandle SPLICE = NativeFunctions.C.six("splice");
        static final MethodHandle PIPE2 = NativeFunctions.C.six("pipe2");
    }

    private static final class Files {
        static final boolean HAS_STATX = NativeFunctions.C.has("statx");
    }

    private static final class Named {
        static final MethodHandle STATX = NativeFunctions.C.six("statx");
    }

    private static final class Numbered {
        static final MethodHandle SYSCALL = NativeFunctions.C.six("syscall");
    }
}
