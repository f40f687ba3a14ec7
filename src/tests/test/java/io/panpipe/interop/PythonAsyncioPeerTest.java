/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import io.panpipe.testbed.Python;
import java.io.IOException;
import org.junit.jupiter.api.Tag;

/** Python's {@code asyncio}: another event loop. */
@Tag("slow")
class PythonAsyncioPeerTest extends ScriptPeerContract {

    PythonAsyncioPeerTest() {
        super("peer_asyncio.py");
    }

    @Override
    String interpreter() throws IOException {
        return Python.interpreter();
    }
}
