/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

/**
 * Receives what the callbacks and tasks of a loop throw, and failures that no callback was there to receive.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface LoopExceptionHandler {

    /**
     * Called on the loop's thread; the loop goes on when it returns.
     *
     * @param loop the loop
     * @param thrown what was thrown
     * @throws Exception to end {@link Loop#run()}, which then throws it, wrapped where it is a checked exception
     */
    void uncaught(Loop loop, Throwable thrown) throws Exception;
}
