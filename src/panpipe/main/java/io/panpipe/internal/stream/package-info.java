/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** What rooms above the public API need of a stream, and that API has no word for. */
@NullMarked
package io.panpipe.internal.stream;

import org.jspecify.annotations.NullMarked;
