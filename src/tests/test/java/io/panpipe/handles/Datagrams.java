/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.panpipe.PanpipeException;
import io.panpipe.Udp;
import io.panpipe.UdpReceiveCallback;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A receive callback that keeps what comes. */
final class Datagrams implements UdpReceiveCallback {

    private final List<byte[]> data = new ArrayList<>();
    private final List<InetSocketAddress> senders = new ArrayList<>();
    private final List<String> errors = new ArrayList<>();

    @Override
    public void call(Udp udp, ByteBuffer datagram, InetSocketAddress sender, PanpipeException error) {
        if (error != null) {
            assertNull(datagram);
            assertNull(sender);
            errors.add(error.code().name());
            return;
        }
        assertNotNull(sender);
        byte[] copy = new byte[datagram.remaining()];
        datagram.get(copy);
        data.add(copy);
        senders.add(sender);
    }

    int count() {
        return data.size();
    }

    byte[] get(int index) {
        return data.get(index);
    }

    List<String> texts() {
        return data.stream().map(bytes -> new String(bytes, StandardCharsets.UTF_8)).toList();
    }

    List<InetSocketAddress> senders() {
        return senders;
    }

    List<String> errors() {
        return errors;
    }
}
