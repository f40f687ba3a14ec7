/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Writes conversations as {@code hexdump -C} would, with a line before each piece that says when, on which connection
 * and in which direction it went.
 *
 * <p>It writes from the loop's thread on purpose: a dump that cannot keep up slows the conversation down and loses
 * nothing of it.
 */
final class HexDump {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS", Locale.ROOT);
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int PER_ROW = 16;
    private static final int OFFSET_DIGITS = 8;

    /** A row: offset, 16 bytes of two digits in two halves, and the text between bars. */
    private static final int LONGEST_ROW = 96;

    private final OutputStream out;
    private final Messages messages;
    private final byte[] text = new byte[64 * 1024];
    private int length;
    private boolean failed;

    HexDump(OutputStream out, Messages messages) {
        this.out = out;
        this.messages = messages;
    }

    /** Writes bytes, which stay where they are in the buffer. */
    void data(int connection, char direction, long offset, ByteBuffer data) {
        int count = data.remaining();
        head(connection, direction, count == 1 ? "1 byte" : count + " bytes");
        for (int from = data.position(); from < data.limit(); from += PER_ROW) {
            if (length > text.length - LONGEST_ROW) {
                flush();
            }
            row(offset + from - data.position(), data, from, Math.min(PER_ROW, data.limit() - from));
        }
        flush();
    }

    /** Writes that something other than bytes has happened. */
    void event(int connection, char direction, String what) {
        head(connection, direction, what);
        flush();
    }

    private void head(int connection, char direction, String what) {
        ascii("#" + connection + " " + direction + " " + TIME.format(LocalTime.now()) + " " + what + "\n");
    }

    private void ascii(String line) {
        for (int i = 0; i < line.length(); i++) {
            add(line.charAt(i));
        }
    }

    private void add(int character) {
        text[length++] = (byte) character;
    }

    private void row(long offset, ByteBuffer data, int from, int count) {
        int digits = Math.max(OFFSET_DIGITS, (Long.SIZE - Long.numberOfLeadingZeros(offset) + 3) / 4);
        for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
            add(DIGITS[(int) (offset >>> shift) & 0xf]);
        }
        for (int i = 0; i < PER_ROW; i++) {
            add(' ');
            if (i % (PER_ROW / 2) == 0) {
                add(' ');
            }
            byte value = i < count ? data.get(from + i) : 0;
            add(i < count ? DIGITS[value >> 4 & 0xf] : ' ');
            add(i < count ? DIGITS[value & 0xf] : ' ');
        }
        add(' ');
        add(' ');
        add('|');
        for (int i = 0; i < count; i++) {
            byte value = data.get(from + i);
            add(value >= ' ' && value < 0x7f ? value : '.');
        }
        add('|');
        add('\n');
    }

    private void flush() {
        if (!failed) {
            try {
                out.write(text, 0, length);
            } catch (IOException refused) {
                fail(refused);
            }
        }
        length = 0;
    }

    /** The conversation is worth more than its dump: it goes on without. */
    private void fail(IOException refused) {
        failed = true;
        messages.error("the dump ends here", refused);
    }

    void close() {
        try {
            out.close();
        } catch (IOException refused) {
            if (!failed) {
                fail(refused);
            }
        }
    }
}
