/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.Pipe;
import java.net.SocketAddress;
import java.util.Objects;

/**
 * The name of a pipe as an address: a path, an abstract name of Linux, or a name of Windows. {@link
 * java.net.UnixDomainSocketAddress} has words for the first of these alone.
 *
 * @since 0.1
 */
public final class PipeAddress extends SocketAddress {

    private static final long serialVersionUID = 1L;

    /** The name, as {@link Pipe} has it. */
    private final String name;

    private PipeAddress(String name) {
        this.name = name;
    }

    /**
     * Makes the address of a name.
     *
     * @param name the name, as {@link Pipe#bind} and {@link Pipe#connect} take it; empty for the end of a connection
     *     that has none
     * @return the address
     */
    public static PipeAddress of(String name) {
        return new PipeAddress(Objects.requireNonNull(name, "name"));
    }

    /**
     * Returns the name.
     *
     * @return the name; empty for an end that has none
     */
    public String name() {
        return name;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PipeAddress address && name.equals(address.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    /** Returns the name, in which an {@code @} stands for the NUL of an abstract one. */
    @Override
    public String toString() {
        return name.replace('\0', '@');
    }
}
