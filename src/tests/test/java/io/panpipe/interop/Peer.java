/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

/** A program or thread at the other end, that does its {@link Task}. */
interface Peer extends AutoCloseable {

    /** Waits for the peer's report that begins with a word, and returns the line; fails where it does not come. */
    String await(String word);

    /**
     * Ends it without any farewell: a process is killed, a thread closes its sockets with unread data. Does not wait,
     * so that the loop's thread may call it.
     */
    void kill();

    /** Ends it, and waits until it holds no socket any more. */
    @Override
    void close();
}
