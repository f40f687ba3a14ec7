/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Picks the kernel of the running system: the one room that knows all of them. */
@NullMarked
package io.panpipe.internal.platform;

import org.jspecify.annotations.NullMarked;
