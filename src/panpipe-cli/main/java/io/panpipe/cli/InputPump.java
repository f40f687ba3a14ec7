/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.StreamCallback;
import io.panpipe.StreamHandle;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Copies a blocking stream to a pipe with a thread of its own, because what is standard input may be a file, a device
 * or a terminal, which no loop can wait for.
 *
 * <p>A fixed number of pieces goes round: the thread fills one, the loop writes it, and its write callback gives it
 * back. So the thread reads no faster than the pipe takes, and a message makes no object of ours.
 */
final class InputPump {

    private static final int PIECE = 64 * 1024;

    private final Loop loop;
    private final InputStream in;
    private final Owner owner;
    private final BlockingQueue<Piece> free;
    private final Deque<Piece> held = new ArrayDeque<>();
    private @Nullable StreamHandle<?> target;
    private boolean ended;

    /** Who is told, on the loop's thread. */
    interface Owner {

        /** Bytes are given to a pipe, which are to stay where they are in the buffer. */
        void sending(ByteBuffer data);

        /** A pipe has taken bytes, or has failed; not always the one that is attached by now. */
        void sent(StreamHandle<?> pipe, int bytes, @Nullable PanpipeException error);

        /** All there was has been given to the pipe; told to each further pipe as well. */
        void inputEnded();

        /** The stream cannot be read; {@link #inputEnded} follows. */
        void inputFailed(IOException error);
    }

    private final class Piece implements Runnable, StreamCallback<StreamHandle<?>> {

        final byte[] bytes = new byte[PIECE];
        final ByteBuffer buffer = ByteBuffer.wrap(bytes);

        /** On the loop's thread: writes what was read. */
        @Override
        public void run() {
            StreamHandle<?> pipe = target;
            if (pipe == null) {
                held.add(this);
            } else if (pipe.closed()) {
                free.add(this);
            } else {
                owner.sending(buffer);
                pipe.write(buffer, this);
            }
        }

        @Override
        public void call(StreamHandle<?> pipe, @Nullable PanpipeException error) {
            int length = buffer.remaining();
            free.add(this);
            owner.sent(pipe, length, error);
        }
    }

    /**
     * Makes a pump.
     *
     * @param pieces how many pieces of 64 KiB may be under way
     */
    InputPump(Loop loop, InputStream in, int pieces, Owner owner) {
        this.loop = loop;
        this.in = in;
        this.owner = owner;
        free = new ArrayBlockingQueue<>(pieces);
        for (int i = 0; i < pieces; i++) {
            free.add(new Piece());
        }
    }

    void start(String threadName) {
        Thread.ofPlatform().daemon().name(threadName).start(this::readAll);
    }

    private void readAll() {
        try {
            IOException failure = null;
            try (in) {
                readPieces();
            } catch (IOException refused) {
                failure = refused;
            }
            IOException why = failure;
            loop.execute(() -> end(why));
        } catch (RejectedExecutionException loopClosed) {
            // The command has ended meanwhile, and this thread with it.
            return;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void readPieces() throws IOException, InterruptedException {
        while (true) {
            Piece piece = free.take();
            int length = in.read(piece.bytes);
            if (length < 0) {
                return;
            }
            piece.buffer.clear().limit(length);
            loop.execute(piece);
        }
    }

    private void end(@Nullable IOException failure) {
        ended = true;
        if (failure != null) {
            owner.inputFailed(failure);
        }
        if (target != null) {
            owner.inputEnded();
        }
    }

    // On the loop's thread.

    /** Has what was read, and what will be, written to a pipe. */
    void attach(StreamHandle<?> pipe) {
        target = pipe;
        for (Piece piece = held.poll(); piece != null; piece = held.poll()) {
            piece.run();
        }
        if (ended) {
            owner.inputEnded();
        }
    }

    /** Keeps what is read for the next pipe; once all pieces are full, reading waits. */
    void detach() {
        target = null;
    }
}
