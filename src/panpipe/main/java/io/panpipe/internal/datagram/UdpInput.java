/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.datagram;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.UdpChannel;
import io.panpipe.internal.loop.Failure;
import io.panpipe.internal.loop.LoopBuffers;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Receives what a ready UDP handle has and calls back, datagram by datagram, as long as the callback wants. */
final class UdpInput {

    /** Datagrams per turn, so that a fast sender starves nobody. */
    private static final int RECEIVES = 32;

    private final UdpCore udp;
    private @Nullable Object callback;
    private long received;

    UdpInput(UdpCore udp) {
        this.udp = udp;
    }

    boolean isStarted() {
        return callback != null;
    }

    /** Returns how many bytes have come, without those of datagrams that were too long. */
    long received() {
        return received;
    }

    void start(Object told) throws KernelException {
        if (isStarted()) {
            throw new IllegalStateException(udp + " receives already: call stopRecv first");
        }
        udp.addInterest(Channel.READ);
        callback = told;
        udp.setActive(true);
    }

    void stop() {
        if (isStarted()) {
            callback = null;
            udp.removeInterest(Channel.READ);
            udp.setActive(false);
        }
    }

    void receive() {
        LoopBuffers buffers = udp.loop().buffers();
        Region region = buffers.readRegion();
        UdpChannel.Arrival arrival = buffers.arrival();
        for (int i = 0; i < RECEIVES && callback != null; i++) {
            int bytes;
            try {
                bytes = udp.udpChannel().receive(region, 0, LoopBuffers.READ_SIZE, arrival);
            } catch (KernelException refused) {
                Object told = callback;
                if (refused.fault() == Fault.EBADF) {
                    // Closed behind its handle: nothing comes any more.
                    stop();
                }
                tell(told, null, null, udp.failure(refused));
                continue;
            } catch (RuntimeException | Error thrown) {
                tell(callback, null, null, Failure.of(thrown, "recvfrom", udp.name()));
                return;
            }
            if (bytes == Channel.WOULD_BLOCK) {
                return;
            }
            if (arrival.isTruncated()) {
                tell(callback, null, null, Failure.of(Fault.EMSGSIZE, "recvfrom", udp.name()));
            } else {
                received += bytes;
                tell(callback, buffers.readView(bytes), arrival.sender(), null);
            }
        }
    }

    private void tell(
            @Nullable Object told,
            @Nullable ByteBuffer data,
            @Nullable InetSocketAddress sender,
            @Nullable Failure failure) {
        if (told != null) {
            udp.front().received(udp, told, data, sender, failure);
        }
    }
}
