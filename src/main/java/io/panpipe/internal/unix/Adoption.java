/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;

/**
 * Decides how a descriptor that came from elsewhere is driven without ever blocking on it, and without touching its
 * blocking mode, which all holders of the same open file share.
 */
final class Adoption {

    private static final int F_GETFL = 3;
    private static final int ACCESS_MODE = 3;
    private static final int READ_ONLY = 0;
    private static final int WRITE_ONLY = 1;

    private final UnixSelector selector;
    private final UnixSystem system;
    private final CallState state;
    private final int fd;
    private final int flags;

    private Adoption(UnixSelector selector, int fd) throws KernelException {
        this.selector = selector;
        system = selector.system;
        state = selector.state;
        this.fd = fd;
        flags = system.check(UnixCalls.fcntl(state, fd, F_GETFL, 0), "fcntl");
    }

    static PipeChannel adopt(UnixSelector selector, int fd) throws KernelException {
        Adoption adoption = new Adoption(selector, fd);
        FileStatus status = selector.system.status(selector.state, selector.scratch, fd);
        if (status.isSocket()) {
            return adoption.socket();
        }
        if (status.isFifo() || status.isCharacterDevice() && UnixCalls.isTerminal(selector.state, fd)) {
            return adoption.file(status);
        }
        throw new KernelException(Fault.EINVAL, 0, "open",
                "descriptor " + fd + " is " + status.kind() + "; a pipe handle takes stream sockets, FIFOs, anonymous"
                        + " pipes and terminals");
    }

    private PipeChannel socket() throws KernelException {
        UnixSystem.Numbers numbers = system.numbers();
        int type = UnixChannel.option(selector, fd, numbers.soType());
        int domain = UnixChannel.option(selector, fd, numbers.soDomain());
        if (type != UnixSystem.SOCK_STREAM || domain != UnixSystem.AF_UNIX) {
            throw new KernelException(Fault.EINVAL, 0, "open",
                    "descriptor " + fd + " is a socket, but not a stream socket of the Unix domain");
        }
        PipeSocket channel = new PipeSocket(selector);
        channel.opened(fd);
        channel.markShared();
        if ((flags & numbers.oNonblock()) == 0) {
            channel.markBlocking();
        }
        return channel;
    }

    private PipeChannel file(FileStatus status) throws KernelException {
        int access = flags & ACCESS_MODE;
        boolean readable = access != WRITE_ONLY;
        boolean writable = access != READ_ONLY;
        UnixSystem.Numbers numbers = system.numbers();
        if ((flags & numbers.oNonblock()) != 0) {
            return new DescriptorChannel(selector, fd, fd, readable, writable);
        }
        if (system.canReopen(status)) {
            // The second open file has an O_NONBLOCK of its own. RWF_NOWAIT would do, but pipes do not support it.
            int reopened = UnixCalls.open(state, selector.scratch.path(system.pathOf(fd)),
                    access | numbers.oNonblock() | numbers.oCloexec() | numbers.oNoctty());
            if (reopened >= 0) {
                return new DescriptorChannel(selector, fd, reopened, readable, writable);
            }
            // EACCES where another user opened it, ENXIO for a FIFO whose reader is gone, ENOENT without /proc.
        }
        return new HelperChannel(selector, fd, readable, writable);
    }
}
