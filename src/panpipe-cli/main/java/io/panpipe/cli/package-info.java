/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** The {@code panpipe} command: what {@code nc -U} and {@code socat} do for Unix domain sockets, with this library. */
@NullMarked
package io.panpipe.cli;

import org.jspecify.annotations.NullMarked;
