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
 * <p>A path longer than sun_path is reached through its directory: opened as a mere place (O_PATH), it can be named
 * {@code /proc/self/fd/N}, which is short. Bound so, a foreign peer sees this alias as the socket's name.
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
        int room = (int) (address.byteSize() - UnixLayouts.SUN_PATH);
        if (isAbstract(name) || name.isEmpty()) {
            if (!selector.system.hasAbstractNames()) {
                throw new KernelException(Fault.EINVAL, 0, call, "this system has no names outside the file system");
            }
            if (bytes.length > room) {
                throw tooLong(call, "an abstract name has at most " + (room - 1) + " bytes after its NUL");
            }
            return new UnixAddress(selector, put(address, bytes), -1);
        }
        if (name.indexOf('\0') >= 0) {
            throw new KernelException(Fault.EINVAL, 0, call, "a path cannot contain NUL");
        }
        if (bytes.length < room) {
            return new UnixAddress(selector, put(address, bytes) + 1, -1);
        }
        return throughDirectory(selector, name, room, call);
    }

    private static UnixAddress throughDirectory(UnixSelector selector, String path, int room, String call)
            throws KernelException {
        int slash = path.lastIndexOf('/');
        long place = selector.scratch.path(BoundPath.parent(path));
        if (place < 0) {
            throw tooLong(call, "the path of a directory has at most 4095 bytes");
        }
        int directory = selector.system.check(selector.system.openPlace(selector.state, place), call);
        byte[] alias = bytes(selector.system.pathOf(directory) + '/' + path.substring(slash + 1), call);
        if (alias.length >= room) {
            UnixCalls.close(selector.state, directory);
            throw tooLong(call, "a path over " + (room - 1) + " bytes is reached through its directory, which leaves "
                    + "about 85 bytes for the last part of the path");
        }
        return new UnixAddress(selector, put(selector.scratch.address(), alias) + 1, directory);
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

    private static int put(MemorySegment address, byte[] bytes) {
        // By a buffer, as in Scratch.
        ByteBuffer written = address.asByteBuffer().order(ByteOrder.nativeOrder());
        written.putShort(0, (short) UnixSystem.AF_UNIX).position((int) UnixLayouts.SUN_PATH).put(bytes);
        if (written.hasRemaining()) {
            written.put((byte) 0);
        }
        return (int) UnixLayouts.SUN_PATH + bytes.length;
    }

    /** Tells whether a name lives outside the file system. */
    static boolean isAbstract(String name) {
        return !name.isEmpty() && name.charAt(0) == '\0';
    }

    int bind(int fd) {
        return UnixCalls.bind(selector.state, fd, selector.scratch.address().address(), length);
    }

    int connect(int fd) {
        return UnixCalls.connect(selector.state, fd, selector.scratch.address().address(), length);
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
        return name(address, length.get(ValueLayout.JAVA_INT, 0));
    }

    /**
     * Reads the name that a call has written; empty if it has none.
     *
     * @param length the address's own, which may be more than there was room for
     */
    static String name(MemorySegment address, int length) {
        int bytes = Math.min(length, (int) address.byteSize()) - (int) UnixLayouts.SUN_PATH;
        if (bytes <= 0) {
            return "";
        }
        byte[] name = address.asSlice(UnixLayouts.SUN_PATH, bytes).toArray(ValueLayout.JAVA_BYTE);
        int end = name.length;
        if (name[0] != 0) {
            end = 0;
            while (end < name.length && name[end] != 0) {
                end++;
            }
        }
        return NameBytes.decode(name, 0, end);
    }
}
