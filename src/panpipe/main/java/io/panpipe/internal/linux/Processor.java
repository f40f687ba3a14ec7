/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

/**
 * The processors whose numbers are known here, and those of Linux's numbers that differ between them. On others (MIPS, SPARC,
 * Alpha) more differ, errno among them, and wrong numbers would not be noticed: they are refused.
 */
enum Processor {
    // SO_PEERCRED, O_DIRECTORY and the number of statx(2): asm/socket.h, asm/fcntl.h, asm/unistd.h.
    X86_64(17, 0x10000, 332, "amd64", "x86_64"),
    ARM_64(17, 0x4000, 291, "aarch64"),
    RISC_V_64(17, 0x10000, 291, "riscv64"),
    LOONG_ARCH_64(17, 0x10000, 291, "loongarch64"),
    POWER_64(21, 0x4000, 383, "ppc64", "ppc64le"),
    Z(17, 0x10000, 379, "s390x");

    final int soPeercred;
    final int oDirectory;
    final int sysStatx;
    private final String[] names;

    Processor(int soPeercred, int oDirectory, int sysStatx, String... names) {
        this.soPeercred = soPeercred;
        this.oDirectory = oDirectory;
        this.sysStatx = sysStatx;
        this.names = names;
    }

    /**
     * Returns the processor that Java calls so.
     *
     * @param name {@code os.arch}
     * @throws UnsupportedOperationException if it is not known here
     */
    static Processor of(String name) {
        for (Processor processor : values()) {
            for (String one : processor.names) {
                if (one.equals(name)) {
                    return processor;
                }
            }
        }
        throw new UnsupportedOperationException(
                "Panpipe does not know Linux's numbers on the processor " + name
                        + ": it runs on amd64, aarch64, riscv64, ppc64, ppc64le, s390x and loongarch64");
    }

    /** The one that runs this; for those who know by then that it is known. */
    static Processor running() {
        return Running.PROCESSOR;
    }

    private static final class Running {

        static final Processor PROCESSOR = of(System.getProperty("os.arch"));
    }
}
