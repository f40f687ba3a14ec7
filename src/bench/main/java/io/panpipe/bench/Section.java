/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

/** The parts of a run, which can be asked for one by one. */
enum Section {
    WORKS,
    MEMORY,
    STARTUP,
    JMH
}
