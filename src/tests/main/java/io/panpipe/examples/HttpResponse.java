/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.framing.Framing;
import io.panpipe.framing.MessageDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A response of HTTP/1.1, put together from the pieces of a stream (RFC 9112). */
final class HttpResponse {

    private static final Pattern CHUNK = Pattern.compile("([0-9A-Fa-f]{1,7})(?:[ \t]*;.*)?");
    private static final Pattern NOTHING = Pattern.compile("");
    private static final int LONGEST_LINE = 16 * 1024;

    /** What comes next. */
    private enum Part { HEAD, BODY, BODY_UNTIL_END, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILERS, DONE }

    private final MessageDecoder in = new MessageDecoder(Framing.lines(), LONGEST_LINE);
    private final HttpHead head;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private Part part = Part.HEAD;
    private int left;

    /** Makes one of which nothing has come yet. */
    HttpResponse(boolean toHeadRequest) {
        head = new HttpHead(toHeadRequest);
    }

    HttpHead head() {
        return head;
    }

    byte[] body() {
        return body.toByteArray();
    }

    /** Takes a piece of the stream, or null at its end, and tells whether the response is complete. */
    boolean take(@Nullable ByteBuffer piece) throws IOException {
        if (piece != null) {
            in.feed(piece);
        } else if (part != Part.BODY_UNTIL_END) {
            throw new IOException("the answer is cut off");
        }
        boolean more = true;
        while (more && part != Part.DONE) {
            more = switch (part) {
                case BODY, CHUNK, BODY_UNTIL_END -> takeBytes();
                default -> takeLine(in.next());
            };
        }
        return part == Part.DONE || piece == null;
    }

    private boolean takeBytes() {
        int count = part == Part.BODY_UNTIL_END ? in.buffered() : Math.min(left, in.buffered());
        ByteBuffer taken = ByteBuffer.allocate(count);
        in.drainTo(taken);
        body.writeBytes(taken.array());
        left -= count;
        if (left == 0 && part != Part.BODY_UNTIL_END) {
            part = part == Part.BODY ? Part.DONE : Part.CHUNK_END;
        }
        return in.buffered() > 0;
    }

    /** Takes a line, and tells whether there was one. */
    private boolean takeLine(@Nullable ByteBuffer bytes) throws IOException {
        if (bytes == null) {
            return false;
        }
        String line = StandardCharsets.UTF_8.decode(bytes).toString();
        switch (part) {
            case HEAD -> part = head.take(line) ? bodyPart(head.bodyLength()) : Part.HEAD;
            case CHUNK_SIZE -> {
                left = Integer.parseInt(HttpHead.match(CHUNK, line, "chunk").group(1), 16);
                part = left == 0 ? Part.TRAILERS : Part.CHUNK;
            }
            case CHUNK_END -> {
                HttpHead.match(NOTHING, line, "end of a chunk");
                part = Part.CHUNK_SIZE;
            }
            default -> part = line.isEmpty() ? Part.DONE : Part.TRAILERS;
        }
        return true;
    }

    private Part bodyPart(int length) {
        left = Math.max(length, 0);
        return switch (length) {
            case 0 -> Part.DONE;
            case HttpHead.CHUNKED -> Part.CHUNK_SIZE;
            case HttpHead.UNTIL_END -> Part.BODY_UNTIL_END;
            default -> Part.BODY;
        };
    }
}
