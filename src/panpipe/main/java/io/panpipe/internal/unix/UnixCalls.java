/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.NativeFunctions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * The C library's functions that every Unix has, each answering its result or the negated errno.
 *
 * <p>What a stream does all the time is linked when this class is first used; what it does once, or never, waits in a
 * nested class for its first use, because linking costs start-up time. The calls repeat themselves when a signal
 * interrupts them (EINTR), all but close(2), whose descriptor is gone even then.
 */
public final class UnixCalls {

    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final long MAP_FAILED = -1;
    private static final int EINTR = 4;
    private static final long SIG_DFL = 0;
    private static final long SIG_IGN = 1;

    private static final MethodHandle SOCKET = NativeFunctions.C.six("socket");
    private static final MethodHandle BIND = NativeFunctions.C.six("bind");
    private static final MethodHandle LISTEN = NativeFunctions.C.six("listen");
    private static final MethodHandle CONNECT = NativeFunctions.C.six("connect");
    private static final MethodHandle RECV = NativeFunctions.C.six("recv");
    private static final MethodHandle SEND = NativeFunctions.C.six("send");
    private static final MethodHandle SENDMSG = NativeFunctions.C.six("sendmsg");
    private static final MethodHandle CLOSE = NativeFunctions.C.six("close");

    private UnixCalls() {}

    /** socket(2). */
    public static int socket(CallState state, int domain, int type, int protocol) {
        return (int) call(SOCKET, state, domain, type, protocol, 0);
    }

    /** bind(2). */
    public static int bind(CallState state, int fd, long address, int length) {
        return (int) call(BIND, state, fd, address, length, 0);
    }

    /** listen(2). */
    public static int listen(CallState state, int fd, int backlog) {
        return (int) call(LISTEN, state, fd, backlog, 0, 0);
    }

    /** connect(2). */
    public static int connect(CallState state, int fd, long address, int length) {
        return (int) call(CONNECT, state, fd, address, length, 0);
    }

    /** recv(2). */
    public static int recv(CallState state, int fd, long buffer, int length, int flags) {
        // As call(..) does, in one frame, and so do send and sendmsg: further frames and the JIT compiler, at the end of its depth
        // of inlining, leaves an object in the JDK's linker to the heap (measured: 40 bytes a call where a program calls
        // Loop.run often).
        try {
            while (true) {
                long result = (long) RECV.invokeExact(
                        state.segment(), (long) fd, buffer, (long) length, (long) flags, 0L, 0L);
                if (result >= 0) {
                    return (int) result;
                }
                int errno = state.error();
                if (errno != EINTR) {
                    return -errno;
                }
            }
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** send(2). */
    public static int send(CallState state, int fd, long buffer, int length, int flags) {
        try {
            while (true) {
                long result = (long) SEND.invokeExact(
                        state.segment(), (long) fd, buffer, (long) length, (long) flags, 0L, 0L);
                if (result >= 0) {
                    return (int) result;
                }
                int errno = state.error();
                if (errno != EINTR) {
                    return -errno;
                }
            }
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** sendmsg(2). */
    public static int sendmsg(CallState state, int fd, long message, int flags) {
        try {
            while (true) {
                long result = (long) SENDMSG.invokeExact(state.segment(), (long) fd, message, (long) flags, 0L, 0L, 0L);
                if (result >= 0) {
                    return (int) result;
                }
                int errno = state.error();
                if (errno != EINTR) {
                    return -errno;
                }
            }
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** sendto(2). */
    public static int sendto(CallState state, int fd, long data, int length, int flags, long to, int toLength) {
        return (int) call(Datagrams.SENDTO, state, fd, data, length, flags, to, toLength);
    }

    /** recvfrom(2). */
    public static int recvfrom(CallState state, int fd, long into, int length, int flags, long from, long fromLength) {
        return (int) call(Datagrams.RECVFROM, state, fd, into, length, flags, from, fromLength);
    }

    /** recvmsg(2). */
    public static int recvmsg(CallState state, int fd, long message, int flags) {
        return (int) call(Messages.RECVMSG, state, fd, message, flags, 0);
    }

    /** close(2); not repeated after EINTR, when the number may already be another thread's new descriptor. */
    public static int close(CallState state, int fd) {
        try {
            int result = (int) (long) CLOSE.invokeExact(state.segment(), (long) fd, 0L, 0L, 0L, 0L, 0L);
            return result >= 0 ? result : -state.error();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** shutdown(2). */
    public static int shutdown(CallState state, int fd, int how) {
        return (int) call(Sockets.SHUTDOWN, state, fd, how, 0, 0);
    }

    /** socketpair(2). */
    public static int socketpair(CallState state, int domain, int type, int protocol, long two) {
        return (int) call(Sockets.SOCKETPAIR, state, domain, type, protocol, two);
    }

    /** getsockname(2). */
    public static int getsockname(CallState state, int fd, long address, long length) {
        return (int) call(Sockets.GETSOCKNAME, state, fd, address, length, 0);
    }

    /** getpeername(2). */
    public static int getpeername(CallState state, int fd, long address, long length) {
        return (int) call(Sockets.GETPEERNAME, state, fd, address, length, 0);
    }

    /** getsockopt(2). */
    public static int getsockopt(CallState state, int fd, int level, int option, long value, long length) {
        return (int) call(Options.GETSOCKOPT, state, fd, level, option, value, length, 0);
    }

    /** setsockopt(2). */
    public static int setsockopt(CallState state, int fd, int level, int option, long value, int length) {
        return (int) call(Options.SETSOCKOPT, state, fd, level, option, value, length, 0);
    }

    /** fchmod(2). */
    public static int fchmod(CallState state, int fd, int mode) {
        return (int) call(Files.FCHMOD, state, fd, mode, 0, 0);
    }

    /** chmod(2). */
    public static int chmod(CallState state, long path, int mode) {
        return (int) call(Files.CHMOD, state, path, mode, 0, 0);
    }

    /** unlink(2). */
    public static int unlink(CallState state, long path) {
        return (int) call(Files.UNLINK, state, path, 0, 0, 0);
    }

    /** flock(2). */
    public static int flock(CallState state, int fd, int operation) {
        return (int) call(Files.FLOCK, state, fd, operation, 0, 0);
    }

    /** read(2). */
    public static int read(CallState state, int fd, long buffer, int length) {
        return (int) call(Descriptors.READ, state, fd, buffer, length, 0);
    }

    /** write(2). */
    public static int write(CallState state, int fd, long buffer, int length) {
        return (int) call(Descriptors.WRITE, state, fd, buffer, length, 0);
    }

    /** writev(2). */
    public static int writev(CallState state, int fd, long vectors, int count) {
        return (int) call(Descriptors.WRITEV, state, fd, vectors, count, 0);
    }

    /** poll(2); a signal ends it early with 0, since the caller knows what is left of its time. */
    public static int poll(CallState state, long descriptors, int count, int timeoutMillis) {
        try {
            int result = (int) (long) Descriptors.POLL.invokeExact(
                    state.segment(), descriptors, (long) count, (long) timeoutMillis, 0L, 0L, 0L);
            int errno = result >= 0 ? 0 : state.error();
            return errno == EINTR ? 0 : result >= 0 ? result : -errno;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** read(2), which a signal ends. */
    static int readOnce(CallState state, int fd, long buffer, int length) {
        return once(Descriptors.READ, state, fd, buffer, length);
    }

    /** write(2), which a signal ends. */
    static int writeOnce(CallState state, int fd, long buffer, int length) {
        return once(Descriptors.WRITE, state, fd, buffer, length);
    }

    private static int once(MethodHandle handle, CallState state, long a, long b, long c) {
        try {
            int result = (int) (long) handle.invokeExact(state.segment(), a, b, c, 0L, 0L, 0L);
            return result >= 0 ? result : -state.error();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** pthread_self(3). */
    static long pthreadSelf(CallState state) {
        try {
            return (long) Signals.PTHREAD_SELF.invokeExact(state.segment(), 0L, 0L, 0L, 0L, 0L, 0L);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** pthread_kill(3) of a thread that has not ended. */
    static void pthreadKill(CallState state, long thread, int signal) {
        call(Signals.PTHREAD_KILL, state, thread, signal, 0, 0);
    }

    /**
     * Lets a signal reach the calling thread, whatever the process was started with, and do nothing but end the call that it
     * comes in: without SA_RESTART, and with a function that has no effect where nobody has set a handler.
     */
    static void admitSignal(CallState state, int signal, int unblock) {
        // More than struct sigaction or sigset_t has anywhere. The handler comes first, and all else is empty or 0.
        MemorySegment memory = Arena.ofAuto().allocate(512, 8);
        long action = memory.address();
        call(Signals.SIGACTION, state, signal, 0, action, 0);
        long handler = memory.get(ValueLayout.JAVA_LONG, 0);
        if (handler == SIG_DFL || handler == SIG_IGN) {
            memory.fill((byte) 0);
            memory.set(ValueLayout.JAVA_LONG, 0, Signals.WITHOUT_EFFECT);
            call(Signals.SIGACTION, state, signal, action, 0, 0);
        }
        call(Signals.SIGEMPTYSET, state, action, 0, 0, 0);
        call(Signals.SIGADDSET, state, action, signal, 0, 0);
        call(Signals.PTHREAD_SIGMASK, state, unblock, action, 0, 0);
        Reference.reachabilityFence(memory);
    }

    /** isatty(3), as a yes or no. */
    public static boolean isTerminal(CallState state, int fd) {
        return call(Descriptors.ISATTY, state, fd, 0, 0, 0) == 1;
    }

    /** open(2) without a mode: not for creating files. */
    public static int open(CallState state, long path, int flags) {
        return (int) variadic(Variadics.OPEN, state, path, flags, 0);
    }

    /** fcntl(2). */
    public static int fcntl(CallState state, int fd, int command, long argument) {
        return (int) variadic(Variadics.FCNTL, state, fd, command, argument);
    }

    /**
     * ioctl(2) with FIONREAD.
     *
     * @param answer 4 bytes or more in native order, which begin at the address
     * @return how many bytes can be read without waiting, or the negated errno
     */
    static int bytesToRead(CallState state, int fd, int request, long address, ByteBuffer answer) {
        int result = (int) variadic(Requests.IOCTL, state, fd, request, address);
        return result < 0 ? result : answer.getInt(0);
    }

    /**
     * Calls a function of up to four parameters, again after EINTR. Where it is hot the compiler inlines this method, and
     * the handle is a constant there.
     */
    public static long call(MethodHandle handle, CallState state, long a, long b, long c, long d) {
        try {
            while (true) {
                long result = (long) handle.invokeExact(state.segment(), a, b, c, d, 0L, 0L);
                // All functions called here return an int or a count that fits one.
                if ((int) result >= 0) {
                    return (int) result;
                }
                int errno = state.error();
                if (errno != EINTR) {
                    return -errno;
                }
            }
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Calls a function of five or six parameters, again after EINTR. */
    public static long call(MethodHandle handle, CallState state, long a, long b, long c, long d, long e, long f) {
        try {
            while (true) {
                long result = (long) handle.invokeExact(state.segment(), a, b, c, d, e, f);
                if ((int) result >= 0) {
                    return (int) result;
                }
                int errno = state.error();
                if (errno != EINTR) {
                    return -errno;
                }
            }
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static long variadic(MethodHandle handle, CallState state, long a, long b, long c) {
        try {
            while (true) {
                long result = (long) handle.invokeExact(state.segment(), a, b, c);
                if ((int) result >= 0) {
                    return (int) result;
                }
                int errno = state.error();
                if (errno != EINTR) {
                    return -errno;
                }
            }
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** A native call throws nothing itself: what it throws is a fault of the JVM or of the binding. */
    public static Error unexpected(Throwable thrown) {
        if (thrown instanceof Error error) {
            return error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
        return new AssertionError(thrown);
    }

    /** mmap(2) of memory that no file is behind; its address, or the negated errno. */
    static long mapMemory(CallState state, long bytes, int flags) {
        try {
            long address = (long) Memory.MMAP.invokeExact(
                    state.segment(), 0L, bytes, (long) (PROT_READ | PROT_WRITE), (long) flags, -1L, 0L);
            return address == MAP_FAILED ? -state.error() : address;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** munmap(2). */
    static int unmapMemory(CallState state, long address, long bytes) {
        return (int) call(Memory.MUNMAP, state, address, bytes, 0, 0);
    }

    private static final class Memory {
        static final MethodHandle MMAP = NativeFunctions.C.six("mmap");
        static final MethodHandle MUNMAP = NativeFunctions.C.six("munmap");
    }

    private static final class Datagrams {
        static final MethodHandle SENDTO = NativeFunctions.C.six("sendto");
        static final MethodHandle RECVFROM = NativeFunctions.C.six("recvfrom");
    }

    private static final class Messages {
        static final MethodHandle RECVMSG = NativeFunctions.C.six("recvmsg");
    }

    private static final class Sockets {
        static final MethodHandle SHUTDOWN = NativeFunctions.C.six("shutdown");
        static final MethodHandle SOCKETPAIR = NativeFunctions.C.six("socketpair");
        static final MethodHandle GETSOCKNAME = NativeFunctions.C.six("getsockname");
        static final MethodHandle GETPEERNAME = NativeFunctions.C.six("getpeername");
    }

    private static final class Options {
        static final MethodHandle GETSOCKOPT = NativeFunctions.C.six("getsockopt");
        static final MethodHandle SETSOCKOPT = NativeFunctions.C.six("setsockopt");
    }

    private static final class Files {
        static final MethodHandle FCHMOD = NativeFunctions.C.six("fchmod");
        static final MethodHandle CHMOD = NativeFunctions.C.six("chmod");
        static final MethodHandle UNLINK = NativeFunctions.C.six("unlink");
        static final MethodHandle FLOCK = NativeFunctions.C.six("flock");
    }

    private static final class Descriptors {
        static final MethodHandle READ = NativeFunctions.C.six("read");
        static final MethodHandle WRITE = NativeFunctions.C.six("write");
        static final MethodHandle WRITEV = NativeFunctions.C.six("writev");
        static final MethodHandle POLL = NativeFunctions.C.six("poll");
        static final MethodHandle ISATTY = NativeFunctions.C.six("isatty");
    }

    private static final class Signals {
        static final MethodHandle SIGACTION = NativeFunctions.C.six("sigaction");
        static final MethodHandle SIGEMPTYSET = NativeFunctions.C.six("sigemptyset");
        static final MethodHandle SIGADDSET = NativeFunctions.C.six("sigaddset");
        static final MethodHandle PTHREAD_SIGMASK = NativeFunctions.C.six("pthread_sigmask");
        static final MethodHandle PTHREAD_SELF = NativeFunctions.C.six("pthread_self");
        static final MethodHandle PTHREAD_KILL = NativeFunctions.C.six("pthread_kill");

        /** A handler takes an int and may return what it likes; no Java may run in one. */
        static final long WITHOUT_EFFECT = NativeFunctions.C.address("abs");
    }

    private static final class Requests {
        static final MethodHandle IOCTL = NativeFunctions.C.variadic("ioctl");
    }

    private static final class Variadics {
        static final MethodHandle OPEN = NativeFunctions.C.variadic("open");
        static final MethodHandle FCNTL = NativeFunctions.C.variadic("fcntl");
    }
}
