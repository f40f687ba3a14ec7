/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.util.List;

/**
 * A server in a certain work, as it appears in the results.
 *
 * @param name as in the results
 * @param server which program
 * @param work what it is told to do
 * @param jvmOptions what its JVM is told beside the options of all
 */
record Contestant(String name, Server server, String work, List<String> jvmOptions) {

    /**
     * Whether an end of the stream that both sides send one after the other gets through. The selector of junixsocket
     * 2.11.1 drops a connection whose other side has closed, and what could still be read there.
     */
    boolean endsWell() {
        return server != Server.JUNIXSOCKET || !work.equals("proxy");
    }
}
