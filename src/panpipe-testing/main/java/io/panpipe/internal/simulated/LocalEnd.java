/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where an Internet socket is on the simulated machine: its family, the address it is bound to, and what it can reach
 * from there.
 *
 * <p>The world's lock is held.
 */
final class LocalEnd<S> {

    private static final int FIRST_UNPRIVILEGED = 1024;

    private final PortTable<S> ports;
    private final S socket;
    private final boolean ipv6;
    private final boolean privileged;
    private boolean onlyIpv6;
    private @Nullable Binding binding;
    /** What was asked for by bind; null if the system has chosen the port. */
    private @Nullable Binding asked;

    LocalEnd(PortTable<S> ports, S socket, boolean ipv6, boolean privileged) {
        this.ports = ports;
        this.socket = socket;
        this.ipv6 = ipv6;
        this.privileged = privileged;
    }

    boolean ipv6() {
        return ipv6;
    }

    boolean isBound() {
        return binding != null;
    }

    /**
     * Binds to an address that was asked for.
     *
     * @param alsoGroups whether addresses that are not one socket's own will do
     */
    void bind(InetSocketAddress address, boolean restricted, boolean alsoGroups) throws KernelException {
        if (binding != null) {
            throw new KernelException(Fault.EINVAL, 0, "bind", "it is bound already");
        }
        InetAddress wanted = Loopback.of(address);
        checkFamily(wanted, "bind");
        if (ipv6 && wanted.isAnyLocalAddress()) {
            wanted = Loopback.any(true);
        }
        boolean group = wanted.isMulticastAddress() || Loopback.isBroadcast(wanted);
        if (!Loopback.isLocal(wanted) && !(alsoGroups && group)) {
            throw new KernelException(Fault.EADDRNOTAVAIL, 0, "bind", "the simulated machine has loopback only");
        }
        int port = address.getPort();
        if (port > 0 && port < FIRST_UNPRIVILEGED && !privileged) {
            throw new KernelException(Fault.EACCES, 0, "bind", "ports below 1024 are for the user 0");
        }
        if (ipv6 && restricted && !Loopback.isIpv6(wanted)) {
            throw new KernelException(Fault.EINVAL, 0, "bind", "an IPv4 address on a socket for IPv6 only");
        }
        onlyIpv6 = ipv6 && restricted;
        Binding made = new Binding(
                wanted, port == 0 ? ports.pick(Fault.EADDRINUSE, "bind") : port, onlyIpv6);
        ports.check(socket, made, "bind");
        put(made);
        asked = made;
    }

    /** Binds to a port of the system's choice unless it is bound. */
    void bindAny(InetAddress address, String call) throws KernelException {
        if (binding == null) {
            put(new Binding(address, ports.pick(Fault.EADDRNOTAVAIL, call), onlyIpv6));
        }
    }

    /** Binds to a port of the system's choice, and to no address. */
    void bindAny(String call) throws KernelException {
        bindAny(Loopback.any(ipv6), call);
    }

    /** Refuses to go on sharing what may be shared no more. */
    void checkStillMine(String call) throws KernelException {
        if (binding != null) {
            ports.check(socket, binding, call);
        }
    }

    private void put(Binding made) {
        unbind();
        binding = made;
        ports.add(socket, made);
    }

    void unbind() {
        if (binding != null) {
            ports.remove(socket, binding);
            binding = null;
        }
    }

    /** Ends an address of the system's choice, or goes back to the one asked for. */
    void restore() {
        unbind();
        if (asked != null) {
            put(asked);
        }
    }

    /** Binds to this address what has been bound to a port only. */
    void narrow(InetAddress source) {
        Binding present = binding;
        if (present != null && present.address().isAnyLocalAddress()) {
            put(new Binding(source, present.port(), onlyIpv6));
        }
    }

    InetSocketAddress address() {
        Binding present = binding;
        return present == null
                ? new InetSocketAddress(Loopback.any(ipv6), 0)
                : new InetSocketAddress(present.address(), present.port());
    }

    int port() {
        return binding == null ? 0 : binding.port();
    }

    private void checkFamily(InetAddress address, String call) throws KernelException {
        if (!ipv6 && Loopback.isIpv6(address)) {
            throw new KernelException(Fault.EAFNOSUPPORT, 0, call, "an IPv6 address on an IPv4 socket");
        }
    }

    /** Returns what an address leads to from here, if it is of a family that this socket can reach. */
    InetAddress destination(InetSocketAddress to, String call) throws KernelException {
        InetAddress reached = Loopback.of(to);
        checkFamily(reached, call);
        if (ipv6 && reached.isAnyLocalAddress()) {
            reached = Loopback.any(true);
        }
        boolean toIpv6 = Loopback.isIpv6(reached);
        Binding present = binding;
        boolean elsewhere = present != null
                && !present.address().isAnyLocalAddress()
                && Loopback.isIpv6(present.address()) != toIpv6;
        if (elsewhere || onlyIpv6 && !toIpv6) {
            throw new KernelException(Fault.ENETUNREACH, 0, call, "the socket is bound to the other address family");
        }
        return Loopback.destination(reached);
    }

    /** Returns the address that is sent from. */
    InetAddress source(InetAddress destination) {
        Binding present = binding;
        boolean own = present != null && Loopback.isLocal(present.address()) && !present.address().isAnyLocalAddress();
        return present != null && own ? present.address() : Loopback.loopback(destination);
    }
}
