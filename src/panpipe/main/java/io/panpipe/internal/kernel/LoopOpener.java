/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a room above io.panpipe makes a loop over a kernel of its own, for which the public API has no word: io.panpipe
 * leaves its constructor here, in the vocabulary of neither.
 */
public final class LoopOpener {

    /** A constructor of loops. */
    public interface Constructor<L> {

        /** Makes a loop of a kernel. */
        L open(Kernel kernel) throws IOException;
    }

    private static volatile @Nullable Constructor<?> constructor;

    private LoopOpener() {}

    /** Leaves the constructor, when the class of loops is initialised. */
    public static void install(Constructor<?> given) {
        constructor = given;
    }

    /**
     * Makes a loop.
     *
     * @param type the class of loops
     * @throws IOException what the constructor throws
     */
    public static <L> L open(Class<L> type, Kernel kernel) throws IOException {
        try {
            Class.forName(type.getName(), true, type.getClassLoader());
        } catch (ClassNotFoundException impossible) {
            throw new IllegalStateException(impossible);
        }
        return type.cast(Objects.requireNonNull(constructor, "no constructor was left").open(kernel));
    }
}
