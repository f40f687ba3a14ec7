/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where in a stream of bytes a message begins and ends: a line, a length and so many bytes, or whatever a protocol has.
 *
 * <p>A framing has no state, so one serves any number of connections and threads. Those that protocols have most are
 * made by the methods here; another one is a class with {@link #find}, and with {@link #before} and {@link #after}
 * where it is written too. What it finds is read by a {@link MessageReader} on a loop, by the channels of {@code
 * io.panpipe.channels} on threads that wait, and by a {@link MessageDecoder} from any bytes; a {@link MessageWriter}
 * writes.
 *
 * @since 0.1
 */
public interface Framing {

    /** The most bytes that {@link #before} puts, and the most that {@link #after} puts. */
    int AROUND = 64;

    /**
     * Looks for the end of the message that begins at the buffer's position. Answers by {@link MessageBounds#found}, as
     * soon as it is known where the message will end, or else by {@link MessageBounds#missing(int)}.
     *
     * @param bytes what has come of the message, and perhaps of those behind it, between position and limit; there is
     *     one byte at least. They are not changed, and position and limit are not moved
     * @param bounds takes the answer, and tells how far the calls before have looked
     * @throws FramingException if this is no message and none will come of it
     */
    void find(ByteBuffer bytes, MessageBounds bounds) throws FramingException;

    /**
     * Says whether what is left at the regular end of a stream, where no message was found, is the last message. It is
     * if this calls {@link MessageBounds#found} for all that is left. At first nothing is: what is left was cut off.
     *
     * @param bytes what is left, between position and limit, one byte at least
     * @param bounds takes the answer
     */
    default void last(ByteBuffer bytes, MessageBounds bounds) {}

    /**
     * Returns how many bytes there are around a message at most when it is read: behind so many bytes more than a
     * reader's limit a message without an end is too long.
     *
     * @return bytes, 0 or more
     */
    int overhead();

    /**
     * Puts what stands before a message.
     *
     * @param message what is written, between position and limit, which are not moved
     * @param target takes {@value #AROUND} bytes at most, from its position on
     * @throws IllegalArgumentException if there can be no such message: it has the delimiter in it, or is too long for
     *     its length
     */
    default void before(ByteBuffer message, ByteBuffer target) {}

    /**
     * Puts what stands behind a message.
     *
     * @param message what is written, between position and limit, which are not moved
     * @param target takes {@value #AROUND} bytes at most, from its position on
     */
    default void after(ByteBuffer message, ByteBuffer target) {}

    /**
     * Returns a message with what is around it, for whoever writes by other means than a {@link MessageWriter}.
     *
     * @param message the bytes between position and limit, which are copied
     * @return a buffer with all of it between position and limit
     * @throws IllegalArgumentException if there can be no such message: it has the delimiter in it, or is too long for
     *     its length
     */
    default ByteBuffer frame(ByteBuffer message) {
        ByteBuffer framed = ByteBuffer.allocate(message.remaining() + 2 * AROUND);
        before(message, framed);
        framed.put(message.duplicate());
        after(message, framed);
        return framed.flip();
    }

    /**
     * Returns a text in UTF-8 as a message with what is around it; see {@link #frame(ByteBuffer)}.
     *
     * @param message the text
     * @return a buffer with all of it between position and limit
     * @throws IllegalArgumentException if there can be no such message, or half a surrogate pair is in it
     */
    default ByteBuffer frame(String message) {
        return frame(Text.bytes(message));
    }

    /**
     * Lines. A line ends with a line feed, and a carriage return before that belongs to the end; what is read has
     * neither. A carriage return elsewhere is a character as any other. Empty lines are messages of no bytes. What
     * stands behind the last line feed at the regular end of a stream is a line as well, as in {@link
     * java.io.BufferedReader}, Go, Node and Python: where half a command must not be taken for a whole one, use {@link
     * #delimited} with {@code '\n'}, for which that is an error.
     *
     * <p>Written lines end with a line feed. A line to write must have none in it, nor a carriage return at its end.
     *
     * @return the framing
     */
    static Framing lines() {
        return LineFraming.LF;
    }

    /**
     * Lines that are written with a carriage return and a line feed at their end, as many protocols of the Internet
     * want it; they are read as {@link #lines} are.
     *
     * @return the framing
     */
    static Framing crlfLines() {
        return LineFraming.CRLF;
    }

    /**
     * Messages that end with a NUL byte, which is not part of them; see {@link #delimited}.
     *
     * @return the framing
     */
    static Framing nul() {
        return DelimiterFraming.NUL;
    }

    /**
     * Messages that end with a byte of your choice, which is not part of them. What stands behind the last one at the
     * end of the stream was cut off, which is an error. A message to write must not have it.
     *
     * @param delimiter the byte, 0 to 255
     * @return the framing
     */
    static Framing delimited(int delimiter) {
        return new DelimiterFraming(delimiter);
    }

    /**
     * Messages behind their length, most significant byte first; see {@link #length(int, ByteOrder)}.
     *
     * @param bytes how many bytes the length has: 1, 2 or 4
     * @return the framing
     */
    static Framing length(int bytes) {
        return length(bytes, ByteOrder.BIG_ENDIAN);
    }

    /**
     * Messages behind their length, which is unsigned and does not count itself.
     *
     * @param bytes how many bytes the length has: 1, 2 or 4
     * @param order whether the most or the least significant byte comes first
     * @return the framing
     */
    static Framing length(int bytes, ByteOrder order) {
        return new LengthFraming(bytes, order);
    }

    /**
     * Messages behind their length as a varint, as Protocol Buffers delimit theirs: seven bits in each byte, the least
     * significant ones first, and the highest bit of each byte but the last set. It has five bytes and 32 bits at most.
     * One that could be shorter, having a last byte of 0, is an error.
     *
     * @return the framing
     */
    static Framing varint() {
        return VarintFraming.VARINT;
    }

    /**
     * Messages behind a header with a field {@code Content-Length}, as in the Language Server Protocol and the Debug
     * Adapter Protocol. The header's lines end as {@link #lines} do, and an empty one ends it; other fields are
     * skipped. A header of more than 8,192 bytes, without that field, or with two of them is an error, and so is a line
     * that is no field.
     *
     * @return the framing
     */
    static Framing contentLength() {
        return ContentLengthFraming.CONTENT_LENGTH;
    }

    /**
     * Messages that all have the same number of bytes, with nothing around them.
     *
     * @param bytes how many, 1 or more
     * @return the framing
     */
    static Framing fixed(int bytes) {
        return new FixedFraming(bytes);
    }

    /**
     * Text in UTF-8 without messages: whatever has come, up to the last whole character and to the reader's limit, so
     * that no piece of a character is broken. Where one message ends and the next begins, only chance decides.
     *
     * @return the framing
     */
    static Framing text() {
        return TextFraming.UTF_8;
    }
}
