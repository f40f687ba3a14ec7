/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

/**
 * Called about a handle: it has closed, its timer is due, its queue has drained.
 *
 * @param <H> the kind of handle
 * @since 0.1
 */
@FunctionalInterface
public interface HandleCallback<H> {

    /**
     * Called on the loop's thread, never inside the call that asked for it.
     *
     * @param handle the handle it is about
     * @throws Exception anything; it goes to the loop's uncaught-exception handler
     */
    void call(H handle) throws Exception;
}
