/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Region;
import org.jspecify.annotations.Nullable;

/** A named pipe as a channel: a name that listens, or one end of a connection. */
final class NamedPipeChannel extends WindowsChannel {

    private static final int NONE = -1;

    /** As long as libuv waits where the server has no instance free. */
    private static final long BUSY_PATIENCE_NANOS = 30_000_000_000L;

    private static final int DEFAULT_INSTANCES = 4;

    private @Nullable PipeListener server;
    private @Nullable PipeConnection connection;
    private @Nullable String sddl;
    private int instances = DEFAULT_INSTANCES;
    private String localName = "";
    private String peerName = "";
    private boolean carriesHandles;
    private int wanted;
    private int ready;

    NamedPipeChannel(WindowsSelector selector) {
        super(selector);
    }

    private PipeConnection connection(String call) throws KernelException {
        PipeConnection present = connection;
        if (present == null || present.isClosed()) {
            throw new KernelException(Fault.ENOTCONN, 0, call);
        }
        return present;
    }

    // Readiness.

    @Override
    public void interest(int operations) {
        wanted = operations;
        if (wanted != 0) {
            selector.ask(this);
        }
    }

    @Override
    void findReady() {
        if ((wanted & ACCEPT) != 0 && server != null) {
            server.recover();
            ready |= server.isReady() ? ACCEPT : 0;
        }
        PipeConnection present = connection;
        if (present != null && !present.isClosed()) {
            ready |= present.ready(wanted);
        }
        if ((ready & wanted) != 0) {
            selector.enqueue(this);
        }
    }

    /** There is something to read. */
    void hasInput() {
        noteReady(connection != null && connection.awaitsPeer() ? READ | WRITE : READ);
    }

    /** A client waits to be accepted. */
    void hasClient() {
        noteReady(ACCEPT);
    }

    private void noteReady(int operations) {
        ready |= operations;
        if ((wanted & operations) != 0) {
            selector.enqueue(this);
        }
    }

    /** Writes in flight have ended. */
    void landed() {
        selector.enqueue(this);
    }

    @Override
    void dispatch() {
        PipeConnection present = connection;
        if (present != null && present.hasReport()) {
            present.report(listener());
        }
        if (present != null) {
            present.finishEnd();
        }
        int now = ready & wanted;
        ready = 0;
        if (now != 0) {
            listener().ready(now);
        }
        if (wanted != 0) {
            selector.ask(this);
        }
    }

    // Beginning.

    @Override
    public void pendingInstances(int count) {
        instances = count;
        if (server != null) {
            server.instances(count);
        }
    }

    @Override
    public void securityDescriptor(String text) {
        sddl = text;
    }

    @Override
    public void carryHandles() {
        carriesHandles = true;
        if (connection != null) {
            connection.useFrames();
        }
    }

    /** Names vanish with their servers, so there is never a stale one to replace. */
    @Override
    public void bind(String name, int mode, int options) throws KernelException {
        if (server != null || connection != null) {
            throw new KernelException(Fault.EINVAL, 0, "bind", "this pipe is in use already");
        }
        String own = name.isEmpty() ? selector.uniqueName() : name;
        String known = PipeName.checked(own, "bind");
        String descriptor = sddl != null ? sddl : selector.security().ofMode(mode);
        server = new PipeListener(this, known, instances, descriptor);
        localName = own;
    }

    @Override
    public void listen(int backlog) throws KernelException {
        PipeListener bound = server;
        if (bound == null) {
            throw new KernelException(Fault.EINVAL, 0, "listen", "a pipe listens under the name that it has bound");
        }
        bound.listen(backlog);
    }

    @Override
    public @Nullable PipeChannel accept() throws KernelException {
        PipeListener listening = server;
        PipeHandle client = listening == null ? null : listening.accept();
        if (client == null) {
            return null;
        }
        NamedPipeChannel accepted = new NamedPipeChannel(selector);
        accepted.accepted(client, localName);
        return accepted;
    }

    @Override
    public boolean connect(String name) throws KernelException {
        if (server != null) {
            // libuv answers the same (uv_pipe_connect2).
            throw new KernelException(Fault.EINVAL, 0, "connect",
                    "a pipe that has bound a name is a server: connect with another one");
        }
        if (connection != null) {
            throw new KernelException(Fault.EISCONN, 0, "connect");
        }
        connection = PipeClient.open(this, PipeName.checked(name, "connect"));
        peerName = name;
        if (carriesHandles) {
            connection.useFrames();
        }
        return true;
    }

    @Override
    public long busyPatience() {
        return BUSY_PATIENCE_NANOS;
    }

    /** Becomes the server's end of a connection. */
    void accepted(PipeHandle handle, String local) throws KernelException {
        try {
            connection = new PipeConnection(this, handle, true, true, true);
        } catch (KernelException refused) {
            handle.close();
            throw refused;
        }
        connected(local, "");
    }

    /** Becomes an end of a connection that exists. */
    void connected(PipeConnection existing) {
        connection = existing;
    }

    void connected(String local, String peer) {
        localName = local;
        peerName = peer;
    }

    // What there is.

    @Override
    public boolean isConnected() {
        return connection != null && !connection.isClosed();
    }

    @Override
    public boolean readable() {
        return connection != null && connection.readable;
    }

    @Override
    public boolean writable() {
        return connection != null && connection.writable;
    }

    @Override
    public long descriptor() {
        PipeConnection present = connection;
        if (present != null) {
            return present.isClosed() ? NONE : present.handle.value;
        }
        return server == null ? NONE : server.handle();
    }

    @Override
    public String localName() {
        return localName;
    }

    @Override
    public String peerName() throws KernelException {
        connection("peerName");
        return peerName;
    }

    @Override
    public Credentials peerCredentials() throws KernelException {
        return connection("peerCredentials").peer();
    }

    @Override
    public void permissions(int mode) throws KernelException {
        PipeListener bound = server;
        if (bound == null) {
            throw new KernelException(Fault.EINVAL, 0, "chmod", "this pipe has bound no name");
        }
        bound.security(selector.security().ofMode(mode));
    }

    // Moving bytes.

    @Override
    public int read(Region into, int offset, int length) throws KernelException {
        return connection("read").read(into.address() + offset, length, null);
    }

    @Override
    public int write(Gather data) throws KernelException {
        return data.total() == 0 ? 0 : connection("write").write(data);
    }

    @Override
    public int writeWithHandles(Gather data, long[] descriptors, int count) throws KernelException {
        return connection("write").write(data, descriptors, count);
    }

    @Override
    public int readWithHandles(Region into, int offset, int length, HandleInbox inbox) throws KernelException {
        inbox.clear();
        return connection("read").read(into.address() + offset, length, inbox);
    }

    // Ending.

    @Override
    public boolean halfCloses() {
        return connection != null && connection.hasMessages();
    }

    @Override
    public void shutdownOutput() throws KernelException {
        PipeConnection present = connection("shutdown");
        if (present.hasMessages()) {
            present.endMessages();
        } else {
            super.shutdownOutput();
        }
    }

    @Override
    public long detach() throws KernelException {
        if (server != null) {
            throw new KernelException(Fault.ENOTSUP, 0, "detach", "a name that listens is several pipes");
        }
        PipeConnection present = connection("detach");
        wanted = 0;
        return present.release();
    }

    @Override
    public long duplicate() throws KernelException {
        if (server != null) {
            throw new KernelException(Fault.ENOTSUP, 0, "duplicate", "a name that listens is several pipes");
        }
        return connection("duplicate").duplicate();
    }

    @Override
    public void close() {
        wanted = 0;
        ready = 0;
        if (server != null) {
            server.close();
        }
        if (connection != null) {
            connection.close();
        }
    }
}
