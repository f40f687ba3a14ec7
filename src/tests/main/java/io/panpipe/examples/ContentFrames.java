/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Values of JSON, each behind a header with its length ("Base Protocol" of the Language Server Protocol). */
final class ContentFrames {

    private static final Pattern FIELD = Pattern.compile("([A-Za-z-]+): *(.*)");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,9}");
    private static final int LONGEST_LINE = 4096;
    private static final int UNKNOWN = -1;

    private final Incoming in = new Incoming();
    private boolean inHeader = true;
    private int length = UNKNOWN;

    static byte[] frame(Object value) {
        byte[] content = Json.text(value).getBytes(StandardCharsets.UTF_8);
        byte[] header = ("Content-Length: " + content.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(header.length + content.length).put(header).put(content).array();
    }

    /** Takes a piece of the stream, and returns what is complete by now. */
    List<@Nullable Object> take(ByteBuffer piece) throws IOException {
        in.add(piece);
        List<@Nullable Object> values = new ArrayList<>();
        for (byte[] content = next(); content != null; content = next()) {
            values.add(Json.parse(new String(content, StandardCharsets.UTF_8)));
        }
        return values;
    }

    private byte @Nullable [] next() throws IOException {
        while (inHeader) {
            String line = in.line(LONGEST_LINE);
            if (line == null) {
                return null;
            }
            takeHeader(line);
        }
        byte[] content = in.take(length);
        if (content != null) {
            inHeader = true;
            length = UNKNOWN;
        }
        return content;
    }

    private void takeHeader(String line) throws IOException {
        Matcher field = FIELD.matcher(line);
        if (line.isEmpty() && length != UNKNOWN) {
            inHeader = false;
        } else if (!field.matches()) {
            throw new IOException("no header of a message: " + line);
        } else if (field.group(1).equalsIgnoreCase("Content-Length")) {
            if (!LENGTH.matcher(field.group(2)).matches()) {
                throw new IOException("no length of a message: " + line);
            }
            length = Integer.parseInt(field.group(2));
        }
    }
}
