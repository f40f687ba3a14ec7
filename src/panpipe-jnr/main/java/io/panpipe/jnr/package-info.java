/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Moves sockets between jnr-unixsocket and a loop, for programs that go over from the one to the other call by call.
 *
 * <p>A jar and module of its own, for those who have jnr-unixsocket already.
 *
 * @since 0.1
 */
@NullMarked
package io.panpipe.jnr;

import org.jspecify.annotations.NullMarked;
