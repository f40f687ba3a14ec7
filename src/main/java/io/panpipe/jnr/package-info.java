/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Moves sockets between jnr-unixsocket and a loop, for programs that go over from the one to the other call by call.
 *
 * <p>jnr-unixsocket is an optional dependency, for this package alone: whoever uses it has it already.
 *
 * @since 0.1
 */
@NullMarked
package io.panpipe.jnr;

import org.jspecify.annotations.NullMarked;
