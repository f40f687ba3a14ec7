/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** What every Unix shares: sockets, their addresses, descriptors handed in from elsewhere, and who the peer is. */
@NullMarked
package io.panpipe.internal.unix;

import org.jspecify.annotations.NullMarked;
