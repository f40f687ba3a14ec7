/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Tcp;
import io.panpipe.Timer;
import io.panpipe.framing.Framing;
import io.panpipe.framing.FramingException;
import io.panpipe.framing.MessageReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A connection of an HTTP/1.1 client, of which every request is answered with the number of this process. */
final class PreforkConnection {

    private static final int LONGEST_HEAD = 8 * 1024;
    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final Duration LINGER = Duration.ofSeconds(2);
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US).withZone(ZoneOffset.UTC);
    private static final Map<Integer, String> REASONS = Map.of(
            200, "OK", 400, "Bad Request", 405, "Method Not Allowed", 431, "Request Header Fields Too Large",
            505, "HTTP Version Not Supported");

    private final Tcp client;
    private final List<String> head = new ArrayList<>();
    private int headLength;
    private @Nullable MessageReader<Tcp> reader;

    /** There once the last answer was given; what still comes is not looked at. */
    private @Nullable Timer deadline;

    PreforkConnection(Tcp client) {
        this.client = client;
    }

    void start() throws PanpipeException {
        MessageReader<Tcp> lines = MessageReader.startText(client, Framing.crlfLines(), LONGEST_HEAD, this::read);
        reader = lines;
        client.idleTimeout(IDLE, idle -> close());
        client.onDrain(same -> lines.resume());
    }

    private void read(Tcp same, @Nullable String line, @Nullable IOException end) throws PanpipeException {
        if (line != null) {
            take(line);
        } else if (end instanceof FramingException tooLong && tooLong.kind() == FramingException.Kind.TOO_LONG) {
            if (deadline == null) {
                answer(PreforkRequest.TOO_LONG);
            }
            client.startRead((reading, data, gone) -> {
                if (data == null) {
                    ended(gone);
                }
            });
        } else {
            ended(end);
        }
    }

    private void ended(@Nullable IOException end) {
        if (end instanceof PanpipeException told && told.code() == ErrorCode.EOF) {
            // Told when all answers are sent, also where shutdown was called before.
            client.shutdown((done, ignored) -> close());
        } else {
            close();
        }
    }

    /** Takes a line of a request's head, and answers at its end; a client may send several requests at once. */
    private void take(String line) {
        if (deadline != null) {
            return;
        }
        if (!line.isEmpty()) {
            headLength += line.length() + 2;
            if (headLength > LONGEST_HEAD) {
                answer(PreforkRequest.TOO_LONG);
            }
            head.add(line);
        } else if (!head.isEmpty()) {
            PreforkRequest request = PreforkRequest.parse(head);
            head.clear();
            headLength = 0;
            answer(request);
        }
    }

    private void answer(PreforkRequest request) {
        boolean goesOn = client.write(text(request).getBytes(StandardCharsets.ISO_8859_1), this::written);
        if (!goesOn && reader != null) {
            // A client that asks and does not read the answers has to wait.
            reader.pause();
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
                + "Connection: " + (request.persistent() ? "keep-alive" : "close") + "\r\n\r\n"
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
