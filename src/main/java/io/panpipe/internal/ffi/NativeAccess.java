/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.ffi;

/** Says which option of {@code java} permits this library its native calls. */
final class NativeAccess {

    private NativeAccess() {}

    static String advice() {
        Module module = NativeAccess.class.getModule();
        String name = module.isNamed() ? module.getName() : "ALL-UNNAMED";
        return "Panpipe calls the operating system through java.lang.foreign, which this JVM denies: start java with"
                + " --enable-native-access=" + name;
    }
}
