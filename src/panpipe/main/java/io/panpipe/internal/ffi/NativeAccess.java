/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.ffi;

import java.lang.foreign.MemorySegment;

/** Says which option of {@code java} permits this library its native calls, before a class fails to initialise. */
public final class NativeAccess {

    private NativeAccess() {}

    /**
     * Makes sure that this library may link native functions.
     *
     * @throws IllegalCallerException if the JVM denies it; the message names the option
     */
    @SuppressWarnings("restricted") // The cheapest restricted call there is, for its check alone.
    public static void require() {
        try {
            MemorySegment.NULL.reinterpret(0);
        } catch (IllegalCallerException denied) {
            throw new IllegalCallerException(advice(), denied);
        }
    }

    private static String advice() {
        Module module = NativeAccess.class.getModule();
        String name = module.isNamed() ? module.getName() : "ALL-UNNAMED";
        return "Panpipe calls the operating system through java.lang.foreign, which this JVM denies: start java with"
                + " --enable-native-access=" + name;
    }
}
