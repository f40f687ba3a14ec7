/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** Requires Panpipe as any modular program does: nothing about JUnit. */
module consumer {
    requires io.panpipe;
}
