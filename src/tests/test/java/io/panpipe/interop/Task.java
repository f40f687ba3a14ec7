/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import java.nio.file.Path;

/**
 * What a peer is asked to do, and the lines it reports with. One that listens says {@code ready} first.
 *
 * <ul>
 *   <li>SINK reads to the end, says {@code received BYTES SHA256 ends=1 error=none}, answers with the digest, and ends.
 *   <li>SOURCE sends {@code amount} bytes of {@link Content} and reads nothing meanwhile (but for socat, which cannot
 *       help it), says {@code sent BYTES SHA256}, ends its output, and then reads to the end and reports as SINK does;
 *       if it cannot send, it says {@code broken CODE}.
 *   <li>CROWD has {@code amount} connections open at once. Where it connects, it sends a line on each, and when all
 *       came back closes all; where it listens, it sends back what it gets. It says {@code crowd PEAK VERIFIED}: how
 *       many were open at once, and how many lines came back right (where it listens, how many were sent back).
 * </ul>
 *
 * @param kind what to do
 * @param socket the name to connect to or to listen on
 * @param amount bytes or connections
 */
record Task(Kind kind, Path socket, long amount) {

    enum Kind {
        SINK,
        SOURCE,
        CROWD
    }

    /** The directory of this test alone, for what else a peer needs. */
    Path directory() {
        return socket.getParent();
    }
}
