/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Pipes for code that waits: channels as in {@code java.nio.channels}, which block a thread, best a virtual one, and
 * futures of the same calls.
 *
 * <p>A {@link io.panpipe.channels.PipeChannel} is one end of a connection, a {@link
 * io.panpipe.channels.PipeServerChannel} accepts them, and a {@link io.panpipe.channels.LoopThread} runs the loop
 * behind them.
 *
 * <p>For programs that take a {@code java.net.Socket} and nothing else, {@link io.panpipe.channels.PipeSocket} and {@link
 * io.panpipe.channels.PipeServerSocket} are the same in other clothes, and {@link io.panpipe.channels.PipeSocketFactory}
 * is what JDBC drivers and HTTP clients are given.
 *
 * @since 0.1
 */
@NullMarked
package io.panpipe.channels;

import org.jspecify.annotations.NullMarked;
