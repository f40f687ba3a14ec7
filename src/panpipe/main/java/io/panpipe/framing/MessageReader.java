/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.ReadCallback;
import io.panpipe.StreamHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads messages from a stream of a loop.
 *
 * {@snippet :
 * MessageReader.startText(pipe, Framing.lines(), (p, line, end) -> {
 *     if (line != null) {
 *         System.out.println(line);
 *     } else {
 *         p.close();
 *     }
 * });
 * }
 *
 * <p>What it hands out of a read of the loop costs no memory and is not copied; see {@link MessageDecoder}. A message
 * may have 1 MiB where nothing else is said. What is too long, or no message, ends the reading with a {@link
 * FramingException}; closing the stream is left to the callback.
 *
 * <p>It reads by {@link StreamHandle#startRead} and takes the place of its callback: use {@link #pause} and {@link
 * #resume}, not {@code stopRead}. All methods are for the loop's thread and throw {@link WrongThreadException} on any
 * other. Callbacks never run inside the call that asked for them.
 *
 * @param <S> the kind of stream
 * @since 0.1
 */
public final class MessageReader<S extends StreamHandle<S>> {

    private enum State {
        /** The stream reads. */
        READING,
        /** The user wants no messages for now. */
        PAUSED,
        /** A task of the loop hands out what is left of the last read, and then has the stream read. */
        RESUMING,
        /** The end or an error was told, or the stream is closed. */
        ENDED
    }

    private final S stream;
    private final MessageCallback<? super S> callback;
    private final MessageDecoder decoder;
    private final ReadCallback<S> reading = this::read;
    private State state = State.READING;
    private boolean isTaskQueued;
    private boolean handing;

    /** Why the stream reads no more, to be told behind the messages that came before. */
    private @Nullable PanpipeException ending;

    private MessageReader(S stream, Framing framing, int limit, MessageCallback<? super S> callback) {
        this.stream = stream;
        this.callback = callback;
        decoder = new MessageDecoder(framing, limit);
    }

    /**
     * Starts reading messages of {@link MessageDecoder#DEFAULT_LIMIT} bytes at most.
     *
     * @param <S> the kind of stream
     * @param stream a stream that is connected and does not read
     * @param framing where messages begin and end
     * @param callback called for each message, and once for the end or an error
     * @return the reader, to pause it and to change the framing
     * @throws PanpipeException if the system cannot watch the descriptor
     * @throws IllegalStateException if it reads already, also for a channel, is not connected or was opened for writing
     *     only
     */
    public static <S extends StreamHandle<S>> MessageReader<S> start(
            S stream, Framing framing, MessageCallback<? super S> callback) throws PanpipeException {
        return start(stream, framing, MessageDecoder.DEFAULT_LIMIT, callback);
    }

    /**
     * Starts reading messages.
     *
     * @param <S> the kind of stream
     * @param stream a stream that is connected and does not read
     * @param framing where messages begin and end
     * @param limit how many bytes a message may have, without what is around it: 0 to {@link
     *     MessageDecoder#HIGHEST_LIMIT}
     * @param callback called for each message, and once for the end or an error
     * @return the reader, to pause it and to change the framing
     * @throws PanpipeException if the system cannot watch the descriptor
     * @throws IllegalStateException if it reads already, also for a channel, is not connected or was opened for writing
     *     only
     */
    public static <S extends StreamHandle<S>> MessageReader<S> start(
            S stream, Framing framing, int limit, MessageCallback<? super S> callback) throws PanpipeException {
        Objects.requireNonNull(callback, "callback");
        MessageReader<S> reader = new MessageReader<>(stream, framing, limit, callback);
        stream.startRead(reader.reading);
        return reader;
    }

    /**
     * Starts reading messages of {@link MessageDecoder#DEFAULT_LIMIT} bytes at most, as text.
     *
     * @param <S> the kind of stream
     * @param stream a stream that is connected and does not read
     * @param framing where messages begin and end
     * @param callback called for each message, and once for the end or an error
     * @return the reader, to pause it and to change the framing
     * @throws PanpipeException if the system cannot watch the descriptor
     * @throws IllegalStateException if it reads already, also for a channel, is not connected or was opened for writing
     *     only
     */
    public static <S extends StreamHandle<S>> MessageReader<S> startText(
            S stream, Framing framing, TextCallback<? super S> callback) throws PanpipeException {
        return startText(stream, framing, MessageDecoder.DEFAULT_LIMIT, callback);
    }

    /**
     * Starts reading messages as text.
     *
     * @param <S> the kind of stream
     * @param stream a stream that is connected and does not read
     * @param framing where messages begin and end
     * @param limit how many bytes a message may have, without what is around it: 0 to {@link
     *     MessageDecoder#HIGHEST_LIMIT}
     * @param callback called for each message, and once for the end or an error
     * @return the reader, to pause it and to change the framing
     * @throws PanpipeException if the system cannot watch the descriptor
     * @throws IllegalStateException if it reads already, also for a channel, is not connected or was opened for writing
     *     only
     */
    public static <S extends StreamHandle<S>> MessageReader<S> startText(
            S stream, Framing framing, int limit, TextCallback<? super S> callback) throws PanpipeException {
        Objects.requireNonNull(callback, "callback");
        return start(stream, framing, limit, (same, message, error) ->
                callback.call(same, message == null ? null : Text.of(message), error));
    }

    /**
     * Has what follows on the last message read in another way; the limit stays. In a callback it follows on the
     * message there.
     *
     * @param next where messages begin and end from now on
     */
    public void framing(Framing next) {
        checkThread();
        decoder.framing(next);
        lookAgain();
    }

    /**
     * Has what follows on the last message read in another way, and with another limit. In a callback it follows on the
     * message there.
     *
     * @param next where messages begin and end from now on
     * @param limit how many bytes a message may have: 0 to {@link MessageDecoder#HIGHEST_LIMIT}
     */
    public void framing(Framing next, int limit) {
        checkThread();
        decoder.framing(next, limit);
        lookAgain();
    }

    /** What is left of a message may be whole ones by now, and nothing more may come before they are answered. */
    private void lookAgain() {
        if (!handing && state == State.READING && decoder.buffered() > 0) {
            stream.stopRead();
            resumeSoon();
        }
    }

    /**
     * Stops reading: no more messages are called back, also of those that have come already, until {@link #resume}.
     * What comes then waits with the system, and the sender waits with it. Without effect when reading is paused
     * already, or has ended.
     */
    public void pause() {
        checkThread();
        if (state == State.READING) {
            stream.stopRead();
        }
        if (state != State.ENDED) {
            state = State.PAUSED;
        }
    }

    /**
     * Goes on after a {@link #pause}: with the messages that had come by then, which are called back later, and then
     * with what comes. Without effect when reading is not paused, or has ended.
     *
     * @throws PanpipeException if the system cannot watch the descriptor
     */
    public void resume() throws PanpipeException {
        checkThread();
        if (state != State.PAUSED) {
            return;
        }
        if (stream.closed()) {
            state = State.ENDED;
        } else if (ending == null && decoder.buffered() == 0) {
            stream.startRead(reading);
            state = State.READING;
        } else {
            resumeSoon();
        }
    }

    /** Hands out in a task of its own what has come. */
    private void resumeSoon() {
        if (!isTaskQueued) {
            stream.loop().execute(this::handOutRest);
            isTaskQueued = true;
        }
        state = State.RESUMING;
    }

    /**
     * Returns the stream that is read.
     *
     * @return the stream
     */
    public S stream() {
        return stream;
    }

    private void checkThread() {
        // As every method of the stream does.
        stream.closed();
    }

    private void read(S same, @Nullable ByteBuffer data, @Nullable PanpipeException error) throws Exception {
        if (data == null) {
            ending = error;
        } else {
            decoder.feed(data);
        }
        handOut(State.READING);
    }

    private void handOutRest() {
        isTaskQueued = false;
        if (state != State.RESUMING) {
            return;
        }
        try {
            handOut(State.RESUMING);
            if (state == State.RESUMING) {
                readOn();
            }
        } catch (Exception thrown) {
            MessageReader.<RuntimeException>throwAsItIs(thrown);
        }
    }

    /**
     * Throws what a callback has thrown to the loop, whose tasks declare nothing, and whose handler is to be told of
     * the same.
     */
    @SuppressWarnings("unchecked")
    private static <T extends Exception> void throwAsItIs(Exception thrown) throws T {
        throw (T) thrown;
    }

    private void readOn() throws Exception {
        try {
            stream.startRead(reading);
            state = State.READING;
        } catch (PanpipeException refused) {
            end(refused);
        }
    }

    /**
     * Hands out what has come, as long as the callback wants.
     *
     * @param from the state in which it goes on
     */
    private void handOut(State from) throws Exception {
        boolean isHandingOut = true;
        handing = true;
        try {
            while (isHandingOut) {
                isHandingOut = handOutNext(from);
            }
        } finally {
            handing = false;
            if (stream.closed()) {
                state = State.ENDED;
            } else if (state != State.ENDED) {
                keepRest(isHandingOut);
            }
        }
    }

    /** Hands out the next message, or tells the end; tells whether there may be more. */
    private boolean handOutNext(State from) throws Exception {
        if (state != from || stream.closed()) {
            return false;
        }
        ByteBuffer message;
        PanpipeException ended = ending;
        IOException failure = ended;
        try {
            message = decoder.next();
            if (message == null && ended != null && ended.code() == ErrorCode.EOF) {
                message = decoder.end();
            }
        } catch (FramingException broken) {
            message = null;
            failure = broken;
        } catch (RuntimeException | Error failed) {
            // A framing of the user's, or no memory for a message: what follows would not begin where a message does.
            message = null;
            failure = new IOException("a message could not be read: " + failed, failed);
        }
        if (message != null) {
            callback.call(stream, message, null);
            return true;
        }
        if (failure != null) {
            end(failure);
        }
        return false;
    }

    /** Keeps what is left of the read, and goes on with it later if a callback has thrown. */
    private void keepRest(boolean hasThrown) throws Exception {
        try {
            decoder.keep();
        } catch (OutOfMemoryError none) {
            end(new IOException("what has come could not be kept", none));
            return;
        }
        boolean isLeft = decoder.buffered() > 0 || ending != null;
        if (hasThrown && (state == State.RESUMING || state == State.READING && isLeft)) {
            if (state == State.READING) {
                stream.stopRead();
            }
            resumeSoon();
        }
    }

    private void end(IOException why) throws Exception {
        if (state == State.READING) {
            stream.stopRead();
        }
        state = State.ENDED;
        callback.call(stream, null, why);
    }
}
