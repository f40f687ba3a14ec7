/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Text as messages, in UTF-8. */
final class Text {

    private Text() {}

    /** Returns a message's text; what is no UTF-8 is a U+FFFD, as everywhere in Java. */
    static String of(ByteBuffer message) {
        int length = message.remaining();
        if (message.hasArray()) {
            int begin = message.arrayOffset() + message.position();
            return new String(message.array(), begin, length, StandardCharsets.UTF_8);
        }
        byte[] bytes = new byte[length];
        message.get(message.position(), bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /**
     * Returns a text's bytes.
     *
     * @throws IllegalArgumentException if there is half a surrogate pair in it, which the JDK would make a question
     *     mark of
     */
    static ByteBuffer bytes(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                    throw new IllegalArgumentException("half a surrogate pair at index " + i + ", which is no text");
                }
                i++;
            }
        }
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
