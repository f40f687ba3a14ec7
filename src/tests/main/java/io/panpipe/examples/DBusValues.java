/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Values of D-Bus in a message ("Marshaling" in its specification): a number begins at a multiple of its size, counted
 * from the message's first byte, which is the buffer's first byte here.
 */
final class DBusValues {

    /** So that a length that is none does not make a huge array. */
    private static final int LONGEST = 1 << 26;

    private DBusValues() {}

    /** Passes by, or fills with zeros, what is before the next multiple. */
    static ByteBuffer align(ByteBuffer buffer, int multiple) throws IOException {
        int aligned = (buffer.position() + multiple - 1) / multiple * multiple;
        return buffer.position(within(aligned, buffer.limit()));
    }

    private static int within(int number, int limit) throws IOException {
        if (number < 0 || number > limit) {
            throw new IOException("a message that ends in a value");
        }
        return number;
    }

    /** Returns more bytes than a value needs, whatever its place. */
    static int room(Object value) {
        return value instanceof String string ? 16 + 3 * string.length() : 8;
    }

    /**
     * Appends a value.
     *
     * @param type the letter of a signature: s, o or g for a String, u, i or h for an Integer
     */
    static void put(ByteBuffer to, char type, Object value) throws IOException {
        switch (type) {
            case 'u', 'i', 'h' -> align(to, 4).putInt((Integer) value);
            case 's', 'o' -> {
                byte[] bytes = ((String) value).getBytes(StandardCharsets.UTF_8);
                align(to, 4).putInt(bytes.length).put(bytes).put((byte) 0);
            }
            case 'g' -> {
                byte[] bytes = ((String) value).getBytes(StandardCharsets.US_ASCII);
                to.put((byte) bytes.length).put(bytes).put((byte) 0);
            }
            default -> throw unknown(type);
        }
    }

    /** Takes a value. */
    static Object get(ByteBuffer from, char type) throws IOException {
        return switch (type) {
            case 'u', 'i', 'h', 'b' -> number(from);
            case 's', 'o' -> string(from, number(from));
            case 'g' -> string(from, (Integer) get(from, 'y'));
            case 'y' -> {
                within(1, from.remaining());
                yield from.get() & 0xff;
            }
            default -> throw unknown(type);
        };
    }

    private static int number(ByteBuffer from) throws IOException {
        align(from, 4);
        within(4, from.remaining());
        return from.getInt();
    }

    private static String string(ByteBuffer from, int length) throws IOException {
        byte[] bytes = new byte[within(within(length, LONGEST), from.remaining() - 1)];
        from.get(bytes).get();
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static IOException unknown(char type) {
        return new IOException("a value of type " + type + ", which is not understood here");
    }
}
