/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.framing.Framing;
import io.panpipe.framing.MessageBounds;
import io.panpipe.framing.MessageDecoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A message of D-Bus ("Message Protocol" in its specification).
 *
 * @param type such as METHOD_CALL
 * @param serial its number in its sender's connection
 * @param fields the header's, by their codes
 * @param bytes all of it, whose position is where the body begins
 */
record DBusMessage(int type, int serial, Map<Integer, Object> fields, ByteBuffer bytes) {

    static final int METHOD_CALL = 1;
    static final int ERROR = 3;

    static final int PATH = 1;
    static final int INTERFACE = 2;
    static final int MEMBER = 3;
    static final int ERROR_NAME = 4;
    static final int REPLY_SERIAL = 5;
    static final int DESTINATION = 6;
    static final int SIGNATURE = 8;
    static final int UNIX_FDS = 9;

    /** The type of each field, by its code. */
    private static final String TYPES = "-osssussgu";

    /** The fixed part of the header, with the length of the fields at its end. */
    private static final int START = 16;

    static final int LONGEST = 128 * 1024 * 1024;

    /** The header tells how long a message is, in the order of bytes that its first byte tells. */
    static final Framing FRAMING = new Framing() {
        @Override
        public void find(ByteBuffer bytes, MessageBounds bounds) {
            if (bytes.remaining() < START) {
                bounds.missing(0, START);
                return;
            }
            ByteBuffer header = ordered(bytes.slice());
            bounds.found(0, (fieldsEnd(header) + 7) / 8 * 8 + Integer.toUnsignedLong(header.getInt(4)), 0);
        }

        @Override
        public int overhead() {
            return 0;
        }
    };

    /** Makes a method call; the field SIGNATURE says what types the arguments have. */
    static DBusMessage call(int serial, Map<Integer, Object> fields, Object... arguments) throws IOException {
        int room = 64;
        for (Object value : fields.values()) {
            room += 16 + DBusValues.room(value);
        }
        for (Object argument : arguments) {
            room += DBusValues.room(argument);
        }
        ByteBuffer bytes = ByteBuffer.allocate(room).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 'l').put((byte) METHOD_CALL).put((byte) 0).put((byte) 1).putInt(0).putInt(serial).putInt(0);
        for (Map.Entry<Integer, Object> field : fields.entrySet()) {
            char type = TYPES.charAt(field.getKey());
            DBusValues.align(bytes, 8).put(field.getKey().byteValue());
            DBusValues.put(bytes, 'g', String.valueOf(type));
            DBusValues.put(bytes, type, field.getValue());
        }
        bytes.putInt(START - 4, bytes.position() - START);
        int body = DBusValues.align(bytes, 8).position();
        for (int i = 0; i < arguments.length; i++) {
            DBusValues.put(bytes, ((String) fields.get(SIGNATURE)).charAt(i), arguments[i]);
        }
        bytes.putInt(4, bytes.position() - body).flip().position(body);
        return new DBusMessage(METHOD_CALL, serial, fields, bytes);
    }

    /** Takes a message from a stream, or returns null if none is complete. */
    static @Nullable DBusMessage take(MessageDecoder in) throws IOException {
        ByteBuffer message = in.next();
        if (message == null) {
            return null;
        }
        ByteBuffer whole = ordered(ByteBuffer.allocate(message.remaining()).put(message).flip());
        return parse(whole, (int) fieldsEnd(whole));
    }

    private static ByteBuffer ordered(ByteBuffer message) {
        return message.order(message.get(0) == 'B' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    }

    private static long fieldsEnd(ByteBuffer header) {
        return START + Integer.toUnsignedLong(header.getInt(START - 4));
    }

    private static DBusMessage parse(ByteBuffer bytes, int fieldsEnd) throws IOException {
        Map<Integer, Object> fields = new TreeMap<>();
        bytes.position(START);
        while (bytes.position() < fieldsEnd) {
            int code = (Integer) DBusValues.get(DBusValues.align(bytes, 8), 'y');
            String type = (String) DBusValues.get(bytes, 'g');
            if (code == 0 || code < TYPES.length() && !type.equals(TYPES.substring(code, code + 1))) {
                throw new IOException("field " + code + " of type " + type);
            }
            fields.put(code, DBusValues.get(bytes, type.charAt(0)));
        }
        DBusValues.align(bytes, 8);
        return new DBusMessage(bytes.get(1), bytes.getInt(8), fields, bytes);
    }
}
