/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Text on its way to a stream. */
final class Utf8 {

    private Utf8() {}

    /**
     * Returns a text's bytes.
     *
     * @throws IllegalArgumentException if there is half a surrogate pair in it, which the JDK would make a question mark
     *     of
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
