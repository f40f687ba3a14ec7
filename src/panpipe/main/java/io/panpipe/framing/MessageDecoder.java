/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes messages of the pieces in which a stream comes, however it was cut. A {@link MessageReader} does this on a
 * loop; this is for whoever has the bytes from elsewhere, such as {@link io.panpipe.Pipe#startRead2}.
 *
 * <p>A message that came within one piece is handed out as a part of that piece, and costs no memory. One that spans
 * several is put together in memory of its own, and costs no more than copying it twice, however many pieces there are;
 * that memory grows with what has come, not with what a length announces.
 *
 * {@snippet :
 * MessageDecoder decoder = new MessageDecoder(Framing.length(4));
 * decoder.feed(piece);
 * for (ByteBuffer message = decoder.next(); message != null; message = decoder.next()) {
 *     handle(message);
 * }
 * }
 *
 * <p>Of one thread at a time. After a {@link FramingException} it makes nothing more of the stream, and throws again.
 *
 * @since 0.1
 */
public final class MessageDecoder {

    /** How long a message may be where nobody says another thing: 1 MiB. */
    public static final int DEFAULT_LIMIT = 1 << 20;

    /** The longest limit: 1 GiB. */
    public static final int HIGHEST_LIMIT = 1 << 30;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** The longest array that every JVM makes. */
    private static final int LONGEST = Integer.MAX_VALUE - 8;

    /** The least that is looked at in one go of what a message continues with, and the smallest memory for one. */
    private static final int STEP = 64;

    private final MessageBounds bounds = new MessageBounds();
    private Framing framing;

    /** What was fed last, whose bytes from here to there are not decoded yet. */
    private ByteBuffer piece = NOTHING;

    private int pieceStart;
    private int pieceEnd;

    /**
     * What was copied of earlier pieces, which comes before the piece. What was handed out of it stays as it is,
     * because it may still have to be written: memory in it is used once.
     */
    private ByteBuffer own = NOTHING;

    private int ownStart;
    private int ownEnd;

    /** So many bytes at the end of {@code own} were copied of the present piece. */
    private int copied;

    /**
     * Makes one whose messages have {@value #DEFAULT_LIMIT} bytes at most.
     *
     * @param framing where messages begin and end
     */
    public MessageDecoder(Framing framing) {
        this(framing, DEFAULT_LIMIT);
    }

    /**
     * Makes one.
     *
     * @param framing where messages begin and end
     * @param limit how many bytes a message may have, without what is around it: 0 to {@link #HIGHEST_LIMIT}
     */
    public MessageDecoder(Framing framing, int limit) {
        this.framing = Objects.requireNonNull(framing, "framing");
        bounds.limit(checkLimit(limit));
    }

    private static int checkLimit(int limit) {
        if (limit < 0 || limit > HIGHEST_LIMIT) {
            throw new IllegalArgumentException("a limit is 0 to " + HIGHEST_LIMIT + " bytes: " + limit);
        }
        return limit;
    }

    /**
     * Has what follows on the last message decoded in another way; the limit stays. For protocols that change to
     * another framing, or whose messages say how the next one is framed.
     *
     * @param next where messages begin and end from now on
     */
    public void framing(Framing next) {
        framing(next, bounds.limit());
    }

    /**
     * Has what follows on the last message decoded in another way, and with another limit.
     *
     * @param next where messages begin and end from now on
     * @param limit how many bytes a message may have: 0 to {@link #HIGHEST_LIMIT}
     */
    public void framing(Framing next, int limit) {
        Objects.requireNonNull(next, "next");
        bounds.limit(checkLimit(limit));
        bounds.reset();
        framing = next;
    }

    /**
     * Takes a piece of the stream, of which {@link #next} makes messages. The buffer is this object's until {@code
     * next} returns null or {@link #keep} has been called, and must not change until then; its position, limit and byte
     * order are moved, and at last its position is at its limit. What was not decoded of the piece before is kept.
     *
     * @param data the bytes between position and limit
     */
    public void feed(ByteBuffer data) {
        int start = data.position();
        int end = data.limit();
        // Moves the position of the piece before, which may be the same buffer: a loop has one for all reads.
        keep();
        piece = data;
        pieceStart = start;
        pieceEnd = end;
    }

    /**
     * Returns the next message, if all of it has come.
     *
     * @return the message between position and limit, big-endian, in the buffer that was fed or in memory of this
     *     object: valid until the next call of a method of this object, and, to be written, as long as what was fed is;
     *     null if more has to be fed first
     * @throws FramingException if what has come is no message, or one that is too long
     */
    public @Nullable ByteBuffer next() throws FramingException {
        while (pieceStart < pieceEnd || ownStart < ownEnd) {
            if (ownStart == ownEnd) {
                releaseOwn();
                if (isWhole(piece, pieceStart, pieceEnd)) {
                    ByteBuffer message = message(piece, pieceStart);
                    pieceStart += total();
                    bounds.reset();
                    return message;
                }
                keep();
                return null;
            }
            if (isWhole(own, ownStart, ownEnd)) {
                return ownMessage();
            }
            if (pieceStart == pieceEnd) {
                break;
            }
            append(step());
        }
        keep();
        return null;
    }

    /** Returns the message at the beginning of what was copied, and leaves to the piece what is the piece's. */
    private ByteBuffer ownMessage() {
        int back = Math.min(ownEnd - ownStart - total(), copied);
        ownEnd -= back;
        pieceStart -= back;
        copied = 0;
        ByteBuffer message = message(own, ownStart);
        ownStart += total();
        bounds.reset();
        return message;
    }

    private ByteBuffer message(ByteBuffer bytes, int start) {
        int begin = start + bounds.before();
        return bytes.limit(begin + (int) bounds.length()).position(begin).order(ByteOrder.BIG_ENDIAN);
    }

    private int total() {
        return (int) bounds.total();
    }

    /** Tells whether there is a whole message, having looked for its end if that is not known. */
    private boolean isWhole(ByteBuffer bytes, int start, int end) throws FramingException {
        int length = end - start;
        if (!bounds.isKnown()) {
            framing.find(bytes.limit(end).position(start), bounds);
            if (bounds.isKnown()) {
                checkLength();
            } else if (length > (long) bounds.limit() + framing.overhead()) {
                throw tooLong("a message is longer than the limit of " + bounds.limit() + " bytes");
            }
        }
        return bounds.isKnown() && bounds.total() <= length;
    }

    private void checkLength() throws FramingException {
        long length = bounds.length();
        if (length > bounds.limit() || bounds.total() > LONGEST) {
            bounds.reset();
            throw tooLong("a message of " + length + " bytes is longer than the limit of " + bounds.limit() + " bytes");
        }
    }

    private static FramingException tooLong(String message) {
        return new FramingException(FramingException.Kind.TOO_LONG, message);
    }

    /** Returns how much of the piece to add to the beginning of a message that was copied. */
    private int step() {
        int length = ownEnd - ownStart;
        long wanted;
        if (bounds.isKnown()) {
            wanted = bounds.total() - length;
        } else if (bounds.needed() > length) {
            wanted = bounds.needed() - length;
        } else {
            // The end may be in the first byte or in none: what is copied too much is no more than what was needed.
            wanted = Math.max(STEP, length);
        }
        return (int) Math.min(wanted, pieceEnd - pieceStart);
    }

    /** Copies so many bytes of the piece behind what was copied before. */
    private void append(int count) {
        if (own.capacity() - ownEnd < count) {
            int length = ownEnd - ownStart;
            ByteBuffer larger = ByteBuffer.allocate(capacity(length + count));
            larger.put(0, own.clear(), ownStart, length);
            own = larger;
            ownStart = 0;
            ownEnd = length;
        }
        own.clear().put(ownEnd, piece.limit(pieceEnd), pieceStart, count);
        ownEnd += count;
        pieceStart += count;
        copied += count;
    }

    private int capacity(int needed) {
        long twice = Math.max(STEP, 2L * needed);
        return bounds.isKnown()
                ? (int) Math.max(needed, Math.min(twice, bounds.total()))
                : (int) Math.min(twice, LONGEST);
    }

    /** Forgets what was copied and is decoded; whoever writes it has it still. */
    private void releaseOwn() {
        own = NOTHING;
        ownStart = 0;
        ownEnd = 0;
        copied = 0;
    }

    /**
     * Copies what is not decoded of the piece, which belongs to whoever fed it again: called where {@link #next} is not
     * called until it returns null. The message that it returned last is not valid any more.
     */
    public void keep() {
        if (pieceStart < pieceEnd) {
            if (ownStart == ownEnd) {
                releaseOwn();
            }
            append(pieceEnd - pieceStart);
        }
        if (piece != NOTHING) {
            piece.limit(pieceEnd).position(pieceEnd);
            piece = NOTHING;
        }
        pieceStart = 0;
        pieceEnd = 0;
        copied = 0;
    }

    /**
     * Returns how much has come and was not handed out in messages.
     *
     * @return bytes
     */
    public int buffered() {
        return ownEnd - ownStart + pieceEnd - pieceStart;
    }

    /**
     * Moves what has come and was not handed out to another buffer, as far as there is room: for what follows on
     * messages and is none.
     *
     * @param target takes the bytes from its position on
     * @return how many
     */
    public int drainTo(ByteBuffer target) {
        int fromOwn = Math.min(ownEnd - ownStart, target.remaining());
        target.put(own.limit(ownStart + fromOwn).position(ownStart));
        ownStart += fromOwn;
        int fromPiece = Math.min(pieceEnd - pieceStart, target.remaining());
        if (fromPiece > 0) {
            target.put(piece.limit(pieceStart + fromPiece).position(pieceStart));
            pieceStart += fromPiece;
        }
        copied = Math.min(copied, ownEnd - ownStart);
        bounds.reset();
        return fromOwn + fromPiece;
    }

    /**
     * Ends the stream, when {@link #next} has returned null: says whether it has ended between messages.
     *
     * @return the last message, where a framing takes what is left for one, as {@link Framing#lines} does; valid as
     *     those of {@code next} are; null if there is none, and when it has been returned
     * @throws FramingException of the kind CUT_OFF if the stream has ended in the midst of a message
     */
    public @Nullable ByteBuffer end() throws FramingException {
        keep();
        int length = ownEnd - ownStart;
        if (length == 0) {
            releaseOwn();
            return null;
        }
        if (!bounds.isKnown()) {
            framing.last(own.limit(ownEnd).position(ownStart), bounds);
        }
        if (!bounds.isKnown() || bounds.total() != length) {
            throw new FramingException(FramingException.Kind.CUT_OFF,
                    "the stream has ended in the midst of a message, " + length + " bytes behind its beginning");
        }
        checkLength();
        return ownMessage();
    }

    @Override
    public String toString() {
        return "decoder of " + framing + ", " + buffered() + " bytes left";
    }
}
