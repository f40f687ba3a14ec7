/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** One datagram socket: what is received, and what has still to be sent. */
@NullMarked
package io.panpipe.internal.datagram;

import org.jspecify.annotations.NullMarked;
