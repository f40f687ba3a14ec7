/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** The servers that are compared: the same work, each as a tuned user of its library would write it. */
@NullMarked
package io.panpipe.bench.servers;

import org.jspecify.annotations.NullMarked;
