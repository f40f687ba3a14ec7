/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.bsd;

import io.panpipe.internal.ffi.NativeAccess;
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.unix.PathNames;
import java.nio.file.Path;

/** A kernel with kqueue: the factory of its selectors. Which system it is, is not asked of the JVM but said by who makes it. */
public final class BsdKernel implements Kernel {

    private final BsdSystem system;

    private BsdKernel(BsdSystem system) {
        this.system = system;
    }

    /** Returns the kernel of macOS. */
    public static BsdKernel macos() {
        return new BsdKernel(MacSystem.INSTANCE);
    }

    @Override
    public String name() {
        return system.name();
    }

    @Override
    public Selector openSelector() throws KernelException {
        NativeAccess.require();
        return BsdSelector.open(system);
    }

    @Override
    public long nanoTime() {
        // As the time of kevent(2), it stands still while the machine sleeps.
        return System.nanoTime();
    }

    @Override
    public boolean blocksThread() {
        return true;
    }

    @Override
    public String portableName(String simple) {
        // macOS gives each user a directory of his own for this, /var/folders/.../T/.
        String directory = System.getProperty("java.io.tmpdir");
        return directory + (directory.endsWith("/") ? "" : "/") + simple + ".sock";
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
