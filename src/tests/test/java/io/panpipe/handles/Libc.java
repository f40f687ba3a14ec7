/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/** The few system calls by which tests get descriptors that Java does not give out. Without JUnit, for child JVMs. */
final class Libc {

    private static final int MFD_CLOEXEC = 1;
    private static final int O_CLOEXEC = 02000000;
    private static final int O_NONBLOCK = 04000;
    private static final int F_SETFL = 4;
    private static final int SIGPIPE = 13;
    private static final int RLIMIT_NOFILE = 7;

    private static final MethodHandle MEMFD_CREATE = link("memfd_create", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
    private static final MethodHandle EVENTFD = link("eventfd", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    private static final MethodHandle PIPE = link("pipe", ValueLayout.ADDRESS);
    private static final MethodHandle OPEN =
            link("open", ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    private static final MethodHandle GETSOCKOPT = link("getsockopt", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
    private static final MethodHandle SETSOCKOPT = link("setsockopt", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);

    private static final MethodHandle EPOLL_CREATE = link("epoll_create1", ValueLayout.JAVA_INT);
    private static final MethodHandle EPOLL_CTL = link("epoll_ctl", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
    private static final MethodHandle GETRLIMIT = link("getrlimit", ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
    private static final MethodHandle SETRLIMIT = link("setrlimit", ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
    private static final MethodHandle CLOSE = link("close", ValueLayout.JAVA_INT);
    private static final MethodHandle DUP = link("dup", ValueLayout.JAVA_INT);
    private static final MethodHandle SOCKET =
            link("socket", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    private static final MethodHandle SHUTDOWN = link("shutdown", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    private static final MethodHandle FCNTL = link("fcntl", FunctionDescriptor.of(ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT), Linker.Option.firstVariadicArg(2));
    private static final MethodHandle PTHREAD_SELF =
            link("pthread_self", FunctionDescriptor.of(ValueLayout.JAVA_LONG));
    private static final MethodHandle PTHREAD_KILL =
            link("pthread_kill", ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT);

    private Libc() {}

    private static MethodHandle link(String name, MemoryLayout... arguments) {
        return link(name, FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
    }

    @SuppressWarnings("restricted") // Linking is what this class is for.
    private static MethodHandle link(String name, FunctionDescriptor function, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), function, options);
    }

    private interface Call {
        int run() throws Throwable;
    }

    private static int check(String name, Call call) {
        int result;
        try {
            result = call.run();
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
        if (result < 0) {
            throw new IllegalStateException(name + " failed");
        }
        return result;
    }

    /** Makes a memory file with a content. */
    static int memoryFile(String content) {
        int descriptor;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom("panpipe-" + java.util.UUID.randomUUID());
            descriptor = check("memfd_create", () -> (int) MEMFD_CREATE.invokeExact(name, MFD_CLOEXEC));
        }
        try {
            Files.writeString(path(descriptor), content);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return descriptor;
    }

    /** Opens a file or directory for reading. */
    static int open(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(file.toString());
            return check("open", () -> (int) OPEN.invokeExact(name, O_CLOEXEC, 0));
        }
    }

    /** Duplicates a descriptor behind Panpipe's back. */
    static int duplicate(long descriptor) {
        int original = (int) descriptor;
        return check("dup", () -> (int) DUP.invokeExact(original));
    }

    /** Makes a stream socket of the Unix domain in blocking mode. */
    static int blockingSocket() {
        return check("socket", () -> (int) SOCKET.invokeExact(1, 1, 0));
    }

    /** Makes a TCP socket of IPv4 in blocking mode. */
    static int blockingTcpSocket() {
        return check("socket", () -> (int) SOCKET.invokeExact(2, 1, 0));
    }

    /** Puts an open file, of which others have descriptors as well, in blocking mode. */
    static void setBlocking(long descriptor) throws IOException {
        int flags = flags(descriptor) & ~O_NONBLOCK;
        check("fcntl", () -> (int) FCNTL.invokeExact((int) descriptor, F_SETFL, flags));
    }

    /** Puts an open file, of which others have descriptors as well, in non-blocking mode. */
    static void setNonBlocking(long descriptor) throws IOException {
        int flags = flags(descriptor) | O_NONBLOCK;
        check("fcntl", () -> (int) FCNTL.invokeExact((int) descriptor, F_SETFL, flags));
    }

    /** Tells whether an open file is in blocking mode. */
    static boolean isBlocking(long descriptor) throws IOException {
        return (flags(descriptor) & O_NONBLOCK) == 0;
    }

    /** Ends both directions of a connection, also under a thread that waits in a system call for it. */
    static void shutdown(long descriptor) {
        check("shutdown", () -> (int) SHUTDOWN.invokeExact((int) descriptor, 2));
    }

    /** Returns the number by which {@link #interrupt} knows the calling thread. */
    static long thisThread() {
        try {
            return (long) PTHREAD_SELF.invokeExact();
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * Interrupts the system call in which a thread waits, if it does, with EINTR: by SIGPIPE, for which a JVM has a
     * handler that does nothing.
     */
    static void interrupt(long thread) {
        check("pthread_kill", () -> -(int) PTHREAD_KILL.invokeExact(thread, SIGPIPE));
    }

    /** Makes a socket of any kind, in blocking mode. */
    static int socket(int domain, int type) {
        return check("socket", () -> (int) SOCKET.invokeExact(domain, type | O_CLOEXEC, 0));
    }

    /** Makes an epoll that watches a descriptor, with data by which this epoll can be told from others. */
    static int epoll(int watched, long data) {
        int epoll = check("epoll_create1", () -> (int) EPOLL_CREATE.invokeExact(O_CLOEXEC));
        try (Arena arena = Arena.ofConfined()) {
            // Packed on x86-64 alone (epoll_event); the data is no number that anybody computes with.
            MemorySegment event = arena.allocate(16);
            event.set(ValueLayout.JAVA_INT, 4, (int) data);
            event.set(ValueLayout.JAVA_INT, 8, (int) data);
            check("epoll_ctl", () -> (int) EPOLL_CTL.invokeExact(epoll, 1, watched, event));
        }
        return epoll;
    }

    /** Closes a descriptor. */
    static void close(int descriptor) {
        check("close", () -> (int) CLOSE.invokeExact(descriptor));
    }

    /** Sets from which number on this process gets no descriptors; returns what it was before. */
    static long limitDescriptors(long limit) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limits = arena.allocate(16, 8);
            check("getrlimit", () -> (int) GETRLIMIT.invokeExact(RLIMIT_NOFILE, limits));
            long before = limits.get(ValueLayout.JAVA_LONG, 0);
            limits.set(ValueLayout.JAVA_LONG, 0, limit);
            check("setrlimit", () -> (int) SETRLIMIT.invokeExact(RLIMIT_NOFILE, limits));
            return before;
        }
    }

    /** Makes an event counter. */
    static int eventCounter() {
        return check("eventfd", () -> (int) EVENTFD.invokeExact(0, O_CLOEXEC));
    }

    /** Makes an anonymous pipe: the descriptor to read, then that to write. */
    static int[] anonymousPipe() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocate(ValueLayout.JAVA_INT, 2);
            check("pipe", () -> (int) PIPE.invokeExact(pair));
            return pair.toArray(ValueLayout.JAVA_INT);
        }
    }

    /** Returns a socket option that is a number. */
    static int option(long descriptor, int level, int option) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, 4);
            check("getsockopt", () -> (int) GETSOCKOPT.invokeExact((int) descriptor, level, option, value, size));
            return value.get(ValueLayout.JAVA_INT, 0);
        }
    }

    /** Sets a socket option that is a number. */
    static void setOption(long descriptor, int level, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment at = arena.allocateFrom(ValueLayout.JAVA_INT, value);
            check("setsockopt", () -> (int) SETSOCKOPT.invokeExact((int) descriptor, level, option, at, 4));
        }
    }

    /** Returns where an open file can be opened again. */
    static Path path(long descriptor) {
        return Path.of("/proc/self/fd/" + descriptor);
    }

    /** Returns what an open file contains. */
    static String content(long descriptor) throws IOException {
        return Files.readString(path(descriptor));
    }

    /** Returns what a descriptor stands for, such as {@code socket:[4711]}; empty if it is not open. */
    static String target(long descriptor) {
        try {
            return Files.readSymbolicLink(path(descriptor)).toString();
        } catch (IOException closed) {
            return "";
        }
    }

    /** Tells whether a program that this process turns into would not have a descriptor. */
    static boolean isCloseOnExec(long descriptor) throws IOException {
        return (flags(descriptor) & O_CLOEXEC) != 0;
    }

    private static int flags(long descriptor) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + descriptor))) {
            if (line.startsWith("flags:")) {
                return Integer.parseInt(line.substring(6).strip(), 8);
            }
        }
        throw new IllegalStateException("no flags of " + descriptor);
    }
}
