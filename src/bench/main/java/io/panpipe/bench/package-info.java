/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Runs the benchmarks: servers in turns, statistics over the turns, and the report. */
@NullMarked
package io.panpipe.bench;

import org.jspecify.annotations.NullMarked;
