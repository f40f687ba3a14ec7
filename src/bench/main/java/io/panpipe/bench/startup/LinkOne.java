/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.startup;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The least that a program over FFM pays: it links one function and calls it. */
public final class LinkOne {

    private LinkOne() {}

    /**
     * Calls getpid.
     *
     * @param args not looked at
     * @throws Throwable never
     */
    @SuppressWarnings("restricted")
    public static void main(String[] args) throws Throwable {
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup().find("getpid").orElseThrow();
        MethodHandle getpid = linker.downcallHandle(address, FunctionDescriptor.of(ValueLayout.JAVA_INT));
        if ((int) getpid.invokeExact() <= 0) {
            throw new AssertionError("no process has such a number");
        }
        System.out.println("linked");
    }
}
