/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import io.panpipe.internal.kernel.Kernel;
import java.util.List;

/** A kernel under test, and the view from outside on its names and descriptors. */
public interface ContractKernel extends AutoCloseable {

    /** Returns the kernel. */
    Kernel kernel();

    /** Returns a name that nothing else uses, in this run and in any other. */
    String freshName();

    /** Tells whether a write may be in flight when its pipe is closed, and is cancelled then. */
    boolean writesInFlight();

    /** Returns how many bytes a test of long streams moves: what this kernel moves in about a second. */
    long manyBytes();

    /** Tells whether something has a name. */
    boolean exists(String name);

    /** Returns the permission bits of a name. */
    int mode(String name);

    /** Makes a file that is no socket. */
    void createFile(String name);

    /** Removes a name from under whoever has it. */
    void remove(String name);

    /** Makes a name whose server died without removing it. */
    void leaveStale(String name);

    /** Notes which descriptors a test has open at its end, before they are closed. */
    void beforeClose(List<Long> descriptors);

    /** Fails if a descriptor or name of the test's is left. */
    void assertNothingLeft();

    @Override
    void close();
}
