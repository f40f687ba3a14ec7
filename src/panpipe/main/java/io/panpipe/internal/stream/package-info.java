/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** One stream: reading, writing, connecting, accepting, copying, and handles on their way. */
@NullMarked
package io.panpipe.internal.stream;

import org.jspecify.annotations.NullMarked;
