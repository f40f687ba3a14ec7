/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

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
            int msgTrunc,
            int msgCtrunc,
            int oNonblock,
            int oCloexec,
            int oNoctty,
            int oDirectory,
            int pathMax,
            int pipeBuf,
            int einprogress) {}

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

    /** Returns how this system lays out the structures of sockets. */
    public abstract SocketLayouts layouts();

    /** Returns the portable code of an errno value. */
    public abstract Fault fault(int errno);

    /** Makes a non-blocking, close-on-exec socket; its number or the negated errno. */
    public abstract int socket(CallState state, int domain, int type);

    /** Makes two connected sockets of that kind; their numbers, 4 bytes each, begin {@link Scratch#numbers}. */
    public abstract int socketPair(CallState state, int domain, int type, Scratch scratch);

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

    /**
     * Accepts a connection as a non-blocking, close-on-exec socket; its number or the negated errno.
     *
     * @param blocking whether the listener is in blocking mode, which some systems hand on
     */
    public abstract int accept(CallState state, int fd, boolean blocking);

    /** Makes the buffers of a new socket of the Unix domain as large as a stream needs, where the system's own are small. */
    public void enlargeBuffers(CallState state, Scratch scratch, int fd) {}

    /** Tells whether what {@link #receiveFlags} brings has to be kept from new processes by a call of its own. */
    public boolean receivesInheritable() {
        return false;
    }

    /** Keeps a descriptor from new processes; called where {@link #receivesInheritable}. */
    public void keepFromChildren(CallState state, int fd) {}

    /**
     * Tells whether a recvmsg that failed so has thrown its descriptors away, since the process has no number left for them,
     * while its data still waits.
     */
    public boolean hasLostDescriptors(Fault fault) {
        return false;
    }

    /**
     * Looks at a negated errno of a write on a stream socket, which a system may have odd words for.
     *
     * @return the negated errno to take for it
     */
    public int refusedWrite(int result) {
        return result;
    }

    /**
     * Looks at a negated errno of a sendmsg with descriptors.
     *
     * @param controlBytes the length of its control message
     * @return the negated errno to take for it
     */
    public int refusedHandles(CallState state, Scratch scratch, int fd, long controlBytes, int result) {
        return refusedWrite(result);
    }

    /** Tells whether MSG_DONTWAIT keeps a send from waiting on a socket that is in blocking mode. */
    public boolean sendsWithoutWaiting() {
        return true;
    }

    /**
     * Returns how many bytes a socket in blocking mode takes now without waiting; not 0 where a send fails at once. Asked where
     * {@link #sendsWithoutWaiting} is false.
     */
    public int roomOfBlocking(CallState state, Scratch scratch, int fd) throws KernelException {
        return Integer.MAX_VALUE;
    }

    /** Tells whether recvfrom, told MSG_TRUNC, answers a datagram's own length; else recvmsg says by a flag that it was cut. */
    public boolean tellsLengthOfDatagram() {
        return true;
    }

    /** Asks for the address family of a socket; negative where it is none. */
    public int family(CallState state, Scratch scratch, int fd) {
        MemorySegment value = scratch.numbers();
        value.set(ValueLayout.JAVA_INT, 4, 4);
        int result = UnixCalls.getsockopt(
                state, fd, numbers().solSocket(), numbers().soDomain(), value.address(), value.address() + 4);
        return result < 0 ? result : value.get(ValueLayout.JAVA_INT, 0);
    }

    /** Tells whether getpeername refuses so what was connected, and is over in both directions. */
    public boolean wasConnected(Fault refused) {
        return false;
    }

    /** Tells whether shutdown refuses so a connection whose direction is over anyway. */
    public boolean isShutAlready(Fault refused) {
        return false;
    }

    /** Turns what connect to a name has answered into the contract's: what is no socket refuses. */
    public int connected(int result) {
        return result;
    }

    /** Tells whether a full backlog is refused as if nobody listened (ECONNREFUSED), rather than by EAGAIN. */
    public boolean refusesWhenFull() {
        return false;
    }

    /** Tells whether connecting a datagram socket to no address has dissolved its association and failed so all the same. */
    public boolean dissolves(Fault refused) {
        return false;
    }

    /** Tells whether SO_REUSEPORT lets several TCP listeners share what comes to one port. */
    public boolean sharesPorts() {
        return true;
    }

    /** Returns the option by which several UDP sockets may have one address. */
    public int reuseOfUdp() {
        return numbers().soReuseaddr();
    }

    /** Tells whether the name of a connection's other end is not told any more once both directions are over. */
    public boolean forgetsPeers() {
        return false;
    }

    /** Tells whether bind to a path follows a symbolic link at its end that leads to nothing, and makes the file there. */
    public boolean bindFollowsLinks() {
        return false;
    }

    /** Tells whether a membership of an IPv4 group knows its interface by an address of that alone. */
    public boolean knowsInterfaceByAddress() {
        return false;
    }

    /** Makes a socket's file get this mode as it appears, less the umask; where that cannot be, does nothing. */
    public void modeBeforeBind(CallState state, int fd, int mode) throws KernelException {
        check(UnixCalls.fchmod(state, fd, mode), "fchmod");
    }

    /** Changes the mode of a file; the negated errno, if it fails. */
    public int changeMode(CallState state, long path, int mode) {
        return UnixCalls.chmod(state, path, mode);
    }

    /** Tells whether the selector can watch this file: a FIFO, an anonymous pipe or a terminal; else threads wait for it. */
    public boolean canWatch(CallState state, Scratch scratch, FileStatus status, int fd) {
        return true;
    }

    /** Makes what a helper thread waits with. */
    public DescriptorWait newWait() {
        return new PollWait();
    }

    /** Returns the name of the call by which a selector is told what to watch. */
    public abstract String watchCall();

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

    /** Returns a short path of something in a directory that {@link #openPlace} has opened, good between enter and leave. */
    public String inPlace(int directory, String last) {
        return pathOf(directory) + '/' + last;
    }

    /** Makes a directory the one that {@link #inPlace} starts from, for this thread; the negated errno, if it fails. */
    public int enter(CallState state, int directory) {
        return 0;
    }

    /** Undoes {@link #enter}. */
    public void leave(CallState state) {}

    /** Asks what of these events a descriptor has now, by poll(2); they and what is never asked for, or the negated errno. */
    public final int poll(CallState state, Scratch scratch, int fd, short events) {
        MemorySegment polled = scratch.status();
        polled.set(ValueLayout.JAVA_INT, 0, fd);
        polled.set(ValueLayout.JAVA_SHORT, UnixLayouts.POLL_EVENTS, events);
        polled.set(ValueLayout.JAVA_SHORT, UnixLayouts.POLL_REVENTS, (short) 0);
        int result = UnixCalls.poll(state, polled.address(), 1, 0);
        return result < 0 ? result : polled.get(ValueLayout.JAVA_SHORT, UnixLayouts.POLL_REVENTS);
    }

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
