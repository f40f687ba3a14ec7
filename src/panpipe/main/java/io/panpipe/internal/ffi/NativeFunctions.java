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
import java.util.Optional;

/**
 * Links C functions whose parameters are all integers or pointers, in very few signature shapes.
 *
 * <p>Linking the first function of a shape costs 6 to 10 ms. So every parameter is a {@code long}: in the 64-bit ABIs of
 * Linux, the BSDs and Windows an {@code int} travels in the same register or stack slot. On x86-64 and arm64 the callee looks
 * at its lower half alone; on POWER, s390x and RISC-V, and on Apple's arm64, it is the caller that has to extend it by its sign,
 * as Java does where an {@code int} becomes a {@code long}. (An {@code unsigned} of 2^31 and more would be wrong on POWER and
 * s390x; none is passed.) And functions of fewer parameters share a shape of more: the callee does not look beyond its
 * own parameters, and in each of these ABIs it is the caller that clears the stack. On Unix one shape of six serves all, since so many travel in registers; on Windows
 * four do, and what has more takes the shape of eight. That is not so for variadic functions, which get their own shape.
 */
public final class NativeFunctions {

    private static final Linker LINKER = Linker.nativeLinker();

    /** The functions of the C library. */
    public static final NativeFunctions C = new NativeFunctions("the C library", LINKER.defaultLookup());

    private final String library;
    private SymbolLookup lookup;

    private NativeFunctions(String library, SymbolLookup lookup) {
        this.library = library;
        this.lookup = lookup;
    }

    /**
     * Has the functions of the C library come from somewhere else, before the first of them is linked: a test's double of another
     * system's.
     */
    static void standIn(SymbolLookup other) {
        C.lookup = other;
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
        return link(name, Four.SHAPE);
    }

    /**
     * Links a function of at most six parameters; type {@code (MemorySegment capture, long × 6)long}.
     *
     * @param name the C function
     */
    public MethodHandle six(String name) {
        return link(name, Six.SHAPE);
    }

    /**
     * Links a function of at most eight parameters; type {@code (MemorySegment capture, long × 8)long}.
     *
     * @param name the C function
     */
    public MethodHandle eight(String name) {
        return link(name, Eight.SHAPE);
    }

    /**
     * Links a variadic function with two fixed parameters and one variadic one, such as fcntl(2) or open(2); type
     * {@code (MemorySegment capture, long, long, long)long}. On macOS for arm64 a variadic argument travels on the
     * stack.
     *
     * @param name the C function
     */
    public MethodHandle variadic(String name) {
        return link(name, Variadic.SHAPE);
    }

    /** Tells whether the library has a function of that name: older ones lack what newer ones have. */
    public boolean has(String name) {
        return lookup.find(name).isPresent();
    }

    /** Returns the address of a function, for a call that wants to be given one. */
    public long address(String name) {
        return symbol(name).address();
    }

    /** Binding the shape to an address is what the linker does too, but only after it has looked up the shape, for 0.3 ms. */
    private MethodHandle link(String name, MethodHandle shape) {
        return shape.bindTo(symbol(name));
    }

    private MemorySegment symbol(String name) {
        Optional<MemorySegment> symbol = lookup.find(name);
        if (symbol.isEmpty()) {
            throw new UnsatisfiedLinkError(library + " has no function " + name);
        }
        return symbol.get();
    }

    @SuppressWarnings("restricted") // Linking is what this room is for.
    private static MethodHandle shape(int parameters, Linker.Option... options) {
        var longs = new MemoryLayout[parameters];
        Arrays.fill(longs, ValueLayout.JAVA_LONG);
        return LINKER.downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_LONG, longs), options);
    }

    // Each is linked on first use.

    private static final class Four {
        static final MethodHandle SHAPE = shape(4, CallState.CAPTURE);
    }

    private static final class Six {
        static final MethodHandle SHAPE = shape(6, CallState.CAPTURE);
    }

    private static final class Eight {
        static final MethodHandle SHAPE = shape(8, CallState.CAPTURE);
    }

    private static final class Variadic {
        static final MethodHandle SHAPE = shape(3, CallState.CAPTURE, Linker.Option.firstVariadicArg(2));
    }
}
