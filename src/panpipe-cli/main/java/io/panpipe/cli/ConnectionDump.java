/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One connection in a dump, if there is one: which it is, and how far each direction has come. */
final class ConnectionDump {

    private static final char TO_SERVER = '>';
    private static final char TO_CLIENT = '<';
    private static final char BOTH = '=';

    private final @Nullable HexDump dump;
    private final int number;
    private final char out;
    private final char in;
    private long sent;
    private long received;

    private ConnectionDump(@Nullable HexDump dump, int number, char out, char in) {
        this.dump = dump;
        this.number = number;
        this.out = out;
        this.in = in;
    }

    /** Makes one for whoever sends to the server, or passes on what a client sends. */
    static ConnectionDump ofClient(@Nullable HexDump dump, int number) {
        return new ConnectionDump(dump, number, TO_SERVER, TO_CLIENT);
    }

    /** Makes one for whoever is the server. */
    static ConnectionDump ofServer(@Nullable HexDump dump, int number) {
        return new ConnectionDump(dump, number, TO_CLIENT, TO_SERVER);
    }

    boolean isShown() {
        return dump != null;
    }

    /** Shows bytes that go out, which stay where they are in the buffer. */
    void sent(ByteBuffer data) {
        if (dump != null) {
            dump.data(number, out, sent, data);
            sent += data.remaining();
        }
    }

    /** Shows bytes that have come in, which stay where they are in the buffer. */
    void received(ByteBuffer data) {
        if (dump != null) {
            dump.data(number, in, received, data);
            received += data.remaining();
        }
    }

    void sentEnd() {
        event(out, "end");
    }

    void receivedEnd() {
        event(in, "end");
    }

    /** Shows what is about both directions. */
    void event(String what) {
        event(BOTH, what);
    }

    private void event(char direction, String what) {
        if (dump != null) {
            dump.event(number, direction, what);
        }
    }
}
