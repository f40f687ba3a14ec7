/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.platform;

import io.panpipe.internal.bsd.BsdKernel;
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.SignalSource;
import io.panpipe.internal.linux.LinuxKernel;
import io.panpipe.internal.windows.WindowsKernel;
import org.jspecify.annotations.Nullable;

/** Where the loop finds the kernel of the operating system it runs on. */
public final class Platform {

    /** Looked for at first use: most programs hear of none. */
    private static @Nullable SignalSource signals;

    private Platform() {}

    /**
     * Returns the running system's kernel.
     *
     * @throws UnsupportedOperationException if there is none for it yet
     */
    public static Kernel kernel() {
        return Running.KERNEL;
    }

    /**
     * Returns the signals to this process.
     *
     * @throws UnsupportedOperationException if this JVM is without the module that has them
     */
    public static synchronized SignalSource signals() {
        SignalSource present = signals;
        if (present == null) {
            present = JvmSignals.open();
            signals = present;
        }
        return present;
    }

    /** Tells whether numbers that BSD and Linux have chosen differently are BSD's. */
    public static boolean isBsd() {
        return System.getProperty("os.name").equals("Mac OS X");
    }

    /**
     * Picks a kernel; what the kernel of another system needs is not even loaded.
     *
     * @param system {@code os.name}
     * @param bits {@code sun.arch.data.model}, or null where the JVM does not say
     */
    static Kernel pick(String system, @Nullable String bits) {
        if (system.equals("Linux") && !"32".equals(bits)) {
            return new LinuxKernel();
        }
        if (system.startsWith("Windows") && !"32".equals(bits)) {
            return new WindowsKernel();
        }
        if (system.equals("Mac OS X")) {
            return BsdKernel.macos();
        }
        return new UnsupportedKernel(
                "Panpipe has no kernel for " + system + " yet: it runs on 64-bit Linux, macOS and Windows");
    }

    /** Made on first use, so that a program with simulated loops alone links no native function. */
    private static final class Running {

        static final Kernel KERNEL = pick(System.getProperty("os.name"), System.getProperty("sun.arch.data.model"));
    }
}
