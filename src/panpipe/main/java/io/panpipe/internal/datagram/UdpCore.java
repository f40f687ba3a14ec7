/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.datagram;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.UdpChannel;
import io.panpipe.internal.loop.ChannelCore;
import io.panpipe.internal.loop.LoopCore;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A datagram socket: what it is at the moment, and the order in which its parts are told, completed and closed. */
public final class UdpCore extends ChannelCore implements ChannelListener {

    private final DatagramFront front;
    private final UdpInput input = new UdpInput(this);
    private final UdpOutput output = new UdpOutput(this);
    private String name = "";

    public UdpCore(LoopCore loop, Object handle, DatagramFront front) {
        super(loop, handle);
        this.front = front;
    }

    /** Returns who calls the user back. */
    DatagramFront front() {
        return front;
    }

    @Override
    public void ready(int operations) {
        if ((operations & Channel.READ) != 0) {
            input.receive();
        }
        if ((operations & Channel.WRITE) != 0 && !isClosing()) {
            output.ready();
        }
    }

    @Override
    public String name() {
        return name;
    }

    /** Changes the name for error messages. */
    public void rename(String next) {
        name = next;
    }

    /** Returns the channel, made if there is none. */
    public UdpChannel udpChannel() throws KernelException {
        Channel present = channelOrNull();
        if (present == null) {
            UdpChannel fresh = loop().selector().newUdp();
            channel(fresh, this);
            return fresh;
        }
        return (UdpChannel) present;
    }

    /** Takes the channel of a socket that was open already. */
    public void adopt(UdpChannel adopted) {
        channel(adopted, this);
    }

    /** Tells whether it has a socket. */
    public boolean hasSocket() {
        Channel present = channelOrNull();
        return present != null && present.descriptor() != -1;
    }

    /** Receives from now on, by a socket that there has to be. */
    public void startReceiving(Object callback) throws KernelException {
        input.start(callback);
    }

    public void stopReceiving() {
        input.stop();
    }

    /** Sends a datagram, soon; to where the socket is connected if {@code to} is null. */
    public void send(ByteBuffer data, @Nullable InetSocketAddress to, Object callback) {
        output.add(data, to, callback);
    }

    /** Sends a datagram at once, or not at all: EAGAIN. Returns its bytes. */
    public int trySend(ByteBuffer data, InetSocketAddress to) throws KernelException {
        return output.trySend(data, to);
    }

    /** Returns how many bytes are queued. */
    public long sendQueueSize() {
        return output.size();
    }

    @Override
    public boolean isActive() {
        return super.isActive() || output.isBusy();
    }

    @Override
    protected void describe(List<String> facts) {
        describeDescriptor(facts);
        facts.add(input.isStarted() ? "receiving" : "not receiving");
        if (output.isBusy()) {
            facts.add(output.size() + " bytes queued");
        }
        facts.add("received " + bytesRead() + " and sent " + bytesWritten() + " bytes");
    }

    @Override
    protected long bytesRead() {
        return input.received();
    }

    @Override
    protected long bytesWritten() {
        return output.sent();
    }

    @Override
    protected void checkDetachable() {
        if (output.isQueued()) {
            throw new IllegalStateException(this + " has queued datagrams: wait for their callbacks");
        }
    }

    @Override
    protected void tellDone() {
        output.tell();
    }

    @Override
    protected boolean release() {
        input.stop();
        output.cancel();
        closeChannel(false);
        return true;
    }

    @Override
    protected void finishRequests() {
        runCompletions();
    }
}
