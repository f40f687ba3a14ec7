/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** What is measured inside of one process, by JMH. */
@NullMarked
package io.panpipe.bench.jmh;

import org.jspecify.annotations.NullMarked;
