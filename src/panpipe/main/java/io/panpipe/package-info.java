/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * An event loop with pipes, sockets and timers, driven by one thread and callbacks.
 *
 * <p>A {@link io.panpipe.Loop} runs handles: {@link io.panpipe.Pipe}, {@link io.panpipe.Tcp}, {@link io.panpipe.Udp},
 * {@link io.panpipe.Timer}, {@link io.panpipe.Async}. Who knows libuv, pyuv or Node will recognise everything here.
 *
 * @since 0.1
 */
@NullMarked
package io.panpipe;

import org.jspecify.annotations.NullMarked;
