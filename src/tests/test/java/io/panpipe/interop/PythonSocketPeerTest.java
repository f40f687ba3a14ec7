/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import io.panpipe.testbed.Python;
import java.io.IOException;

/** Python's {@code socket}: plain blocking system calls. */
class PythonSocketPeerTest extends ScriptPeerContract {

    PythonSocketPeerTest() {
        super("peer_socket.py");
    }

    @Override
    String interpreter() throws IOException {
        return Python.interpreter();
    }
}
