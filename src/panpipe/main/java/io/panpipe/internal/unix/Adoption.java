/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.HandleKind;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.TcpChannel;
import io.panpipe.internal.kernel.UdpChannel;
import org.jspecify.annotations.Nullable;

/**
 * Decides how a descriptor that came from elsewhere is driven without ever blocking on it, and without touching its
 * blocking mode, which all holders of the same open file share.
 */
final class Adoption {

    private static final int F_GETFL = 3;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_SEQPACKET = 5;
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
        HandleKind kind = kindOfSocket(selector, fd);
        if (kind == HandleKind.PIPE) {
            return adoption.mark(new PipeSocket(selector, fd));
        }
        FileStatus status = selector.system.status(selector.state, selector.scratch, fd);
        if (kind != null || kindOfFile(selector, fd, status) != HandleKind.PIPE) {
            throw new KernelException(Fault.EINVAL, 0, "open",
                    "descriptor " + fd + " is " + adoption.describe(status) + "; a pipe handle takes stream sockets of the Unix domain,"
                            + " FIFOs, anonymous pipes and terminals");
        }
        return adoption.file(status);
    }

    static TcpChannel adoptTcp(UnixSelector selector, int fd) throws KernelException {
        Adoption adoption = new Adoption(selector, fd);
        adoption.checkKind(HandleKind.TCP);
        return adoption.mark(new TcpSocket(selector, fd, adoption.isIpv6()));
    }

    static UdpChannel adoptUdp(UnixSelector selector, int fd) throws KernelException {
        Adoption adoption = new Adoption(selector, fd);
        adoption.checkKind(HandleKind.UDP);
        return new UdpSocket(selector, fd, adoption.isIpv6());
    }

    private void checkKind(HandleKind kind) throws KernelException {
        if (kindOf(selector, fd) != kind) {
            FileStatus status = system.status(state, selector.scratch, fd);
            throw new KernelException(
                    Fault.EINVAL, 0, "open", "descriptor " + fd + " is " + describe(status) + ", not a " + kind + " socket");
        }
    }

    /** Says what a descriptor is, and of a socket which kind it is. */
    private String describe(FileStatus status) {
        UnixSystem.Numbers numbers = system.numbers();
        int domain = system.family(state, selector.scratch, fd);
        int type = UnixChannel.optionOrError(selector, fd, numbers.soType());
        if (!status.isSocket() || domain < 0) {
            return status.kind();
        }
        boolean internet = domain == UnixSystem.AF_INET || domain == system.internet().afInet6();
        String sort = switch (type) {
            case UnixSystem.SOCK_STREAM -> internet ? "TCP" : "stream";
            case UnixSystem.SOCK_DGRAM -> internet ? "UDP" : "datagram";
            case SOCK_RAW -> "raw";
            case SOCK_SEQPACKET -> "sequenced-packet";
            default -> "type " + type;
        };
        String place = domain == UnixSystem.AF_UNIX ? " of the Unix domain" : internet ? "" : " of address family " + domain;
        return "a " + sort + " socket" + place;
    }

    private boolean isIpv6() throws KernelException {
        return system.check(system.family(state, selector.scratch, fd), "getsockopt") == system.internet().afInet6();
    }

    /** Tells what a descriptor can be adopted as. */
    static HandleKind kindOf(UnixSelector selector, int fd) throws KernelException {
        HandleKind kind = kindOfSocket(selector, fd);
        return kind != null
                ? kind
                : kindOfFile(selector, fd, selector.system.status(selector.state, selector.scratch, fd));
    }

    private static HandleKind kindOfFile(UnixSelector selector, int fd, FileStatus status) {
        boolean pipe = status.isFifo() || status.isCharacterDevice() && UnixCalls.isTerminal(selector.state, fd);
        return pipe ? HandleKind.PIPE : HandleKind.OTHER;
    }

    /** Tells the kind of a socket, which most descriptors that are passed are; null for what has no socket's options. */
    private static @Nullable HandleKind kindOfSocket(UnixSelector selector, int fd) {
        UnixSystem.Numbers numbers = selector.system.numbers();
        int domain = selector.system.family(selector.state, selector.scratch, fd);
        if (domain < 0) {
            // ENOTSOCK; EBADF also for what was opened by O_PATH, of which stat(2) knows more.
            return null;
        }
        int type = UnixChannel.optionOrError(selector, fd, numbers.soType());
        boolean internet = domain == UnixSystem.AF_INET || domain == selector.system.internet().afInet6();
        if (type == UnixSystem.SOCK_STREAM) {
            return internet ? HandleKind.TCP : domain == UnixSystem.AF_UNIX ? HandleKind.PIPE : HandleKind.OTHER;
        }
        return internet && type == UnixSystem.SOCK_DGRAM ? HandleKind.UDP : HandleKind.OTHER;
    }

    private <C extends StreamSocket> C mark(C channel) {
        channel.markShared();
        if ((flags & system.numbers().oNonblock()) == 0) {
            channel.markBlocking();
        }
        return channel;
    }

    private PipeChannel file(FileStatus status) throws KernelException {
        int access = flags & ACCESS_MODE;
        boolean readable = access != WRITE_ONLY;
        boolean writable = access != READ_ONLY;
        UnixSystem.Numbers numbers = system.numbers();
        if (!system.canWatch(state, selector.scratch, status, fd)) {
            return new HelperChannel(selector, fd, readable, writable);
        }
        if ((flags & numbers.oNonblock()) != 0) {
            return new DescriptorChannel(selector, fd, fd, readable, writable, status.isFifo());
        }
        if (system.canReopen(status)) {
            // The second open file has an O_NONBLOCK of its own. RWF_NOWAIT would do, but pipes do not support it.
            int reopened = UnixCalls.open(state, selector.scratch.path(system.pathOf(fd)),
                    access | numbers.oNonblock() | numbers.oCloexec() | numbers.oNoctty());
            if (reopened >= 0) {
                return new DescriptorChannel(selector, fd, reopened, readable, writable, status.isFifo());
            }
            // EACCES where another user opened it, ENXIO for a FIFO whose reader is gone, ENOENT without /proc.
        }
        return new HelperChannel(selector, fd, readable, writable);
    }
}
