/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * Links C functions whose parameters are all integers or pointers, in very few signature shapes.
 *
 * <p>Linking the first function of a shape costs 6 to 10 ms, a further one 0.3 ms. So every parameter is a {@code long}
 * (in the 64-bit ABIs of Linux, the BSDs and Windows an {@code int} travels in the same register or stack slot,
 * sign-extended), and functions of up to four parameters share the shape of four: the callee does not look beyond its own
 * parameters, and in each of these ABIs it is the caller that clears the stack.
 * That is not so for variadic functions, which get their own shape.
 */
public final class NativeFunctions {

    private static final Linker LINKER = Linker.nativeLinker();

    /** The functions of the C library. */
    public static final NativeFunctions C = new NativeFunctions("the C library", LINKER.defaultLookup());

    private final String library;
    private final SymbolLookup lookup;

    private NativeFunctions(String library, SymbolLookup lookup) {
        this.library = library;
        this.lookup = lookup;
    }

    /**
     * Returns the functions of a library of the system's, which stays loaded.
     *
     * @param library its file name, such as {@code kernel32.dll}
     */
    @SuppressWarnings("restricted") // Linking is what this room is for.
    public static NativeFunctions of(String library) {
        return new NativeFunctions(library, SymbolLookup.libraryLookup(library, Arena.global()));
    }

    /**
     * Links a function of at most four parameters.
     *
     * @param name the C function, which takes integers or pointers and returns an integer or pointer
     * @return a handle of type {@code (MemorySegment capture, long, long, long, long)long}; an {@code int} result has to
     *     be cast, since the upper half of the register is undefined
     */
    public MethodHandle four(String name) {
        return link(name, 4);
    }

    /**
     * Links a function of at most six parameters; type {@code (MemorySegment capture, long × 6)long}.
     *
     * @param name the C function
     */
    public MethodHandle six(String name) {
        return link(name, 6);
    }

    /**
     * Links a function of at most eight parameters; type {@code (MemorySegment capture, long × 8)long}.
     *
     * @param name the C function
     */
    public MethodHandle eight(String name) {
        return link(name, 8);
    }

    /**
     * Links a variadic function with two fixed parameters and one variadic one, such as fcntl(2) or open(2); type
     * {@code (MemorySegment capture, long, long, long)long}. On macOS for arm64 a variadic argument travels on the
     * stack.
     *
     * @param name the C function
     */
    public MethodHandle variadic(String name) {
        return link(name, 3, Linker.Option.firstVariadicArg(2));
    }

    @SuppressWarnings("restricted") // Linking is what this room is for.
    private MethodHandle link(String name, int parameters, Linker.Option... options) {
        var longs = new MemoryLayout[parameters];
        Arrays.fill(longs, ValueLayout.JAVA_LONG);
        var all = Arrays.copyOf(options, options.length + 1);
        all[options.length] = CallState.CAPTURE;
        MemorySegment symbol = lookup.find(name)
                .orElseThrow(() -> new UnsatisfiedLinkError(library + " has no function " + name));
        return LINKER.downcallHandle(symbol, FunctionDescriptor.of(ValueLayout.JAVA_LONG, longs), all);
    }
}
