/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.util.List;
import java.util.Locale;

/** Says in words what a stream is doing, for {@link LoopDump}: that is, also to threads that are not the loop's. */
final class StreamFacts {

    private StreamFacts() {}

    static void describe(StreamState<?> stream, List<String> facts) {
        facts.add(stream.phase().name().toLowerCase(Locale.ROOT));
        stream.describeDescriptor(facts);
        StreamServer server = stream.server();
        if (server != null) {
            server.describe(facts);
        }
        if (stream.isStream()) {
            describeReading(stream, facts);
        }
        StreamOutput output = stream.outputOrNull();
        if (output != null) {
            output.describe(facts);
        }
        if (stream.isStream()) {
            facts.add("read " + stream.bytesRead() + " and written " + stream.bytesWritten() + " bytes");
        }
    }

    private static void describeReading(StreamState<?> stream, List<String> facts) {
        StreamTransfer transfer = stream.transfer();
        if (transfer != null) {
            facts.add("copied to " + transfer.sink());
        }
        if (stream.isReadPaused()) {
            facts.add("reading is paused until received handles are accepted");
        } else if (stream.readCallback() != null) {
            facts.add("reading");
        } else if (stream.hasReadFailed()) {
            facts.add("reading has failed");
        } else {
            facts.add("not reading");
        }
        if (stream.hasPendingHandles()) {
            facts.add("received handles wait to be accepted");
        }
    }
}
