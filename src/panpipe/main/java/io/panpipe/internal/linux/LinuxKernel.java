/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import io.panpipe.internal.ffi.NativeAccess;
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.unix.PathNames;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The Linux kernel: the factory of epoll selectors. */
public final class LinuxKernel implements Kernel {

    @Override
    public String name() {
        return "linux";
    }

    @Override
    public Selector openSelector() throws KernelException {
        Processor.of(System.getProperty("os.arch"));
        NativeAccess.require();
        return LinuxSelector.open();
    }

    @Override
    public long nanoTime() {
        // CLOCK_MONOTONIC on Linux, the clock of epoll_wait's timeout.
        return System.nanoTime();
    }

    @Override
    public boolean blocksThread() {
        return true;
    }

    @Override
    public String portableName(String simple) {
        // Where other users cannot put a name first, if there is such a place (XDG base directory specification).
        return portableName(simple, System.getenv("XDG_RUNTIME_DIR"));
    }

    /** As the specification has it, a runtime directory that is relative is ignored: each program would find another. */
    static String portableName(String simple, @Nullable String runtime) {
        boolean isUsable = runtime != null && runtime.startsWith("/");
        return (isUsable ? runtime : System.getProperty("java.io.tmpdir")) + "/" + simple + ".sock";
    }

    @Override
    public String nameOf(Path path) {
        return PathNames.nameOf(path);
    }

    @Override
    public Path pathOf(String name) {
        return PathNames.pathOf(name);
    }
}
