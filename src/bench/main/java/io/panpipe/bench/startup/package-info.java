/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Programs whose start is measured, from the start of the JVM to the first byte that came back. */
@NullMarked
package io.panpipe.bench.startup;

import org.jspecify.annotations.NullMarked;
