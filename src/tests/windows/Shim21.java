/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * What Java 22's foreign-function API has or does and Java 21's does not, made of what both have. What only 21 has is
 * found by reflection, since this is compiled by a newer Java. The link check says what is missing here.
 */
public final class Shim21 {

    private static final MethodHandle VAR_HANDLE = in21(
            MemoryLayout.class, "varHandle", VarHandle.class, MemoryLayout.PathElement[].class).asFixedArity();
    private static final MethodHandle AS_SLICE = in21(
            MemorySegment.class, "asSlice", MemorySegment.class, long.class);

    private Shim21() {}

    /** Marks what replaces a static method, and says of which class. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.METHOD)
    public @interface InsteadOf {

        /** Returns the class of the replaced method. */
        Class<?> value();
    }

    private static MethodHandle in21(Class<?> owner, String name, Class<?> result, Class<?>... parameters) {
        try {
            return MethodHandles.publicLookup().findVirtual(owner, name, MethodType.methodType(result, parameters));
        } catch (ReflectiveOperationException notJava21) {
            throw new ExceptionInInitializerError(notJava21);
        }
    }

    /** Since 22 a handle takes a base offset behind the segment: here the segment is cut at that offset. */
    public static VarHandle varHandle(MemoryLayout layout, MemoryLayout.PathElement... path) {
        try {
            VarHandle handle = (VarHandle) VAR_HANDLE.invokeExact(layout, path);
            return MethodHandles.collectCoordinates(handle, 0, AS_SLICE);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    public static VarHandle varHandle(ValueLayout layout) {
        return varHandle((MemoryLayout) layout, new MemoryLayout.PathElement[0]);
    }

    /** In 21 a call may be declared trivial, which is the same except that it never sees the heap. */
    @InsteadOf(Linker.Option.class)
    public static Linker.Option critical(boolean allowHeapAccess) {
        if (allowHeapAccess) {
            throw new UnsupportedOperationException("Java 21 passes no heap memory to native functions");
        }
        try {
            return (Linker.Option) Linker.Option.class.getMethod("isTrivial").invoke(null);
        } catch (ReflectiveOperationException notJava21) {
            throw new AssertionError(notJava21);
        }
    }

    public static MemorySegment allocate(SegmentAllocator allocator, MemoryLayout element, long count) {
        return allocator.allocate(Math.multiplyExact(element.byteSize(), count), element.byteAlignment());
    }

    public static MemorySegment allocateFrom(SegmentAllocator allocator, String string) {
        return allocateFrom(allocator, string, StandardCharsets.UTF_8);
    }

    public static MemorySegment allocateFrom(SegmentAllocator allocator, String string, Charset charset) {
        long length = string.getBytes(charset).length;
        MemorySegment segment = allocator.allocate(length + terminator(charset), terminator(charset));
        setString(segment, 0, string, charset);
        return segment;
    }

    public static MemorySegment allocateFrom(SegmentAllocator allocator, ValueLayout.OfByte layout, byte value) {
        MemorySegment segment = allocator.allocate(layout);
        segment.set(layout, 0, value);
        return segment;
    }

    public static MemorySegment allocateFrom(SegmentAllocator allocator, ValueLayout.OfShort layout, short value) {
        MemorySegment segment = allocator.allocate(layout);
        segment.set(layout, 0, value);
        return segment;
    }

    public static MemorySegment allocateFrom(SegmentAllocator allocator, ValueLayout.OfInt layout, int value) {
        MemorySegment segment = allocator.allocate(layout);
        segment.set(layout, 0, value);
        return segment;
    }

    public static MemorySegment allocateFrom(SegmentAllocator allocator, ValueLayout.OfLong layout, long value) {
        MemorySegment segment = allocator.allocate(layout);
        segment.set(layout, 0, value);
        return segment;
    }

    public static MemorySegment allocateFrom(SegmentAllocator allocator, AddressLayout layout, MemorySegment value) {
        MemorySegment segment = allocator.allocate(layout);
        segment.set(layout, 0, value);
        return segment;
    }

    public static MemorySegment allocateFrom(SegmentAllocator allocator, ValueLayout.OfByte layout, byte... values) {
        MemorySegment segment = allocate(allocator, layout, values.length);
        MemorySegment.copy(values, 0, segment, layout, 0, values.length);
        return segment;
    }

    public static MemorySegment allocateFrom(SegmentAllocator allocator, ValueLayout.OfInt layout, int... values) {
        MemorySegment segment = allocate(allocator, layout, values.length);
        MemorySegment.copy(values, 0, segment, layout, 0, values.length);
        return segment;
    }

    public static MemorySegment allocateFrom(SegmentAllocator allocator, ValueLayout.OfLong layout, long... values) {
        MemorySegment segment = allocate(allocator, layout, values.length);
        MemorySegment.copy(values, 0, segment, layout, 0, values.length);
        return segment;
    }

    public static String getString(MemorySegment segment, long offset) {
        return getString(segment, offset, StandardCharsets.UTF_8);
    }

    public static String getString(MemorySegment segment, long offset, Charset charset) {
        int zeros = terminator(charset);
        long end = offset;
        while (!zeros(segment, end, zeros)) {
            end += zeros;
        }
        return new String(segment.asSlice(offset, end - offset).toArray(ValueLayout.JAVA_BYTE), charset);
    }

    public static void setString(MemorySegment segment, long offset, String string) {
        setString(segment, offset, string, StandardCharsets.UTF_8);
    }

    public static void setString(MemorySegment segment, long offset, String string, Charset charset) {
        byte[] bytes = string.getBytes(charset);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, offset, bytes.length);
        segment.asSlice(offset + bytes.length, terminator(charset)).fill((byte) 0);
    }

    private static boolean zeros(MemorySegment segment, long offset, int count) {
        for (int i = 0; i < count; i++) {
            if (segment.get(ValueLayout.JAVA_BYTE, offset + i) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Returns how many zero bytes end a string. */
    private static int terminator(Charset charset) {
        String name = charset.name();
        return name.startsWith("UTF-16") ? 2 : name.startsWith("UTF-32") ? 4 : 1;
    }
}
