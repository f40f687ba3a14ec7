/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** The datagrams that a socket has not received yet: what comes when they fill the buffer is lost, as UDP has it. */
final class DatagramQueue {

    /** What Linux charges for a datagram beside its bytes, so that empty ones do not wait without end. */
    private static final int OVERHEAD = 768;

    /** One datagram; nobody changes the bytes. */
    record Datagram(InetSocketAddress sender, byte[] bytes) {

        private int charge() {
            return bytes.length + OVERHEAD;
        }
    }

    private final Deque<Datagram> waiting = new ArrayDeque<>(1);
    private long charged;

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Takes a datagram if what waits has left any room; so one fits into any buffer. */
    void offer(Datagram datagram, int capacity) {
        if (charged < capacity) {
            waiting.add(datagram);
            charged += datagram.charge();
        }
    }

    @Nullable Datagram poll() {
        Datagram oldest = waiting.poll();
        if (oldest != null) {
            charged -= oldest.charge();
        }
        return oldest;
    }
}
