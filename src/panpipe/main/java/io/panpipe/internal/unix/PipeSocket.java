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
import io.panpipe.internal.kernel.NameBytes;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Region;
import org.jspecify.annotations.Nullable;

/** A pipe on Unix: a stream socket of the family AF_UNIX. */
final class PipeSocket extends StreamSocket implements PipeChannel {

    /** Written by the loop's thread, and read by any. */
    private volatile @Nullable BoundPath boundPath;

    private @Nullable String localName;
    private @Nullable String peerName;

    PipeSocket(UnixSelector selector) {
        super(selector);
    }

    /** Takes an open socket. */
    PipeSocket(UnixSelector selector, int descriptor) {
        super(selector);
        opened(descriptor);
    }

    private void open() throws KernelException {
        if (fd() == NONE) {
            UnixSystem system = selector.system;
            opened(system.check(system.socket(selector.state, UnixSystem.AF_UNIX, UnixSystem.SOCK_STREAM), "socket"));
            system.enlargeBuffers(selector.state, selector.scratch, fd());
        }
    }

    @Override
    public void bind(String name, int mode, int options) throws KernelException {
        boolean isNew = fd() == NONE;
        open();
        try {
            if (name.isEmpty() || UnixAddress.isAbstract(name)) {
                try (UnixAddress address = UnixAddress.of(selector, name, "bind")) {
                    selector.system.check(address.bind(fd()), "bind");
                }
            } else {
                if (localName != null) {
                    throw new KernelException(Fault.EINVAL, 0, "bind", "it is bound already");
                }
                boundPath = BoundPath.bind(selector, fd(), name, mode, (options & REPLACE_STALE) != 0);
            }
            localName = name.isEmpty() ? UnixAddress.ask(selector, fd(), false) : name;
        } catch (KernelException refused) {
            if (isNew) {
                super.close();
            }
            throw asPathProblem(refused, name);
        }
    }

    /** A new name fails with ENOENT when its directory is missing, and where there cannot be such a name; say which. */
    private KernelException asPathProblem(KernelException refused, String name) {
        if (refused.fault() == Fault.ENOENT && refused.call().equals("bind") && refused.hint().isEmpty()) {
            return new KernelException(refused.fault(), refused.number(), refused.call(), whyMissing(name));
        }
        return refused;
    }

    private String whyMissing(String name) {
        if (name.endsWith("/")) {
            return "a socket's name does not end in a slash";
        }
        try {
            selector.system.status(selector.state, selector.scratch, BoundPath.parent(name));
        } catch (KernelException missing) {
            return "its directory does not exist";
        }
        return "its directory takes no such file";
    }

    @Override
    public boolean connect(String name) throws KernelException {
        return connect(name, false);
    }

    @Override
    public boolean connect(String name, boolean again) throws KernelException {
        if (name.isEmpty()) {
            throw new KernelException(Fault.EINVAL, 0, "connect", "the name is empty");
        }
        open();
        try (UnixAddress address = UnixAddress.of(selector, name, "connect")) {
            connecting(true);
            int result = selector.system.connected(address.connect(fd()));
            connecting(false);
            if (result < 0 && selector.system.fault(-result) == Fault.ECONNREFUSED) {
                if (again && selector.system.refusesWhenFull() && BoundPath.isBound(selector, name)) {
                    throw new KernelException(Fault.EAGAIN, -result, "connect");
                }
                throw selector.system.failure(result, "connect", whyRefused(name));
            }
            selector.system.check(result, "connect");
        }
        // Kept only where getpeername(2) would answer the alias of a long path, or nothing once the peer has gone.
        if (selector.system.forgetsPeers() || NameBytes.length(name) > selector.system.layouts().longestPath()) {
            peerName = name;
        }
        return true;
    }

    /** To connect to what is no socket is refused as if nobody listened (unix(7)). */
    private String whyRefused(String name) {
        String kind = UnixAddress.isAbstract(name) ? "" : BoundPath.kindOfNoSocket(selector, name, true);
        return kind.isEmpty() ? "" : "it is " + kind + ", not a socket";
    }

    @Override
    public @Nullable PipeChannel accept() throws KernelException {
        int accepted = acceptDescriptor();
        if (accepted == WOULD_BLOCK) {
            return null;
        }
        PipeSocket channel = new PipeSocket(selector, accepted);
        selector.system.enlargeBuffers(selector.state, selector.scratch, accepted);
        channel.localName = localName;
        return channel;
    }

    @Override
    public boolean isConnected() {
        try {
            UnixAddress.ask(selector, fd(), true);
            return true;
        } catch (KernelException unconnected) {
            return selector.system.wasConnected(unconnected.fault());
        }
    }

    @Override
    public String localName() throws KernelException {
        String known = localName;
        return known != null ? known : UnixAddress.ask(selector, fd(), false);
    }

    @Override
    public String peerName() throws KernelException {
        String known = peerName;
        if (known != null) {
            return known;
        }
        try {
            return UnixAddress.ask(selector, fd(), true);
        } catch (KernelException refused) {
            if (selector.system.wasConnected(refused.fault())) {
                return "";
            }
            throw refused;
        }
    }

    @Override
    public int writeWithHandles(Gather data, long[] descriptors, int count) throws KernelException {
        HandleMessages handles = selector.handles();
        int result = mayWait()
                ? sendSome(handles, data, descriptors, count)
                : doneOrBlocked(handles.send(fd(), data, descriptors, count), "sendmsg");
        if (result > 0) {
            selector.sent(this, result, descriptors, count);
        }
        return result;
    }

    /** Sends descriptors with what there certainly is room for: the control message takes its share. */
    private int sendSome(HandleMessages handles, Gather data, long[] descriptors, int count) throws KernelException {
        int room = selector.system.roomOfBlocking(selector.state, selector.scratch, fd());
        if (room == 0) {
            return WOULD_BLOCK;
        }
        int left = room - (int) handles.controlBytes(count);
        if (left <= 0) {
            throw new KernelException(Fault.EMSGSIZE, 0, "sendmsg", "the send buffer is too small for so many handles");
        }
        return doneOrBlocked(handles.sendSome(fd(), data, left, descriptors, count), "sendmsg");
    }

    @Override
    public int readWithHandles(Region into, int offset, int length, HandleInbox inbox) throws KernelException {
        return received(selector.handles().receive(fd(), into, offset, length, inbox), "recvmsg");
    }

    @Override
    public Credentials peerCredentials() throws KernelException {
        return selector.system.peerCredentials(selector.state, selector.scratch, fd());
    }

    @Override
    public void permissions(int mode) throws KernelException {
        BoundPath path = boundPath;
        if (path == null) {
            throw new KernelException(Fault.EINVAL, 0, "chmod", "this pipe has bound no path");
        }
        path.permissions(selector, mode);
    }

    @Override
    public void pendingInstances(int count) {
        // The backlog of listen(2) does this on Unix.
    }

    @Override
    public boolean releaseName() {
        BoundPath path = boundPath;
        if (path != null) {
            path.unlinkAnywhere();
        }
        return path != null;
    }

    @Override
    public long duplicate() throws KernelException {
        long copy = super.duplicate();
        BoundPath path = boundPath;
        if (path != null) {
            path.lend();
        }
        return copy;
    }

    @Override
    public void passed(boolean sent) {
        BoundPath path = boundPath;
        if (path != null) {
            path.passed(sent);
        }
    }

    @Override
    public void lose(boolean isOurs) {
        BoundPath path = boundPath;
        if (path != null && isOurs) {
            path.unlink(selector);
        } else {
            leaveName();
        }
        super.lose(isOurs);
    }

    /** Without the socket, the file's number may be a successor's soon. */
    @Override
    void displaced(int descriptor) {
        leaveName();
        super.displaced(descriptor);
    }

    @Override
    public long detach() throws KernelException {
        long given = super.detach();
        leaveName();
        return given;
    }

    private void leaveName() {
        BoundPath path = boundPath;
        if (path != null) {
            path.leave();
        }
    }

    @Override
    public void close() {
        BoundPath path = boundPath;
        if (path != null && fd() != NONE) {
            // Before close(2): a successor can bind only after the name is free, so it is never the successor's file.
            path.unlink(selector);
        }
        super.close();
    }
}
