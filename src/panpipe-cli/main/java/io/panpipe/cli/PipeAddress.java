/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

/**
 * A pipe's name.
 *
 * @param name as the library takes it
 */
record PipeAddress(String name) implements Address {

    @Override
    public String toString() {
        return PipeNames.printable(name);
    }
}
