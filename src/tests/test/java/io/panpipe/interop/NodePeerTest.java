/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

/** Node's {@code net}: libuv itself at the other end. */
class NodePeerTest extends ScriptPeerContract {

    NodePeerTest() {
        super("peer.js");
    }

    @Override
    String interpreter() {
        return Programs.required("node");
    }
}
