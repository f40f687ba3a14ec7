/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.UdpChannel;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The datagrams that a UDP handle has still to send, in order, and the requests that are done and not told. */
final class UdpOutput implements Flushed {

    private final Udp udp;
    private final Loop loop;
    private final ArrayDeque<Datagram> queue = new ArrayDeque<>();
    private final ArrayDeque<Done> done = new ArrayDeque<>();
    private long size;
    private long sent;
    private boolean noted;
    private boolean blocked;
    private boolean holdsLoop;

    private record Datagram(
            ByteBuffer data,
            int offset,
            int length,
            @Nullable InetSocketAddress to,
            @Nullable StreamCallback<? super Udp> callback) {}

    private record Done(@Nullable StreamCallback<? super Udp> callback, @Nullable PanpipeException error) {}

    UdpOutput(Udp udp) {
        this.udp = udp;
        loop = udp.loop();
    }

    long size() {
        return size;
    }

    /** Tells whether datagrams are queued, of whatever size. */
    boolean isQueued() {
        return !queue.isEmpty();
    }

    /** Returns how many bytes the system has taken. */
    long sent() {
        return sent;
    }

    boolean isBusy() {
        return holdsLoop;
    }

    void add(ByteBuffer data, @Nullable InetSocketAddress to, StreamCallback<? super Udp> callback) {
        StreamCallback<? super Udp> told = WatchedWrite.of(loop, data, callback);
        ByteBuffer kept = data;
        int offset = data.position();
        if (!loop.buffers().borrows(data)) {
            // The loop's own receive buffer may be sent as it is, and is used again before a queued datagram leaves.
            kept = ByteBuffer.allocate(data.remaining()).put(0, data, offset, data.remaining());
            offset = 0;
        }
        // First what may fail for want of memory: the caller, who is told of it, must not find it sent.
        if (!noted) {
            loop.buffers().sendSoon(this);
            noted = true;
        }
        queue.add(new Datagram(kept, offset, data.remaining(), to, told));
        size += data.remaining();
        hold();
    }

    @Override
    public void sendNoted() {
        noted = false;
        if (!blocked) {
            send();
        }
    }

    /** The channel can be written. */
    void ready() {
        blocked = false;
        send();
        if (!blocked) {
            udp.removeInterest(Channel.WRITE);
        }
    }

    /** Sends what the system takes now. A datagram that it refuses does not hold up those behind it. */
    void send() {
        for (Datagram next = queue.peek(); next != null; next = queue.peek()) {
            try {
                UdpChannel channel = udp.udpChannel();
                if (channel.send(next.data, next.offset, next.length, next.to) == Channel.WOULD_BLOCK) {
                    udp.addInterest(Channel.WRITE);
                    blocked = true;
                    return;
                }
                sent += next.length;
                finish(null);
            } catch (KernelException refused) {
                finish(udp.failure(refused));
            } catch (RuntimeException | Error unreadable) {
                // A buffer whose limit was lowered, or over a file that was truncated under its mapping, since it was given to
                // send; or no memory.
                finish(unreadable instanceof OutOfMemoryError
                        ? PanpipeException.of(unreadable, "sendto", udp.name())
                        : new PanpipeException(ErrorCode.EFAULT, "sendto", udp.name(),
                                "the buffer given to send can no longer be read: " + unreadable));
            }
        }
    }

    /** Sends a datagram now, unless earlier ones are queued; returns its bytes. */
    int trySend(ByteBuffer data, InetSocketAddress to) throws PanpipeException {
        send();
        try {
            int taken = !queue.isEmpty()
                    ? Channel.WOULD_BLOCK
                    : udp.udpChannel().send(data, data.position(), data.remaining(), to);
            if (taken == Channel.WOULD_BLOCK) {
                throw PanpipeException.of(Fault.EAGAIN, "sendto", udp.name()).traced();
            }
            sent += taken;
            return taken;
        } catch (KernelException refused) {
            throw udp.failure(refused).traced();
        }
    }

    private void finish(@Nullable PanpipeException error) {
        Datagram sent = queue.remove();
        size -= sent.length;
        done.add(new Done(sent.callback, error));
        udp.completeSoon();
    }

    /** Closing: tries once more, and fails the rest. */
    void cancel() {
        send();
        while (!queue.isEmpty()) {
            finish(PanpipeException.of(Fault.ECANCELED, "sendto", udp.name()));
        }
    }

    private void hold() {
        if (!holdsLoop) {
            holdsLoop = true;
            loop.requests(1);
        }
    }

    void tell() {
        for (int left = done.size(); left > 0; left--) {
            Done request = done.remove();
            if (request.callback != null) {
                loop.callbacks.call(request.callback, udp, request.error);
            } else if (request.error != null && request.error.code() != ErrorCode.ECANCELED) {
                loop.callbacks.unclaimed(request.error);
            }
        }
        if (holdsLoop && queue.isEmpty() && done.isEmpty()) {
            holdsLoop = false;
            loop.requests(-1);
        }
    }
}
