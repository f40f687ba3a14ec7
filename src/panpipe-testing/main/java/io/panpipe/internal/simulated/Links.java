/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which connections have a {@link Link} of their own: those with a server, or those between two processes. */
final class Links {

    private record Entry(
            @Nullable String name, @Nullable SimulatedProcess one, @Nullable SimulatedProcess other, Link link) {

        private boolean joins(SimulatedProcess from, @Nullable SimulatedProcess to) {
            return one == from && other == to || one == to && other == from;
        }
    }

    /**
     * One connection: which link it has, also when that was asked for later.
     *
     * @param name the server's
     * @param from the process that has connected
     * @param to the server's process
     */
    record Route(Links links, String name, SimulatedProcess from, SimulatedProcess to) {

        Link link() {
            return links.find(name, from, to);
        }
    }

    private final List<Entry> entries = new ArrayList<>(0);

    /** Returns the way to ask for the link of a connection, as {@link #find} would now and later. */
    Route route(String name, SimulatedProcess from, SimulatedProcess to) {
        return new Route(this, name, from, to);
    }

    /** Returns the link of all connections with a server. */
    Link to(String name) {
        for (Entry entry : entries) {
            if (name.equals(entry.name())) {
                return entry.link();
            }
        }
        return add(name, null, null);
    }

    /** Returns the link of all connections between two processes. */
    Link between(SimulatedProcess one, SimulatedProcess other) {
        for (Entry entry : entries) {
            if (entry.name() == null && entry.joins(one, other)) {
                return entry.link();
            }
        }
        return add(null, one, other);
    }

    private Link add(@Nullable String name, @Nullable SimulatedProcess one, @Nullable SimulatedProcess other) {
        Link link = new Link();
        entries.add(new Entry(name, one, other, link));
        return link;
    }

    /** Returns the link of one connection: that with the server if there is one, else that of the two processes. */
    Link find(String name, SimulatedProcess from, @Nullable SimulatedProcess to) {
        Link found = Link.IMMEDIATE;
        for (Entry entry : entries) {
            if (name.equals(entry.name())) {
                return entry.link();
            }
            if (entry.name() == null && to != null && entry.joins(from, to)) {
                found = entry.link();
            }
        }
        return found;
    }
}
