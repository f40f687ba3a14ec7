/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

/**
 * How long {@link Loop#run(RunMode)} goes on.
 *
 * @since 0.1
 */
public enum RunMode {
    /** Turn after turn, until nothing keeps the loop alive or {@link Loop#stop} is called. */
    DEFAULT,

    /** One turn, which waits for an event if there is nothing to do yet. */
    ONCE,

    /** One turn that does what can be done now and waits for nothing. */
    NOWAIT
}
