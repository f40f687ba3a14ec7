/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Panpipe's end of one connection: sends {@link Content} with back-pressure, reads what comes, counts every callback,
 * and closes the pipe when both directions have come to an end. Where a write fails it tries one more, which has to
 * fail.
 */
final class PanpipeEnd {

    private static final int HIGH = 64 * 1024;

    /** From less than a system call is worth to more than a socket's buffer. */
    private static final int[] SIZES = {1, 65_536, 17, 4_096, 300_007};

    private static final int LARGEST = 300_007;
    private static final int KEPT_TEXT = 64;

    private final MessageDigest digest = Content.sha256();
    private final StringBuilder text = new StringBuilder();
    private final long amount;
    private Runnable whenMoved = () -> {};

    private @Nullable Pipe pipe;
    private long received;
    private final List<ErrorCode> readEnds = new ArrayList<>();

    private boolean waitsWithSending;
    private long given;
    private long acknowledged;
    private int requests;
    private int callbacks;
    private int refusals;
    private int drains;
    private boolean shutdownAsked;
    private int shutdowns;
    private int closes;
    private final List<ErrorCode> writeErrors = new ArrayList<>();

    /**
     * Makes an end that sends as soon as it is connected.
     *
     * @param amount bytes to send before it ends its output
     */
    PanpipeEnd(long amount) {
        this.amount = amount;
    }

    /** Waits with sending until the other end has ended its output. */
    PanpipeEnd answering() {
        waitsWithSending = true;
        return this;
    }

    /** Calls back after each read, and after each write that is done. */
    void whenMoved(Runnable callback) {
        whenMoved = callback;
    }

    void connected(Pipe connection) throws PanpipeException {
        pipe = connection;
        connection.onDrain(drained -> {
            drains++;
            pump();
        });
        connection.startRead((from, data, error) -> read(data, error));
        if (!waitsWithSending) {
            pump();
        }
    }

    private Pipe pipe() {
        if (pipe == null) {
            throw new IllegalStateException("not connected yet");
        }
        return pipe;
    }

    // Reading.

    private void read(@Nullable ByteBuffer data, @Nullable PanpipeException error) {
        if (data == null) {
            assertTrue(error != null, "neither data nor error");
            readEnds.add(error.code());
            readEnded();
            return;
        }
        assertEquals(null, error);
        received += data.remaining();
        if (text.length() + data.remaining() <= KEPT_TEXT) {
            text.append(StandardCharsets.ISO_8859_1.decode(data.duplicate()));
        }
        digest.update(data);
        whenMoved.run();
    }

    private void readEnded() {
        if (waitsWithSending) {
            waitsWithSending = false;
            pump();
        }
        closeIfDone();
    }

    // Writing.

    private void pump() {
        while (given < amount && writeErrors.isEmpty() && !pipe().closed()) {
            int size = (int) Math.min(SIZES[requests % SIZES.length], amount - given);
            boolean more = write(Content.piece(given, size));
            // At once, or a queue without bounds would take all memory before the test ends.
            assertTrue(pipe().writeQueueSize() < HIGH + LARGEST, "the queue is bounded");
            if (!more) {
                refusals++;
                return;
            }
        }
        if (given == amount && !shutdownAsked && !pipe().closed()) {
            shutdownAsked = true;
            pipe().shutdown((from, error) -> {
                assertEquals(null, error);
                assertEquals(requests, callbacks, "the shutdown is called back after the writes");
                shutdowns++;
                closeIfDone();
            });
        }
    }

    private boolean write(byte[] data) {
        int index = requests++;
        given += data.length;
        return pipe().write(data, (from, error) -> written(index, data.length, error));
    }

    private void written(int index, int size, @Nullable PanpipeException error) {
        assertEquals(callbacks, index, "write callbacks come once each, in order");
        callbacks++;
        if (error != null) {
            writeErrors.add(error.code());
            if (writeErrors.size() == 1 && !pipe().closed()) {
                write(new byte[] {1});
            }
            closeIfDone();
            return;
        }
        assertEquals(List.of(), writeErrors, "no write succeeds after one that failed");
        acknowledged += size;
        whenMoved.run();
    }

    // The end.

    private void closeIfDone() {
        boolean sent = shutdowns == 1 || !writeErrors.isEmpty() && callbacks == requests;
        if (sent && !readEnds.isEmpty()) {
            close();
        }
    }

    void close() {
        if (!pipe().closed()) {
            pipe().close(handle -> closes++);
        }
    }

    /** Writes a lot and closes at once, so that the write is interrupted. */
    void writeAndClose(int size) {
        if (!pipe().closed()) {
            write(Content.piece(given, size));
            close();
        }
    }

    // What happened.

    long received() {
        return received;
    }

    long acknowledged() {
        return acknowledged;
    }

    long given() {
        return given;
    }

    List<ErrorCode> readEnds() {
        return readEnds;
    }

    List<ErrorCode> writeErrors() {
        return writeErrors;
    }

    /** Returns what was read, where it was so short as a digest. */
    String text() {
        return text.toString();
    }

    String digest() {
        return Content.hex(digest);
    }

    /** Checks what holds for every connection, however it went. */
    void check() {
        assertEquals(requests, callbacks, "each write is called back once");
        assertEquals(shutdownAsked ? 1 : 0, shutdowns, "the shutdown is called back once");
        assertEquals(1, closes, "the close is called back once");
    }

    /** Checks that all was sent, no faster than the other end took it. */
    void checkAllSent() {
        assertEquals(List.of(), writeErrors);
        assertEquals(amount, acknowledged);
        assertTrue(refusals > 0, "a write was refused for now");
        assertEquals(refusals, drains, "each of them was followed by a drain");
    }
}
