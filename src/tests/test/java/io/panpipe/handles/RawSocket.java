/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * A stream socket of the Unix domain that is driven by system calls alone, as a stranger may drive his. Never waits.
 * Without JUnit, for child JVMs.
 */
final class RawSocket {

    static final int EAGAIN = 11;
    static final int EPIPE = 32;
    static final int ECONNRESET = 104;
    static final int ETOOMANYREFS = 109;
    static final int MSG_OOB = 1;
    static final int SHUT_WR = 1;
    static final int SHUT_RDWR = 2;
    static final int SOL_SOCKET = 1;

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 02000000;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSGHDR_BYTES = 56;

    private static final MethodHandle SENDMSG = link(
            "sendmsg", ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
    private static final MethodHandle RECV = link("recv", ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT);
    private static final MethodHandle SOCKETPAIR = link("socketpair", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
    private static final MethodHandle CONNECT = link(
            "connect", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
    private static final MethodHandle SHUTDOWN =
            link("shutdown", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);

    private final int descriptor;

    RawSocket(int descriptor) {
        this.descriptor = descriptor;
    }

    /** Links a function, whose first argument is where errno goes. */
    @SuppressWarnings("restricted") // Linking is what this is for.
    private static MethodHandle link(String name, MemoryLayout result, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(),
                FunctionDescriptor.of(result, arguments), Linker.Option.captureCallState("errno"));
    }

    private interface Call {
        long run(MemorySegment errno) throws Throwable;
    }

    /** Makes a call; its result or the negated errno. */
    private static int call(Call call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            long result = call.run(errno);
            return result >= 0 ? (int) result : -errno.get(ValueLayout.JAVA_INT, 0);
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static int check(String name, int result) {
        if (result < 0) {
            throw new IllegalStateException(name + " failed: errno " + -result);
        }
        return result;
    }

    /** Makes two descriptors of connected sockets. */
    static int[] pair() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment two = arena.allocate(ValueLayout.JAVA_INT, 2);
            check("socketpair", call(
                    errno -> (int) SOCKETPAIR.invokeExact(errno, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, two)));
            return new int[] {two.get(ValueLayout.JAVA_INT, 0), two.get(ValueLayout.JAVA_INT, 4)};
        }
    }

    /** Connects to a name, which has room in its backlog. */
    static RawSocket connect(String name) {
        int descriptor = Libc.socket(AF_UNIX, SOCK_STREAM);
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(2 + bytes.length, 2);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(bytes, 0, address, ValueLayout.JAVA_BYTE, 2, bytes.length);
            check("connect", call(
                    errno -> (int) CONNECT.invokeExact(errno, descriptor, address, (int) address.byteSize())));
        }
        return new RawSocket(descriptor);
    }

    int descriptor() {
        return descriptor;
    }

    /**
     * Sends a message.
     *
     * @param control its control data, whether that makes sense or not; or empty
     * @return how many bytes were taken, or the negated errno
     */
    int send(byte[] data, byte[] control, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = arena.allocate(MSGHDR_BYTES, 8);
            MemorySegment vector = arena.allocate(16, 8);
            vector.set(ValueLayout.JAVA_LONG, 0, copy(arena, data).address());
            vector.set(ValueLayout.JAVA_LONG, 8, data.length);
            message.set(ValueLayout.JAVA_LONG, 16, vector.address());
            message.set(ValueLayout.JAVA_LONG, 24, 1);
            message.set(ValueLayout.JAVA_LONG, 32, control.length == 0 ? 0 : copy(arena, control).address());
            message.set(ValueLayout.JAVA_LONG, 40, control.length);
            return call(errno -> (long) SENDMSG.invokeExact(
                    errno, descriptor, message, flags | MSG_DONTWAIT | MSG_NOSIGNAL));
        }
    }

    private static MemorySegment copy(Arena arena, byte[] bytes) {
        MemorySegment copy = arena.allocate(Math.max(1, bytes.length), 8);
        MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return copy;
    }

    /** Reads and forgets; how much, or the negated errno. */
    int swallow(int most) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment into = arena.allocate(most);
            return call(errno -> (long) RECV.invokeExact(errno, descriptor, into, (long) most, MSG_DONTWAIT));
        }
    }

    /** Ends one direction or both. */
    void shutdown(int how) {
        call(errno -> (int) SHUTDOWN.invokeExact(errno, descriptor, how));
    }

    void close() {
        Libc.close(descriptor);
    }
}
