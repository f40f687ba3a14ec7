/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

/** Logs what nobody caught, and lets the loop go on: one broken connection must not end a server. */
final class DefaultExceptionHandler implements LoopExceptionHandler {

    static final LoopExceptionHandler INSTANCE = new DefaultExceptionHandler();

    private DefaultExceptionHandler() {}

    @Override
    public void uncaught(Loop loop, Throwable thrown) {
        String what = thrown instanceof PanpipeException
                ? "a request without a callback failed: " + thrown.getMessage()
                : "a callback or task threw";
        System.getLogger("io.panpipe").log(System.Logger.Level.ERROR, what, thrown);
    }
}
