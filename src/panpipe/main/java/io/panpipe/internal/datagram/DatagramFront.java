/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.datagram;

import io.panpipe.internal.loop.Failure;
import io.panpipe.internal.loop.HandleCore;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The public front of datagram sockets as the engine sees it: who calls the user back for what befalls one. One object without
 * state answers for all of them, as {@link io.panpipe.internal.loop.Front} does.
 */
public interface DatagramFront {

    /** Calls back for a datagram that was sent, or could not be. */
    void call(HandleCore udp, Object callback, @Nullable Failure failure);

    /** Calls back with a datagram and who sent it, or with an error. */
    void received(
            HandleCore udp,
            Object callback,
            @Nullable ByteBuffer data,
            @Nullable InetSocketAddress sender,
            @Nullable Failure failure);
}
