/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Tests of code that uses pipes, without sockets, threads or sleep: a simulated machine with virtual time, in which
 * every run of a seed is the same, and faults happen when a test says so.
 */
@NullMarked
package io.panpipe.testing;

import org.jspecify.annotations.NullMarked;
