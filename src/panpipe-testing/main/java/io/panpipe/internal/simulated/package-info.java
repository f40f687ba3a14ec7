/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The kernel that exists in memory only: the contract's second implementation, with virtual time and a seeded
 * scheduler.
 */
@NullMarked
package io.panpipe.internal.simulated;

import org.jspecify.annotations.NullMarked;
