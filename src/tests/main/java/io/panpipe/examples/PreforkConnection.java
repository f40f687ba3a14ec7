/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Tcp;
import io.panpipe.Timer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A connection of an HTTP/1.1 client, of which every request is answered with the number of this process. */
final class PreforkConnection {

    private static final int LONGEST_HEAD = 8 * 1024;
    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final Duration LINGER = Duration.ofSeconds(2);
    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US).withZone(ZoneOffset.UTC);
    private static final Map<Integer, String> REASONS = Map.of(
            200, "OK", 400, "Bad Request", 405, "Method Not Allowed", 431, "Request Header Fields Too Large",
            505, "HTTP Version Not Supported");

    private final Tcp client;
    private final StringBuilder received = new StringBuilder();

    /** There once the last answer was given; what still comes is not looked at. */
    private @Nullable Timer deadline;

    PreforkConnection(Tcp client) {
        this.client = client;
    }

    void start() throws PanpipeException {
        client.idleTimeout(IDLE, idle -> close());
        client.onDrain(same -> same.startRead(this::read));
        client.startRead(this::read);
    }

    private void read(Tcp same, @Nullable ByteBuffer data, @Nullable PanpipeException error) {
        if (data != null) {
            if (deadline == null) {
                received.append(StandardCharsets.ISO_8859_1.decode(data));
                answerAll();
            }
        } else if (error != null && error.code() == ErrorCode.EOF) {
            // Told when all answers are sent, also where shutdown was called before.
            client.shutdown((done, ignored) -> close());
        } else {
            close();
        }
    }

    /** Answers what has come completely; a client may send several requests at once. */
    private void answerAll() {
        int start = skipEmptyLines(0);
        for (int end = received.indexOf(END_OF_HEAD, start); end >= 0 && deadline == null; ) {
            answer(end - start > LONGEST_HEAD
                    ? PreforkRequest.TOO_LONG
                    : PreforkRequest.parse(received.substring(start, end)));
            start = skipEmptyLines(end + END_OF_HEAD.length());
            end = received.indexOf(END_OF_HEAD, start);
        }
        received.delete(0, start);
        if (received.length() > LONGEST_HEAD && deadline == null) {
            answer(PreforkRequest.TOO_LONG);
        }
    }

    private int skipEmptyLines(int from) {
        int start = from;
        while (received.indexOf("\r\n", start) == start) {
            start += 2;
        }
        return start;
    }

    private void answer(PreforkRequest request) {
        if (!client.write(text(request).getBytes(StandardCharsets.ISO_8859_1), this::written)) {
            // A client that asks and does not read the answers has to wait.
            client.stopRead();
        }
        if (!request.persistent()) {
            end();
        }
    }

    private static String text(PreforkRequest request) {
        boolean found = request.status() == 200;
        String reason = REASONS.get(request.status());
        String body = found ? "worker " + ProcessHandle.current().pid() + "\n" : reason + "\n";
        return "HTTP/1.1 " + request.status() + " " + reason + "\r\n"
                + "Date: " + DATE.format(Instant.now()) + "\r\n"
                + "Content-Type: text/plain\r\n"
                + "Content-Length: " + body.length() + "\r\n"
                + (request.status() == 405 ? "Allow: GET, HEAD\r\n" : "")
                + "Connection: " + (request.persistent() ? "keep-alive" : "close") + END_OF_HEAD
                + (request.wantsBody() ? body : "");
    }

    private void written(Tcp same, @Nullable PanpipeException error) {
        if (error != null) {
            close();
        }
    }

    /**
     * Half-closes, and goes on reading for a while: a socket that is closed before all was read resets the connection, and
     * the client may lose the answer.
     */
    private void end() {
        client.shutdown();
        deadline = new Timer(client.loop());
        deadline.start(late -> close(), LINGER);
    }

    private void close() {
        client.close();
        if (deadline != null) {
            deadline.close();
        }
    }
}
