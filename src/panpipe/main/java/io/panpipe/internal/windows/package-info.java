/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Windows: named pipes through kernel32, and an I/O completion port that looks like a selector. */
@NullMarked
package io.panpipe.internal.windows;

import org.jspecify.annotations.NullMarked;
