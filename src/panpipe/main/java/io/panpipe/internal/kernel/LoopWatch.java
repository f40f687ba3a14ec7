/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

import java.nio.ByteBuffer;

/** Who watches over the use of a loop, in tests: what a real kernel would answer with corrupted data it reports. */
public interface LoopWatch {

    /** The loop begins to run. */
    void runBegins();

    /** A callback or task has returned. */
    void callbackEnded();

    /** A thread has used the loop that is not its own; that call is about to fail. */
    void calledFrom(Thread stranger, Thread owner);

    /**
     * A buffer was given to write. What some loop has read into is copied at once, and overwritten soon.
     *
     * @return to be run when the write is done: it checks that the bytes are what they were
     */
    Runnable writing(ByteBuffer data);

    /** Bytes that were written without a callback were thrown away by a close, which the text tells of. */
    void threwAway(String text);

    /**
     * The user is to be told something that no callback tells.
     *
     * @return whether it has been told hereby, and is not to be logged
     */
    boolean warned(String text);

    /** A request that had no callback has failed; the loop's exception handler is about to be told. */
    void failedUnclaimed(Throwable failure);
}
