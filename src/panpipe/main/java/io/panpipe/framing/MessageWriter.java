/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import io.panpipe.StreamCallback;
import io.panpipe.StreamHandle;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;

/**
 * Writes messages to a stream of a loop.
 *
 * {@snippet :
 * MessageWriter<Pipe> writer = new MessageWriter<>(pipe, Framing.lines());
 * writer.write("hello");
 * }
 *
 * <p>It queues nothing itself: what is written goes to {@link StreamHandle#write(ByteBuffer)}, message and what is
 * around it, and leaves with all else that was written in the same callback. So several writers may write to one stream
 * in turn, and back-pressure is the stream's: {@code write} returns false when it is enough, and {@link
 * StreamHandle#onDrain} tells when to go on.
 *
 * <p>All methods are for the loop's thread and throw {@link WrongThreadException} on any other.
 *
 * @param <S> the kind of stream
 * @since 0.1
 */
public final class MessageWriter<S extends StreamHandle<S>> {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** Room for what is around some dozens of messages. */
    private static final int ROOM = 4 * Framing.AROUND;

    private final S stream;
    private Framing framing;

    /**
     * Takes what is around messages, one behind the other. Until a write is done its bytes belong to the loop, so none
     * is used twice: when it is full, another one takes its place.
     */
    private ByteBuffer around = NOTHING;

    private int used;
    private boolean isBroken;

    /**
     * Makes one.
     *
     * @param stream a stream, which may still be connecting when it is written to
     * @param framing what is around each message
     */
    public MessageWriter(S stream, Framing framing) {
        this.stream = Objects.requireNonNull(stream, "stream");
        this.framing = Objects.requireNonNull(framing, "framing");
    }

    /**
     * Writes the messages that follow in another way.
     *
     * @param next what is around each message
     */
    public void framing(Framing next) {
        framing = Objects.requireNonNull(next, "next");
    }

    /**
     * Writes a message without a callback; see {@link StreamHandle#write(ByteBuffer)}. A failure goes to the loop's
     * uncaught-exception handler. If this throws because of the message, nothing of it is written; if it throws in the
     * midst of it, because there is no memory, this writes no more.
     *
     * @param message the bytes between position and limit, which are not moved. The buffer belongs to the loop until
     *     they are written; what a read callback or a {@link MessageCallback} received may be given as it is
     * @return false if the queue has reached its high-water mark
     * @throws IllegalArgumentException if the framing has no such message: its delimiter is in it, or it is too long
     *     for its length
     * @throws IllegalStateException if the stream is closed or was never connected, or an earlier message was written
     *     in part
     */
    public boolean write(ByteBuffer message) {
        checkWhole();
        if (message.hasRemaining()) {
            // What cannot be read on this thread is found out before anything is written.
            message.get(message.position());
        }
        ByteBuffer before = before(message);
        boolean hasBegun = false;
        boolean isWhole = false;
        try {
            boolean goesOn = true;
            if (before.hasRemaining()) {
                goesOn = stream.write(before);
                hasBegun = true;
            }
            if (message.hasRemaining()) {
                goesOn = stream.write(message);
                hasBegun = true;
            }
            ByteBuffer after = after(message);
            if (after.hasRemaining()) {
                goesOn = stream.write(after);
            }
            isWhole = true;
            return goesOn;
        } finally {
            isBroken = hasBegun && !isWhole;
        }
    }

    /**
     * Writes a message, as one request; see {@link StreamHandle#write(List, StreamCallback)}. If this throws nothing is
     * written.
     *
     * @param message the bytes between position and limit, which are not moved. The buffer belongs to the loop until
     *     the callback; what a read callback or a {@link MessageCallback} received may be given as it is
     * @param callback called once when the system has taken all of it, or with an error
     * @return false if the queue has reached its high-water mark
     * @throws IllegalArgumentException if the framing has no such message: its delimiter is in it, or it is too long
     *     for its length
     * @throws IllegalStateException if the stream is closed or was never connected, or an earlier message was written
     *     in part
     */
    public boolean write(ByteBuffer message, StreamCallback<? super S> callback) {
        checkWhole();
        ByteBuffer before = before(message).slice();
        return stream.write(List.of(before, message, after(message).slice()), callback);
    }

    /**
     * Writes text in UTF-8 as a message, without a callback; see {@link #write(ByteBuffer)}.
     *
     * @param message the text
     * @return false if the queue has reached its high-water mark
     * @throws IllegalArgumentException if the framing has no such message, or half a surrogate pair is in it
     */
    public boolean write(String message) {
        return write(Text.bytes(message));
    }

    /**
     * Writes text in UTF-8 as a message; see {@link #write(ByteBuffer, StreamCallback)}.
     *
     * @param message the text
     * @param callback called once when the system has taken all of it, or with an error
     * @return false if the queue has reached its high-water mark
     * @throws IllegalArgumentException if the framing has no such message, or half a surrogate pair is in it
     */
    public boolean write(String message, StreamCallback<? super S> callback) {
        return write(Text.bytes(message), callback);
    }

    /**
     * Writes an array as a message, without a callback; see {@link #write(ByteBuffer)}.
     *
     * @param message the bytes, which stay unchanged until they are written
     * @return false if the queue has reached its high-water mark
     * @throws IllegalArgumentException if the framing has no such message
     */
    public boolean write(byte[] message) {
        return write(ByteBuffer.wrap(message));
    }

    /**
     * Writes an array as a message; see {@link #write(ByteBuffer, StreamCallback)}.
     *
     * @param message the bytes, which stay unchanged until the callback
     * @param callback called once when the system has taken all of it, or with an error
     * @return false if the queue has reached its high-water mark
     * @throws IllegalArgumentException if the framing has no such message
     */
    public boolean write(byte[] message, StreamCallback<? super S> callback) {
        return write(ByteBuffer.wrap(message), callback);
    }

    /**
     * Returns the stream that is written to.
     *
     * @return the stream
     */
    public S stream() {
        return stream;
    }

    private void checkWhole() {
        if (isBroken) {
            throw new IllegalStateException(
                    "an earlier message was written in part, and nothing can follow on it: close " + stream);
        }
    }

    private ByteBuffer before(ByteBuffer message) {
        ByteBuffer room = room();
        framing.before(message, room);
        return put(room);
    }

    private ByteBuffer after(ByteBuffer message) {
        ByteBuffer room = room();
        framing.after(message, room);
        return put(room);
    }

    private ByteBuffer room() {
        if (around.capacity() - used < Framing.AROUND) {
            around = ByteBuffer.allocate(ROOM);
            used = 0;
        }
        return around.limit(used + Framing.AROUND).position(used);
    }

    /** Returns what was put into the room. */
    private ByteBuffer put(ByteBuffer room) {
        int begin = used;
        used = room.position();
        return room.limit(used).position(begin);
    }
}
