/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** The contract between a handle and an operating system, in readiness and in numbers, without a public type. */
@NullMarked
package io.panpipe.internal.kernel;

import org.jspecify.annotations.NullMarked;
