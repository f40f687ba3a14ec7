/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The text of names that are bytes.
 *
 * <p>To Linux a name is any bytes (unix(7)), and most are UTF-8. A byte that is not becomes a low surrogate of its own,
 * U+DC00 plus its value, as in Python's "surrogateescape" (PEP 383): text that is UTF-8 never has one alone, so that each
 * name has a text, and each such text one name.
 */
public final class NameBytes {

    private static final char REPLACEMENT = '\ufffd';
    private static final char ESCAPE = '\udc00';
    private static final int FIRST_ESCAPED = 0x80;
    private static final int LAST_ESCAPED = 0xff;

    private NameBytes() {}

    /**
     * Returns the bytes of a name.
     *
     * @return null if it has none, because of a surrogate that stands for no byte
     */
    public static byte @Nullable [] encode(String name) {
        int surrogate = 0;
        while (surrogate < name.length() && !Character.isSurrogate(name.charAt(surrogate))) {
            surrogate++;
        }
        return surrogate == name.length() ? name.getBytes(StandardCharsets.UTF_8) : encodeCarefully(name);
    }

    private static byte @Nullable [] encodeCarefully(String name) {
        ByteBuffer bytes = ByteBuffer.allocate(name.length() * 3);
        int done = 0;
        for (int i = 0; i < name.length(); i++) {
            char next = name.charAt(i);
            if (!Character.isSurrogate(next)) {
                continue;
            }
            if (Character.isHighSurrogate(next) && i + 1 < name.length() && Character.isLowSurrogate(name.charAt(i + 1))) {
                i++;
            } else if (isEscape(next)) {
                bytes.put(name.substring(done, i).getBytes(StandardCharsets.UTF_8)).put((byte) next);
                done = i + 1;
            } else {
                return null;
            }
        }
        bytes.put(name.substring(done).getBytes(StandardCharsets.UTF_8)).flip();
        byte[] exact = new byte[bytes.remaining()];
        bytes.get(exact);
        return exact;
    }

    /** Returns how many bytes a name has, -1 if it is none. */
    public static int length(String name) {
        byte[] bytes = encode(name);
        return bytes == null ? -1 : bytes.length;
    }

    private static boolean isEscape(char c) {
        return c >= ESCAPE + FIRST_ESCAPED && c <= ESCAPE + LAST_ESCAPED;
    }

    /** Returns the text of a name, of which {@link #encode} makes the same bytes again. */
    public static String decode(byte[] bytes, int offset, int length) {
        String plain = new String(bytes, offset, length, StandardCharsets.UTF_8);
        return plain.indexOf(REPLACEMENT) < 0 ? plain : decodeCarefully(ByteBuffer.wrap(bytes, offset, length));
    }

    private static String decodeCarefully(ByteBuffer bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT);
        CharBuffer text = CharBuffer.allocate(bytes.remaining());
        CoderResult result = decoder.decode(bytes, text, true);
        while (result.isError()) {
            // One byte only: the next may begin a character. Malformed input never begins with one of ASCII.
            text.put((char) (ESCAPE + (bytes.get() & LAST_ESCAPED)));
            result = decoder.reset().decode(bytes, text, true);
        }
        return text.flip().toString();
    }

    /** Returns a name as one can read it: {@code @} for NUL, as ss(8) and systemd do, and {@code \xff} for such a byte. */
    public static String printable(String name) {
        String shown = name.replace('\0', '@');
        StringBuilder text = null;
        for (int i = 0; i < shown.length(); i++) {
            char next = shown.charAt(i);
            boolean isAlone = isEscape(next) && (i == 0 || !Character.isHighSurrogate(shown.charAt(i - 1)));
            if (isAlone && text == null) {
                text = new StringBuilder(shown.length() + 3).append(shown, 0, i);
            }
            if (isAlone) {
                text.append("\\x").append(Integer.toHexString(next - ESCAPE));
            } else if (text != null) {
                text.append(next);
            }
        }
        return text == null ? shown : text.toString();
    }
}
