/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

/**
 * What a loop has done since it was made.
 *
 * @param iterations turns of the loop
 * @param events readiness events that the operating system reported
 * @param idleNanos nanoseconds spent waiting for events, a wait that goes on included
 * @param lostWrites requests without a callback, such as writes, that failed because the other end was gone (EPIPE, ECONNRESET)
 * @since 0.1
 */
public record LoopMetrics(long iterations, long events, long idleNanos, long lostWrites) {}
