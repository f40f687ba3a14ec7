/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import java.lang.reflect.Field;

/** Where tests of the shared room take a system from. */
final class Systems {

    private Systems() {}

    /** Returns Linux, whose room shows it to nobody. */
    static UnixSystem linux() {
        return of("io.panpipe.internal.linux.LinuxSystem");
    }

    private static UnixSystem of(String name) {
        try {
            Field instance = Class.forName(name).getDeclaredField("INSTANCE");
            instance.setAccessible(true);
            return (UnixSystem) instance.get(null);
        } catch (ReflectiveOperationException changed) {
            throw new AssertionError(changed);
        }
    }
}
