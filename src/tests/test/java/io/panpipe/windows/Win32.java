/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.windows;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The other side of the tests: Windows's own functions, called by name and without any of the library's code. A failure is
 * an exception with the number of GetLastError.
 */
public final class Win32 {

    static final long INVALID_HANDLE = -1;
    static final int GENERIC_READ = 0x80000000;
    static final int GENERIC_WRITE = 0x40000000;
    static final int DUPLEX = 3;
    static final int INBOUND = 1;
    static final int OUTBOUND = 2;
    static final int OVERLAPPED = 0x40000000;
    static final int TYPE_MESSAGE = 4;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERROR =
            CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("GetLastError"));
    private static final Map<String, MethodHandle> FUNCTIONS = new ConcurrentHashMap<>();

    private Win32() {}

    /** What a function has answered, and GetLastError if that is a failure. */
    record Answer(long value, int error) {

        boolean isTrue() {
            return (int) value != 0;
        }
    }

    /** Says that a call failed. */
    static final class Failure extends RuntimeException {

        private static final long serialVersionUID = 1L;

        final int error;

        Failure(String call, int error) {
            super(call + ": " + error);
            this.error = error;
        }
    }

    /** Tells whether Wine answers these calls, rather than Windows. */
    @SuppressWarnings("restricted") // As below.
    static boolean isWine() {
        return SymbolLookup.libraryLookup("ntdll.dll", Arena.global()).find("wine_get_version").isPresent();
    }

    /** Calls a function of a library with integers and addresses. */
    @SuppressWarnings("restricted") // As any program that calls native functions.
    static Answer call(String library, String function, long... arguments) {
        MethodHandle handle = FUNCTIONS.computeIfAbsent(library + "." + function, name -> {
            MemoryLayout[] longs = new MemoryLayout[arguments.length];
            Arrays.fill(longs, ValueLayout.JAVA_LONG);
            return LINKER.downcallHandle(
                            SymbolLookup.libraryLookup(library, Arena.global()).find(function).orElseThrow(),
                            FunctionDescriptor.of(ValueLayout.JAVA_LONG, longs),
                            Linker.Option.captureCallState("GetLastError"))
                    .asSpreader(1, long[].class, arguments.length);
        });
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURE);
            long value = (long) handle.invoke(state, arguments);
            return new Answer(value, (int) ERROR.get(state, 0L));
        } catch (Throwable thrown) {
            throw new AssertionError(thrown);
        }
    }

    static Answer kernel(String function, long... arguments) {
        return call("kernel32.dll", function, arguments);
    }

    private static void check(String function, Answer answer) {
        if (!answer.isTrue()) {
            throw new Failure(function, answer.error());
        }
    }

    private static MemorySegment text(Arena arena, String value) {
        return arena.allocateFrom(value, StandardCharsets.UTF_16LE);
    }

    /** CreateNamedPipeW with buffers of 64 KiB. */
    static long createPipe(String name, int openMode, int pipeMode, int instances) {
        try (Arena arena = Arena.ofConfined()) {
            Answer made = kernel("CreateNamedPipeW", text(arena, name).address(), openMode, pipeMode, instances,
                    65536, 65536, 0, 0);
            if (made.value() == INVALID_HANDLE) {
                throw new Failure("CreateNamedPipe", made.error());
            }
            return made.value();
        }
    }

    /** CreateFileW for reading and writing. */
    static long open(String name) {
        return open(name, GENERIC_READ | GENERIC_WRITE, 0);
    }

    /** CreateFileW of something that exists. */
    static long open(String name, int access, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            Answer opened = kernel("CreateFileW", text(arena, name).address(), access, 0, 0, 3, flags, 0);
            if (opened.value() == INVALID_HANDLE) {
                throw new Failure("CreateFile", opened.error());
            }
            return opened.value();
        }
    }

    /** Creates an empty file, deleted when it is closed. */
    public static long createFile(String path) {
        try (Arena arena = Arena.ofConfined()) {
            Answer made = kernel("CreateFileW", text(arena, path).address(), GENERIC_READ | GENERIC_WRITE, 0, 0, 2,
                    0x04000000, 0);
            if (made.value() == INVALID_HANDLE) {
                throw new Failure("CreateFile", made.error());
            }
            return made.value();
        }
    }

    /** WriteFile, waiting until all is in the pipe. */
    static void write(long handle, byte[] data) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(Math.max(1, data.length));
            MemorySegment.copy(data, 0, bytes, ValueLayout.JAVA_BYTE, 0, data.length);
            MemorySegment written = arena.allocate(ValueLayout.JAVA_INT);
            check("WriteFile", kernel("WriteFile", handle, bytes.address(), data.length, written.address(), 0));
            if (written.get(ValueLayout.JAVA_INT, 0) != data.length) {
                throw new AssertionError("written: " + written.get(ValueLayout.JAVA_INT, 0));
            }
        }
    }

    /** ReadFile, once; waits for data. */
    static byte[] read(long handle, int length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(length);
            MemorySegment read = arena.allocate(ValueLayout.JAVA_INT);
            check("ReadFile", kernel("ReadFile", handle, bytes.address(), length, read.address(), 0));
            return bytes.asSlice(0, read.get(ValueLayout.JAVA_INT, 0)).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** Reads exactly so many bytes. */
    static byte[] readFully(long handle, int length) {
        byte[] all = new byte[length];
        for (int done = 0; done < length; ) {
            byte[] part = read(handle, length - done);
            System.arraycopy(part, 0, all, done, part.length);
            done += part.length;
        }
        return all;
    }

    static void close(long handle) {
        check("CloseHandle", kernel("CloseHandle", handle));
    }

    static void disconnect(long handle) {
        check("DisconnectNamedPipe", kernel("DisconnectNamedPipe", handle));
    }

    /** ConnectNamedPipe of a synchronous instance whose client is there already, or comes. */
    static void connect(long handle) {
        Answer connected = kernel("ConnectNamedPipe", handle, 0);
        if (!connected.isTrue() && connected.error() != 535) {
            throw new Failure("ConnectNamedPipe", connected.error());
        }
    }

    /** Tells whether a handle is a pipe's; the JVM's own threads and events get the values of closed ones. */
    static boolean isPipe(long handle) {
        int pipe = 3;
        return (int) kernel("GetFileType", handle).value() == pipe;
    }

    /** Duplicates a handle of another process into this one. */
    static long duplicateFrom(long process, long handle) {
        long duplicate = 0x40;
        long source = kernel("OpenProcess", duplicate, 0, process).value();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(ValueLayout.JAVA_LONG);
            check("DuplicateHandle", kernel("DuplicateHandle", source, handle, -1, number.address(), 0, 0, 2));
            return number.get(ValueLayout.JAVA_LONG, 0);
        } finally {
            close(source);
        }
    }

    /** Duplicates a handle of this process, with less rights. */
    static long duplicateHere(long handle, int access) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(ValueLayout.JAVA_LONG);
            check("DuplicateHandle", kernel("DuplicateHandle", -1, handle, -1, number.address(), access, 0, 0));
            return number.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    /** SetNamedPipeHandleState: bytes, and calls that wait. */
    static void haveWait(long pipe) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
            check("SetNamedPipeHandleState", kernel("SetNamedPipeHandleState", pipe, number.address(), 0, 0));
        }
    }

    /** Tells whether a handle is open in this process. */
    static boolean isOpen(long handle) {
        try (Arena arena = Arena.ofConfined()) {
            return kernel("GetHandleInformation", handle, arena.allocate(ValueLayout.JAVA_INT).address()).isTrue();
        }
    }

    /** Returns who may open a kernel object, in text form. */
    @SuppressWarnings("restricted") // The text's length is known to its reader alone.
    static String accessList(long handle) {
        try (Arena arena = Arena.ofConfined()) {
            int dacl = 4;
            MemorySegment descriptor = arena.allocate(4096, 8);
            MemorySegment number = arena.allocate(ValueLayout.JAVA_LONG);
            check("GetKernelObjectSecurity", call("advapi32.dll", "GetKernelObjectSecurity",
                    handle, dacl, descriptor.address(), 4096, number.address()));
            check("ConvertSecurityDescriptorToStringSecurityDescriptor", call("advapi32.dll",
                    "ConvertSecurityDescriptorToStringSecurityDescriptorW",
                    descriptor.address(), 1, dacl, number.address(), 0));
            long text = number.get(ValueLayout.JAVA_LONG, 0);
            String result = MemorySegment.ofAddress(text).reinterpret(8192).getString(0, StandardCharsets.UTF_16LE);
            kernel("LocalFree", text);
            return result;
        }
    }
}
