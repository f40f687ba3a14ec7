/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.startup;

/** The start of the JVM alone. */
public final class Empty {

    private Empty() {}

    /**
     * Does nothing.
     *
     * @param args not looked at
     */
    public static void main(String[] args) {}
}
