/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.NameBytes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Pipe names as {@code struct sockaddr_un}, also those that are too long for it.
 *
 * <p>A path that is longer than an address may be is reached through its directory, opened as a mere place: on Linux that can be
 * named {@code /proc/self/fd/N}, which is short; elsewhere it becomes the thread's own directory for the time of the call. Bound
 * so, a foreign peer sees this short form as the socket's name.
 */
final class UnixAddress implements AutoCloseable {

    private final UnixSelector selector;
    private final int length;
    private final int directory;

    private UnixAddress(UnixSelector selector, int length, int directory) {
        this.selector = selector;
        this.length = length;
        this.directory = directory;
    }

    /**
     * Lays a name out in the selector's scratch memory; to be closed after the call it is for.
     *
     * @throws KernelException EINVAL if no socket can have such a name, ENAMETOOLONG if it is too long in any form
     */
    static UnixAddress of(UnixSelector selector, String name, String call) throws KernelException {
        byte[] bytes = bytes(name, call);
        MemorySegment address = selector.scratch.address();
        SocketLayouts layouts = selector.system.layouts();
        int room = layouts.mostAddress() - (int) layouts.sunPath();
        if (isAbstract(name) || name.isEmpty()) {
            if (!selector.system.hasAbstractNames()) {
                throw new KernelException(Fault.EINVAL, 0, call, "this system has no names outside the file system");
            }
            if (bytes.length > room) {
                throw tooLong(call, "an abstract name has at most " + (room - 1) + " bytes after its NUL");
            }
            return new UnixAddress(selector, put(selector.system, address, bytes, false), -1);
        }
        if (name.indexOf('\0') >= 0) {
            throw new KernelException(Fault.EINVAL, 0, call, "a path cannot contain NUL");
        }
        if (bytes.length <= layouts.longestPath()) {
            return new UnixAddress(selector, put(selector.system, address, bytes, true), -1);
        }
        return throughDirectory(selector, name, layouts.longestPath(), call);
    }

    private static UnixAddress throughDirectory(UnixSelector selector, String path, int longest, String call)
            throws KernelException {
        int slash = path.lastIndexOf('/');
        long place = selector.scratch.path(BoundPath.parent(path));
        if (place < 0) {
            throw tooLong(call, "the path of a directory has at most " + (selector.system.numbers().pathMax() - 1) + " bytes");
        }
        int directory = selector.system.check(selector.system.openPlace(selector.state, place), call);
        String last = path.substring(slash + 1);
        byte[] alias = bytes(selector.system.inPlace(directory, last), call);
        if (alias.length > longest) {
            UnixCalls.close(selector.state, directory);
            int left = longest - (alias.length - NameBytes.length(last));
            throw tooLong(call, "a path over " + longest + " bytes is reached through its directory, which leaves "
                    + left + " bytes for the last part of the path");
        }
        return new UnixAddress(selector, put(selector.system, selector.scratch.address(), alias, true), directory);
    }

    /**
     * Returns the bytes of a name.
     *
     * @throws KernelException EINVAL if it has none: any other byte in the place of what it lacks would be another name
     */
    static byte[] bytes(String name, String call) throws KernelException {
        byte[] bytes = NameBytes.encode(name);
        if (bytes == null) {
            throw new KernelException(Fault.EINVAL, 0, call, "the name has half a surrogate pair, which is no text");
        }
        return bytes;
    }

    private static KernelException tooLong(String call, String hint) {
        return new KernelException(Fault.ENAMETOOLONG, 0, call, hint);
    }

    /** Writes an address; returns its length, with the NUL of a path where the system wants one. */
    private static int put(UnixSystem system, MemorySegment address, byte[] bytes, boolean isPath) {
        SocketLayouts layouts = system.layouts();
        int length = (int) layouts.sunPath() + bytes.length;
        // By a buffer, as in Scratch.
        ByteBuffer written = address.asByteBuffer().order(ByteOrder.nativeOrder());
        layouts.head(written, length, UnixSystem.AF_UNIX);
        written.position((int) layouts.sunPath()).put(bytes);
        if (written.hasRemaining()) {
            written.put((byte) 0);
        }
        return isPath && !layouts.hasLength() ? length + 1 : length;
    }

    /** Tells whether a name lives outside the file system. */
    static boolean isAbstract(String name) {
        return !name.isEmpty() && name.charAt(0) == '\0';
    }

    int bind(int fd) {
        int entered = enter();
        if (entered < 0) {
            return entered;
        }
        int result = UnixCalls.bind(selector.state, fd, selector.scratch.address().address(), length);
        leave();
        return result;
    }

    int connect(int fd) {
        int entered = enter();
        if (entered < 0) {
            return entered;
        }
        int result = UnixCalls.connect(selector.state, fd, selector.scratch.address().address(), length);
        leave();
        return result;
    }

    private int enter() {
        return directory < 0 ? 0 : selector.system.enter(selector.state, directory);
    }

    private void leave() {
        if (directory >= 0) {
            selector.system.leave(selector.state);
        }
    }

    @Override
    public void close() {
        if (directory >= 0) {
            UnixCalls.close(selector.state, directory);
        }
    }

    /** Asks for the name of a socket's own or other end; empty if it has none. */
    static String ask(UnixSelector selector, int fd, boolean peer) throws KernelException {
        CallState state = selector.state;
        MemorySegment address = selector.scratch.address();
        MemorySegment length = selector.scratch.numbers();
        length.set(ValueLayout.JAVA_INT, 0, (int) address.byteSize());
        int result = peer
                ? UnixCalls.getpeername(state, fd, address.address(), length.address())
                : UnixCalls.getsockname(state, fd, address.address(), length.address());
        selector.system.check(result, peer ? "getpeername" : "getsockname");
        return name(selector.system, address, length.get(ValueLayout.JAVA_INT, 0));
    }

    /**
     * Reads the name that a call has written; empty if it has none.
     *
     * @param length the address's own, which may be more than there was room for
     */
    static String name(UnixSystem system, MemorySegment address, int length) {
        long start = system.layouts().sunPath();
        int bytes = Math.min(length, (int) address.byteSize()) - (int) start;
        if (bytes <= 0) {
            return "";
        }
        byte[] name = address.asSlice(start, bytes).toArray(ValueLayout.JAVA_BYTE);
        int end = name.length;
        // The BSDs answer 16 bytes full of NULs where there is no name (unp_sockaddr of xnu and FreeBSD).
        if (name[0] != 0 || !system.hasAbstractNames()) {
            end = 0;
            while (end < name.length && name[end] != 0) {
                end++;
            }
        }
        return NameBytes.decode(name, 0, end);
    }
}
