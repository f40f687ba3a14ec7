/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.HandleKind;

/** A file that no channel can drive, but that has descriptors and can be sent. */
final class PlainFile extends OpenFile {

    @Override
    HandleKind kind() {
        return HandleKind.OTHER;
    }

    @Override
    String description() {
        return "a file";
    }

    @Override
    void closed() {
        // Nothing depends on it.
    }
}
