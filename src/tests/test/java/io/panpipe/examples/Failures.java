/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** How a test looks at what has failed. */
final class Failures {

    private Failures() {}

    /** Returns why something failed that is over by now. */
    static IOException of(CompletableFuture<?> future) {
        assertTrue(future.isDone(), "still waiting");
        return assertInstanceOf(IOException.class, assertThrows(CompletionException.class, future::join).getCause());
    }
}
