/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import io.panpipe.ErrorCode;
import io.panpipe.LoopOptions;
import io.panpipe.Signal;
import io.panpipe.internal.kernel.Kernel;
import java.util.List;

/** A kernel under test, and the view from outside on its names and descriptors. */
public interface ContractKernel extends AutoCloseable {

    /** Returns the kernel. */
    Kernel kernel();

    /** Returns what the tests make their loops with. */
    default LoopOptions options() {
        return LoopOptions.defaults();
    }

    /** Tells whether the kernel has something that not every kernel has. */
    boolean has(Trait trait);

    /**
     * Returns what exceptions call a failed call.
     *
     * @param operation Unix's name of it, such as {@code connect}
     */
    default String call(String operation) {
        return operation;
    }

    /** Returns how a full backlog refuses a connect that does not wait, where it {@linkplain Trait#FULL_BACKLOG_FAILS does}. */
    default ErrorCode fullBacklog() {
        return ErrorCode.EAGAIN;
    }

    /** Returns a name that nothing else uses, in this run and in any other. */
    String freshName();

    /** Tells whether a write may be in flight when its pipe is closed, and is cancelled then. */
    boolean writesInFlight();

    /** Returns how many bytes a test of long streams moves: what this kernel moves in about a second. */
    long manyBytes();

    /** Tells whether something has a name. */
    boolean exists(String name);

    /** Returns the permission bits of a name that is a file. */
    default int mode(String name) {
        throw notAFile(name);
    }

    /** Makes a file that is no socket. */
    default void createFile(String name) {
        throw notAFile(name);
    }

    /** Removes a name that is a file from under whoever has it. */
    default void remove(String name) {
        throw notAFile(name);
    }

    /** Makes a name that is a file, whose server died without removing it. */
    default void leaveStale(String name) {
        throw notAFile(name);
    }

    private static UnsupportedOperationException notAFile(String name) {
        return new UnsupportedOperationException("names of this kernel are no files: " + name);
    }

    /**
     * Returns a signal besides TERM that a program can have. Not INT or HUP where there is another one: the JVM leaves them
     * ignored if it was started so, as jobs in the background of a script are.
     */
    default int secondSignal() {
        return Signal.USR1;
    }

    /** Sends a signal to this process, in a test that hears of it. */
    default void raise(int signal) {
        try {
            Class<?> type = Class.forName("sun.misc.Signal");
            String name = signal == Signal.TERM ? "TERM" : signal == Signal.INT ? "INT" : "USR1";
            type.getMethod("raise", type).invoke(null, type.getConstructor(String.class).newInstance(name));
        } catch (ReflectiveOperationException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** Notes which descriptors a test has open at its end, before they are closed. */
    void beforeClose(List<Long> descriptors);

    /** Fails if a descriptor or name of the test's is left. */
    void assertNothingLeft();

    @Override
    void close();
}
