/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** macOS: kqueue, and what the BSDs have otherwise than Linux. A further BSD would be another system of this room. */
@NullMarked
package io.panpipe.internal.bsd;

import org.jspecify.annotations.NullMarked;
