/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An operating system as a loop sees it: where selectors come from, and what time it is.
 *
 * <p>One instance serves every loop of the process, from any thread. All that a loop does happens through the
 * {@link Selector} it opens here; a kernel itself keeps no per-loop state.
 */
public interface Kernel {

    /** Returns the short name that messages and documents use: {@code linux}, {@code simulated}. */
    String name();

    /**
     * Opens the selector of one loop, with the loop's memory.
     *
     * @throws KernelException if the system refuses the descriptors it needs (EMFILE, ENFILE) or the memory
     */
    Selector openSelector() throws KernelException;

    /** Returns the time of this kernel's monotonic clock in nanoseconds; virtual where the kernel is simulated. */
    long nanoTime();

    /**
     * Tells whether {@link Selector#select} may block its thread inside native code, where a virtual thread would pin
     * its carrier.
     */
    boolean blocksThread();

    /** Returns the name of a pipe with a path, down to what the path's text does not tell. */
    default String nameOf(Path path) {
        return path.toString();
    }

    /**
     * Returns the path that a name stands for.
     *
     * @throws InvalidPathException if no path is so named
     */
    default Path pathOf(String name) {
        return Path.of(name);
    }

    /** Returns the signals to this process, or null if they are the JVM's to tell. */
    default @Nullable SignalSource signals() {
        return null;
    }

    /** Turns a simple name such as {@code demo} into a pipe name that this system can bind. */
    String portableName(String simple);
}
