/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.datagram;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.UdpChannel;
import io.panpipe.internal.loop.Due;
import io.panpipe.internal.loop.Failure;
import io.panpipe.internal.loop.LoopCore;
import io.panpipe.internal.loop.WatchedWrite;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The datagrams that a UDP handle has still to send, in order, and the requests that are done and not told. */
final class UdpOutput implements Due.Sender {

    private final UdpCore udp;
    private final LoopCore loop;
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
            @Nullable Object callback) {}

    private record Done(@Nullable Object callback, @Nullable Failure failure) {}

    UdpOutput(UdpCore udp) {
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

    void add(ByteBuffer data, @Nullable InetSocketAddress to, Object callback) {
        Object told = WatchedWrite.of(loop, data, callback);
        ByteBuffer kept = data;
        int offset = data.position();
        if (!loop.buffers().borrows(data)) {
            // The loop's own receive buffer may be sent as it is, and is used again before a queued datagram leaves.
            kept = ByteBuffer.allocate(data.remaining()).put(0, data, offset, data.remaining());
            offset = 0;
        }
        // First what may fail for want of memory: the caller, who is told of it, must not find it sent.
        if (!noted) {
            loop.due().sendSoon(this);
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
                        ? Failure.of(unreadable, "sendto", udp.name())
                        : udp.failure(new KernelException(Fault.EFAULT, 0, "sendto",
                                "the buffer given to send can no longer be read: " + unreadable)));
            }
        }
    }

    /** Sends a datagram now, unless earlier ones are queued; returns its bytes. */
    int trySend(ByteBuffer data, InetSocketAddress to) throws KernelException {
        send();
        int taken = !queue.isEmpty()
                ? Channel.WOULD_BLOCK
                : udp.udpChannel().send(data, data.position(), data.remaining(), to);
        if (taken == Channel.WOULD_BLOCK) {
            throw new KernelException(Fault.EAGAIN, 0, "sendto");
        }
        sent += taken;
        return taken;
    }

    private void finish(@Nullable Failure failure) {
        Datagram sent = queue.remove();
        size -= sent.length;
        done.add(new Done(sent.callback, failure));
        udp.completeSoon();
    }

    /** Closing: tries once more, and fails the rest. */
    void cancel() {
        send();
        while (!queue.isEmpty()) {
            finish(Failure.of(Fault.ECANCELED, "sendto", udp.name()));
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
            Object told = WatchedWrite.toTell(loop, request.callback);
            if (told != null) {
                udp.front().call(udp, told, request.failure);
            } else if (request.failure != null) {
                loop.unclaimed(request.failure);
            }
        }
        if (holdsLoop && queue.isEmpty() && done.isEmpty()) {
            holdsLoop = false;
            loop.requests(-1);
        }
    }
}
