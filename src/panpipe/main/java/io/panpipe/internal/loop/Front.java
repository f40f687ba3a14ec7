/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import java.io.IOException;

/**
 * The public front as the engine sees it: who enters the user's code, and has the user's words. The engine keeps the user's
 * callbacks as they are, without knowing their types, and gives them back here.
 *
 * <p>One object without state answers for all loops and handles, which it is given: so neither a handle nor a call costs an
 * object. What a callback throws is caught in here, and what it wrote is sent when it returns.
 */
public interface Front {

    /** Calls back about a handle: it is closed, its time has come, it was signalled. */
    void call(HandleCore handle, Object callback);

    /** Runs a task of the user's. */
    void run(LoopCore loop, Runnable task);

    /**
     * Hands what callbacks and tasks have thrown to the user's handler.
     *
     * @throws Exception what the handler throws
     */
    void uncaught(LoopCore loop, Object handler, Throwable thrown) throws Exception;

    /** Returns what users are shown of a failure: the same exception whenever it is asked for the same failure. */
    IOException shown(Failure failure);
}
