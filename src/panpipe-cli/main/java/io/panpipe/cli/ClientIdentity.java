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

/** Who a client is, as far as the system says. */
final class ClientIdentity {

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
}
