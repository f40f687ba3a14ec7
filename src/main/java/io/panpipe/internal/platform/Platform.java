/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.platform;

import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.linux.LinuxKernel;
import java.util.ServiceLoader;

/** Where the loop finds the kernel of the operating system it runs on. */
public final class Platform {

    private Platform() {}

    /**
     * Returns the running system's kernel.
     *
     * @throws UnsupportedOperationException if there is none for it yet
     */
    public static Kernel kernel() {
        return Running.KERNEL;
    }

    /** Finds a kernel that comes in a jar of its own. */
    static Kernel separate(String name, String missing) {
        // By the loader of this class: the thread's own may know nothing of the jars beside it.
        for (Kernel kernel : ServiceLoader.load(Kernel.class, Platform.class.getClassLoader())) {
            if (kernel.name().equals(name)) {
                return kernel;
            }
        }
        return new UnsupportedKernel(missing);
    }

    /** Made on first use, so that a program with simulated loops alone links no native function. */
    private static final class Running {

        static final Kernel KERNEL = pick(System.getProperty("os.name"), System.getProperty("sun.arch.data.model"));

        private static Kernel pick(String system, String bits) {
            if (system.equals("Linux") && !"32".equals(bits)) {
                return new LinuxKernel();
            }
            if (system.startsWith("Windows") && !"32".equals(bits)) {
                return separate("windows", "Panpipe's kernel for Windows is a jar of its own, and it is not there: add"
                        + " io.panpipe:panpipe with the classifier windows (module io.panpipe.windows)");
            }
            return new UnsupportedKernel(
                    "Panpipe has no kernel for " + system + " yet: it runs on 64-bit Linux and Windows");
        }
    }
}
