/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Messages behind a header with their length ("Base Protocol" of the Language Server Protocol). */
final class ContentLengthFraming implements Framing {

    static final ContentLengthFraming CONTENT_LENGTH = new ContentLengthFraming();

    private static final int LONGEST_HEADER = 8192;
    private static final String NAME = "content-length";
    private static final byte[] BEGIN = "Content-Length: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** What RFC 9110 lets names of fields have beside letters and digits. */
    private static final String SIGNS = "!#$%&'*+-.^_`|~";

    /** A line that is another field. */
    private static final long NONE = -1;

    /** A length that is too long for any reader, and to which digits can be added. */
    private static final long HUGE = 1L << 48;

    /** How much of a line an error shows. */
    private static final int SHOWN = 60;

    private ContentLengthFraming() {}

    /** Looks at each line when it has come, since what is no header may never end as one. */
    @Override
    public void find(ByteBuffer bytes, MessageBounds bounds) throws FramingException {
        int begin = bytes.position();
        int line = begin + bounds.scanned();
        int end = ByteSearch.indexOf(bytes, (byte) '\n', line, bytes.limit());
        while (end >= 0 && end - begin < LONGEST_HEADER) {
            if (textEnd(bytes, line, end) == line) {
                bounds.found(end + 1 - begin, length(bytes, begin, line), 0);
                return;
            }
            field(bytes, line, textEnd(bytes, line, end));
            line = end + 1;
            end = ByteSearch.indexOf(bytes, (byte) '\n', line, bytes.limit());
        }
        if (bytes.remaining() > LONGEST_HEADER) {
            throw new FramingException(FramingException.Kind.TOO_LONG,
                    "the header of a message has more than " + LONGEST_HEADER + " bytes");
        }
        bounds.missing(line - begin);
    }

    /** Returns where a line's text ends, which is before its line feed or the carriage return there. */
    private static int textEnd(ByteBuffer bytes, int line, int lineFeed) {
        return lineFeed > line && bytes.get(lineFeed - 1) == '\r' ? lineFeed - 1 : lineFeed;
    }

    /** Reads the length out of a whole header, whose lines are fields. */
    private static long length(ByteBuffer bytes, int begin, int headerEnd) throws FramingException {
        long length = NONE;
        for (int line = begin; line < headerEnd; ) {
            int end = ByteSearch.indexOf(bytes, (byte) '\n', line, headerEnd);
            long told = field(bytes, line, textEnd(bytes, line, end));
            if (told != NONE && length != NONE) {
                throw FramingException.malformed("the header of a message has two lengths");
            }
            length = Math.max(length, told);
            line = end + 1;
        }
        if (length == NONE) {
            throw FramingException.malformed("the header of a message has no Content-Length");
        }
        return length;
    }

    /** Returns the length that a line of a header tells, or {@link #NONE}. */
    private static long field(ByteBuffer bytes, int from, int to) throws FramingException {
        int colon = from;
        while (colon < to && mayBeInName(bytes.get(colon))) {
            colon++;
        }
        if (colon == from || colon == to || bytes.get(colon) != ':') {
            throw FramingException.malformed("no field of a message's header: " + shown(bytes, from, to));
        }
        if (!isLengthName(bytes, from, colon)) {
            return NONE;
        }
        int begin = colon + 1;
        int end = to;
        while (begin < end && isBlank(bytes.get(begin))) {
            begin++;
        }
        while (end > begin && isBlank(bytes.get(end - 1))) {
            end--;
        }
        long length = begin == end ? NONE : 0;
        for (int i = begin; i < end && length != NONE; i++) {
            int digit = bytes.get(i) - '0';
            length = digit < 0 || digit > 9 ? NONE : Math.min(length * 10 + digit, HUGE);
        }
        if (length == NONE) {
            throw FramingException.malformed("no length of a message: " + shown(bytes, from, to));
        }
        return length;
    }

    private static boolean mayBeInName(byte sign) {
        return sign >= 'a' && sign <= 'z' || sign >= 'A' && sign <= 'Z' || sign >= '0' && sign <= '9'
                || SIGNS.indexOf(sign) >= 0;
    }

    private static boolean isLengthName(ByteBuffer bytes, int from, int to) {
        if (to - from != NAME.length()) {
            return false;
        }
        for (int i = 0; i < NAME.length(); i++) {
            // No other sign that may be in a name becomes one of these letters, or the hyphen.
            if ((bytes.get(from + i) | 0x20) != NAME.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isBlank(byte sign) {
        return sign == ' ' || sign == '\t';
    }

    private static String shown(ByteBuffer bytes, int from, int to) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < to && i < from + SHOWN; i++) {
            byte sign = bytes.get(i);
            text.append(sign >= ' ' && sign <= '~' ? (char) sign : '?');
        }
        return to > from + SHOWN ? text.append("...").toString() : text.toString();
    }

    @Override
    public int overhead() {
        return LONGEST_HEADER;
    }

    @Override
    public void before(ByteBuffer message, ByteBuffer target) {
        int length = message.remaining();
        int unit = 1;
        while (length / unit >= 10) {
            unit *= 10;
        }
        target.put(BEGIN);
        for (; unit > 0; unit /= 10) {
            target.put((byte) ('0' + length / unit % 10));
        }
        target.put(END);
    }

    @Override
    public String toString() {
        return "messages behind a header with their Content-Length";
    }
}
