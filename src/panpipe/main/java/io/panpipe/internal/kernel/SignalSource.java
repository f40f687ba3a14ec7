/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

/** Where a process hears of the signals that the system, or somebody, sends to it. */
public interface SignalSource {

    /**
     * Has somebody told of a signal whenever it arrives, in the place of what it would do by itself, until the registration
     * is closed. Several may hear of the same; all are told.
     *
     * @param number the system's own number
     * @param told called on whatever thread, soon after the signal; it must not throw nor wait
     * @throws IllegalArgumentException if there is no such signal here, or a program cannot have it
     * @throws UnsupportedOperationException if the JVM lacks what it takes
     */
    Registration hear(int number, Runnable told);

    /** What ends it. */
    interface Registration {

        /** Tells nobody any more; the last one for a signal gives it back what it did before. */
        void close();
    }
}
