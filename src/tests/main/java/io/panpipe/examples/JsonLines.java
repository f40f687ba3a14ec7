/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.framing.Framing;
import io.panpipe.framing.MessageDecoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Values of JSON, each in a line of its own, put together from the pieces of a stream. */
final class JsonLines {

    private static final int LONGEST = 64 * 1024 * 1024;

    private final MessageDecoder lines = new MessageDecoder(Framing.lines(), LONGEST);

    /** Takes a piece of the stream, and returns what is complete by now. */
    List<@Nullable Object> take(ByteBuffer piece) throws IOException {
        lines.feed(piece);
        List<@Nullable Object> values = new ArrayList<>();
        for (ByteBuffer line = lines.next(); line != null; line = lines.next()) {
            values.add(Json.parse(StandardCharsets.UTF_8.decode(line).toString()));
        }
        return values;
    }

    static byte[] line(@Nullable Object value) {
        return (Json.text(value) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
