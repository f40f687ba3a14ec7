/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.PanpipeException;
import io.panpipe.PeerCredentials;
import io.panpipe.Pipe;
import io.panpipe.StreamHandle;
import io.panpipe.Tcp;
import java.net.InetSocketAddress;
import java.util.Map;

/** Who a client is, as far as the system says. */
final class ClientIdentity {

    private static final String PREFIX = "PANPIPE_PEER_";

    private ClientIdentity() {}

    /** Returns it in a few words. */
    static String describe(StreamHandle<?> client) throws PanpipeException {
        if (client instanceof Pipe pipe) {
            PeerCredentials peer = pipe.peerCredentials();
            String user = peer.sid() != null ? peer.sid() : Long.toString(peer.uid());
            return "process " + peer.pid() + " of user " + user;
        }
        return client instanceof Tcp tcp ? TcpAddress.text(tcp.peerAddress()) : client.toString();
    }

    /** Puts it in the environment of the client's program; what is not known is not there. */
    static void putInto(Map<String, String> environment, StreamHandle<?> client) throws PanpipeException {
        // What this command was given is about a client of somebody else.
        environment.keySet().removeIf(name -> name.startsWith(PREFIX));
        if (client instanceof Pipe pipe) {
            PeerCredentials peer = pipe.peerCredentials();
            put(environment, "PID", peer.pid());
            put(environment, "UID", peer.uid());
            put(environment, "GID", peer.gid());
            if (peer.sid() != null) {
                environment.put(PREFIX + "SID", peer.sid());
            }
        } else if (client instanceof Tcp tcp) {
            InetSocketAddress peer = tcp.peerAddress();
            environment.put(PREFIX + "ADDRESS", peer.getAddress().getHostAddress());
            put(environment, "PORT", peer.getPort());
        }
    }

    private static void put(Map<String, String> environment, String name, long number) {
        if (number >= 0) {
            environment.put(PREFIX + name, Long.toString(number));
        }
    }
}
