/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.ToIntFunction;

/**
 * Which sockets of one protocol are bound to which ports.
 *
 * <p>The world's lock is held.
 */
final class PortTable<S> {

    /** What Linux picks from (net.ipv4.ip_local_port_range). */
    private static final int FIRST_PICKED = 32_768;

    private static final int PICKED_PORTS = 28_232;

    private record Entry<S>(S socket, Binding binding) {}

    private final Map<Integer, List<Entry<S>>> entries = new HashMap<>();
    private final BiPredicate<S, S> mayShare;
    private int next;

    /**
     * Makes the ports of a protocol.
     *
     * @param seed where picking begins, so that the numbers are neither always the same nor left to chance
     * @param mayShare whether a socket may be bound beside another one
     */
    PortTable(long seed, BiPredicate<S, S> mayShare) {
        next = (int) Math.floorMod(seed, (long) PICKED_PORTS);
        this.mayShare = mayShare;
    }

    /** Refuses a binding that another socket's is in the way of. */
    void check(S socket, Binding wanted, String call) throws KernelException {
        for (Entry<S> entry : at(wanted.port())) {
            if (entry.socket() != socket
                    && entry.binding().overlaps(wanted)
                    && !mayShare.test(socket, entry.socket())) {
                throw new KernelException(Fault.EADDRINUSE, 0, call);
            }
        }
    }

    void add(S socket, Binding binding) {
        entries.computeIfAbsent(binding.port(), port -> new ArrayList<>()).add(new Entry<>(socket, binding));
    }

    void remove(S socket, Binding binding) {
        List<Entry<S>> present = at(binding.port());
        present.removeIf(entry -> entry.socket() == socket);
        if (present.isEmpty()) {
            entries.remove(binding.port());
        }
    }

    /** Returns a port that nobody has. */
    int pick(Fault whenExhausted, String call) throws KernelException {
        for (int i = 0; i < PICKED_PORTS; i++) {
            int port = FIRST_PICKED + next;
            next = (next + 1) % PICKED_PORTS;
            if (!entries.containsKey(port)) {
                return port;
            }
        }
        throw new KernelException(whenExhausted, 0, call, "every port that the system picks from is taken");
    }

    private List<Entry<S>> at(int port) {
        return entries.getOrDefault(port, List.of());
    }

    /** Returns all that have a port, in the order in which they were bound. */
    List<S> all(InetAddress destination, int port) {
        List<S> all = new ArrayList<>();
        for (Entry<S> entry : at(port)) {
            if (entry.binding().match(destination) > 0) {
                all.add(entry.socket());
            }
        }
        return all;
    }

    /**
     * Returns those whose binding fits an address best, in the order in which they were bound.
     *
     * @param bonus what else speaks for a socket; negative if it is out of the question
     */
    List<S> best(InetAddress destination, int port, ToIntFunction<S> bonus) {
        List<S> best = new ArrayList<>();
        int highest = 1;
        for (Entry<S> entry : at(port)) {
            int match = entry.binding().match(destination);
            int extra = bonus.applyAsInt(entry.socket());
            if (match == 0 || extra < 0 || match + extra < highest) {
                continue;
            }
            if (match + extra > highest) {
                best.clear();
                highest = match + extra;
            }
            best.add(entry.socket());
        }
        return best;
    }
}
