/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Receives datagrams.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface UdpReceiveCallback {

    /**
     * Called on the loop's thread for each datagram, and for each error, after which receiving goes on.
     *
     * @param udp the handle that received
     * @param data the datagram between position and limit, possibly empty: the loop's own memory, valid until this
     *     callback returns; null on an error
     * @param sender who sent it; null on an error
     * @param error null with a datagram; ECONNREFUSED when a connected handle's datagram found nobody; EMSGSIZE for a
     *     datagram of more than 64 KiB, which is lost
     * @throws Exception anything; it goes to the loop's uncaught-exception handler
     */
    void call(Udp udp, @Nullable ByteBuffer data, @Nullable InetSocketAddress sender, @Nullable PanpipeException error)
            throws Exception;
}
