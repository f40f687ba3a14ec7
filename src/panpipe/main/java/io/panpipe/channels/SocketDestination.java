/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.Pipe;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;

/** Which pipe a socket connects to when it is told an address. */
interface SocketDestination {

    /** That of the address itself. */
    SocketDestination ADDRESSED = endpoint -> switch (endpoint) {
        case PipeAddress address -> address.name();
        case UnixDomainSocketAddress address -> Pipe.nameOf(address.getPath());
        default -> throw new IllegalArgumentException("Unsupported address type: a pipe has a PipeAddress or a"
                + " UnixDomainSocketAddress, and this is " + endpoint);
    };

    /** That of the address itself; for one of the Internet what the system properties say. */
    SocketDestination CONFIGURED = endpoint -> endpoint instanceof InetSocketAddress address
            ? configured(address.getHostString())
            : ADDRESSED.nameFor(endpoint);

    /**
     * Returns the name of the pipe.
     *
     * @throws SocketException if nobody has said which it is
     * @throws IllegalArgumentException if the address is of a kind that names none
     */
    String nameFor(SocketAddress endpoint) throws SocketException;

    /** Makes one that is always the same, whatever the address. */
    static SocketDestination fixed(String name) {
        return endpoint -> name;
    }

    /**
     * Reads a name as it is written where a NUL cannot be: {@code @name} is an abstract one, as the panpipe command,
     * systemd and ss(8) have it. A file of that name is {@code ./@name}.
     */
    static String written(String text) {
        return text.startsWith("@") ? '\0' + text.substring(1) : text;
    }

    private static String configured(String host) throws SocketException {
        String ofHost = PipeSocketFactory.PROPERTY + '.' + host;
        String name = System.getProperty(ofHost);
        if (name == null) {
            name = System.getProperty(PipeSocketFactory.PROPERTY);
        }
        if (name == null || name.isEmpty()) {
            throw new SocketException("no pipe is named for the host " + host + ": set the system property " + ofHost
                    + " or " + PipeSocketFactory.PROPERTY);
        }
        return written(name);
    }
}
