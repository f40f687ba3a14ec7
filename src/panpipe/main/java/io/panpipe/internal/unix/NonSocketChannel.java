/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Region;

/** A FIFO, an anonymous pipe or a terminal: what only sockets can do, it refuses. */
abstract class NonSocketChannel extends UnixChannel implements PipeChannel {

    private final boolean readable;
    private final boolean writable;

    NonSocketChannel(UnixSelector selector, boolean readable, boolean writable) {
        super(selector);
        this.readable = readable;
        this.writable = writable;
    }

    private static KernelException notSocket(String call) {
        return new KernelException(Fault.ENOTSOCK, 0, call, "the descriptor is a FIFO, an anonymous pipe or a terminal");
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public boolean writesInFlight() {
        return false;
    }

    @Override
    public int writeWithHandles(Gather data, long[] descriptors, int count) throws KernelException {
        throw new KernelException(Fault.ENOTSUP, 0, "sendmsg", "only a socket carries handles");
    }

    @Override
    public int readWithHandles(Region into, int offset, int length, HandleInbox inbox) throws KernelException {
        inbox.clear();
        return read(into, offset, length);
    }

    @Override
    public boolean readable() {
        return readable;
    }

    @Override
    public boolean writable() {
        return writable;
    }

    @Override
    public void bind(String name, int mode, int options) throws KernelException {
        throw notSocket("bind");
    }

    @Override
    public void listen(int backlog) throws KernelException {
        throw notSocket("listen");
    }

    @Override
    public boolean connect(String name) throws KernelException {
        throw notSocket("connect");
    }

    @Override
    public void finishConnect() throws KernelException {
        throw notSocket("connect");
    }

    @Override
    public PipeChannel accept() throws KernelException {
        throw notSocket("accept");
    }

    @Override
    public void shutdownOutput() throws KernelException {
        throw notSocket("shutdown");
    }

    @Override
    public String localName() throws KernelException {
        throw notSocket("getsockname");
    }

    @Override
    public String peerName() throws KernelException {
        throw notSocket("getpeername");
    }

    @Override
    public Credentials peerCredentials() throws KernelException {
        throw notSocket("peerCredentials");
    }

    @Override
    public void permissions(int mode) throws KernelException {
        throw notSocket("chmod");
    }

    @Override
    public void pendingInstances(int count) {
        // Nothing waits for clients here.
    }
}
