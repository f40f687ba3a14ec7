/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;

/**
 * Where one Unix differs from another, as far as sockets and descriptors are concerned: its numbers, and the calls that
 * only it has.
 */
public abstract class UnixSystem {

    /** No control message is of this type. */
    public static final int NO_PIDFDS = Integer.MIN_VALUE;

    /** No flags of mmap. */
    public static final int BY_MALLOC = -1;

    /** AF_UNIX. */
    public static final int AF_UNIX = 1;

    /** AF_INET. */
    public static final int AF_INET = 2;

    /** IPPROTO_IP. */
    public static final int IPPROTO_IP = 0;

    /** IPPROTO_TCP. */
    public static final int IPPROTO_TCP = 6;

    /** IPPROTO_IPV6. */
    public static final int IPPROTO_IPV6 = 41;

    /** TCP_NODELAY. */
    public static final int TCP_NODELAY = 1;

    /** SOCK_DGRAM. */
    public static final int SOCK_DGRAM = 2;

    /** SOCK_STREAM. */
    public static final int SOCK_STREAM = 1;

    /** SHUT_WR. */
    public static final int SHUT_WR = 1;

    /** The numbers that the same name has on different systems. */
    public record Numbers(
            int solSocket,
            int soSndbuf,
            int soRcvbuf,
            int soError,
            int soType,
            int soDomain,
            int soAcceptconn,
            int soReuseaddr,
            int soReuseport,
            int soKeepalive,
            int soBroadcast,
            int msgDontwait,
            int msgNosignal,
            int oNonblock,
            int oCloexec,
            int oNoctty,
            int oDirectory,
            int eInprogress) {}

    /** The numbers of the Internet protocols that differ. */
    public record Internet(
            int afInet6,
            int ipv6V6only,
            int tcpKeepidle,
            int ipTtl,
            int ipMulticastIf,
            int ipMulticastTtl,
            int ipMulticastLoop,
            int ipAddMembership,
            int ipDropMembership,
            int ipv6UnicastHops,
            int ipv6MulticastIf,
            int ipv6MulticastHops,
            int ipv6MulticastLoop,
            int ipv6JoinGroup,
            int ipv6LeaveGroup) {}

    /** Returns the numbers of the Internet protocols. */
    public abstract Internet internet();

    /** Returns this system's numbers. */
    public abstract Numbers numbers();

    /** Returns the portable code of an errno value. */
    public abstract Fault fault(int errno);

    /** Makes a non-blocking, close-on-exec socket; its number or the negated errno. */
    public abstract int socket(CallState state, int domain, int type);

    /** Makes two connected sockets of that kind; their numbers, 4 bytes each, at {@code two}. */
    public abstract int socketPair(CallState state, int domain, int type, long two);

    /** Returns the flags of a recvmsg that neither waits nor lets a new process inherit what it receives. */
    public abstract int receiveFlags();

    /**
     * Returns the type of the control message, of level SOL_SOCKET, that brings a descriptor which nobody sent, where one of
     * the socket's holders has asked for it: a pidfd of the sender. {@link #NO_PIDFDS} where there is none.
     */
    public int scmPidfd() {
        return NO_PIDFDS;
    }

    /**
     * Returns the flags of an mmap of memory that is this process's alone and has no file behind it; {@link #BY_MALLOC} where
     * malloc(3) gives long blocks back to the system each time they are freed.
     */
    public int mapOwnMemory() {
        return BY_MALLOC;
    }

    /** Returns the signal by which a thread's system call is interrupted: the one that java.nio uses for that. */
    public abstract int interruptSignal();

    /** Returns FIONREAD: the number that ioctl(2) has on the BSDs, unless a system says otherwise. */
    public int fionread() {
        return 0x4004667f;
    }

    /** Returns SIG_UNBLOCK. */
    public abstract int sigUnblock();

    /** Makes another descriptor of the same file, close-on-exec; its number or the negated errno. */
    public abstract int duplicate(CallState state, int fd);

    /** Accepts a connection as a non-blocking, close-on-exec socket; its number or the negated errno. */
    public abstract int accept(CallState state, int fd);

    /** Asks who is at the other end of a Unix domain socket. */
    public abstract Credentials peerCredentials(CallState state, Scratch scratch, int fd) throws KernelException;

    /** Asks what an open descriptor refers to. */
    public abstract FileStatus status(CallState state, Scratch scratch, int fd) throws KernelException;

    /** Asks what a path refers to, without following a link at its end. */
    public abstract FileStatus status(CallState state, Scratch scratch, String path) throws KernelException;

    /** Opens a directory as a mere place in the tree, for reaching what is in it by a short path. */
    public abstract int openPlace(CallState state, long path);

    /** Tells whether a name may begin with NUL, and so live outside the file system. */
    public abstract boolean hasAbstractNames();

    /** Tells whether opening this path anew gives another descriptor of the same file, with flags of its own. */
    public abstract boolean canReopen(FileStatus status);

    /** Returns a path by which this process can name the file of an open descriptor. */
    public abstract String pathOf(int fd);

    /** Makes the exception for a negated errno. */
    public final KernelException failure(int negated, String call) {
        return new KernelException(fault(-negated), -negated, call);
    }

    /** Makes the exception for a negated errno, with what the user should know. */
    public final KernelException failure(int negated, String call, String hint) {
        return new KernelException(fault(-negated), -negated, call, hint);
    }

    /** Returns the result of a call, or throws what the negated errno says. */
    public final int check(int result, String call) throws KernelException {
        if (result < 0) {
            throw failure(result, call);
        }
        return result;
    }
}
