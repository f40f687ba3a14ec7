/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.Timer;
import io.panpipe.framing.MessageReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks a {@link RequestServer} and gets answers, over one connection that is made when it is needed and made again
 * when it is lost. A request that is not answered in time is sent again, as often as told.
 */
public final class RequestClient implements AutoCloseable {

    /** Who gets the answer to a request. */
    public interface Answer {

        /**
         * Called once.
         *
         * @param body the answer, or null
         * @param error why there is none, or null
         */
        void call(byte @Nullable [] body, @Nullable IOException error);
    }

    private final Loop loop;
    private final String server;
    private final Duration timeout;
    private final int attempts;

    /** The requests that wait for an answer, by the number of their last attempt. */
    private final Map<Integer, Request> waiting = new LinkedHashMap<>();
    private @Nullable Pipe pipe;
    private int lastNumber;

    /**
     * Makes a client that is not connected yet.
     *
     * @param timeout how long to wait for each answer
     * @param attempts how often a request is sent at the most
     */
    public RequestClient(Loop loop, String server, Duration timeout, int attempts) {
        this.loop = loop;
        this.server = server;
        this.timeout = timeout;
        this.attempts = attempts;
    }

    /** Asks. */
    public void request(byte[] body, Answer answer) {
        new Request(body, answer).send();
    }

    /** Fails what is not answered and ends the connection. */
    @Override
    public void close() {
        List.copyOf(waiting.values()).forEach(request -> request.end(null, new IOException("the client was closed")));
        disconnect();
    }

    private final class Request {
        private final byte[] body;
        private final Answer answer;
        private final Timer timer = new Timer(loop);
        private int number;
        private int sent;

        private Request(byte[] body, Answer answer) {
            this.body = body;
            this.answer = answer;
        }

        private void send() {
            waiting.remove(number);
            if (sent++ == attempts) {
                end(null, new IOException("no answer after " + attempts + " attempts"));
                return;
            }
            number = ++lastNumber;
            waiting.put(number, this);
            timer.start(t -> send(), timeout);
            connection().write(Frames.frame(number, body), (same, error) -> {
                if (error != null) {
                    lost(same);
                }
            });
        }

        private void end(byte @Nullable [] found, @Nullable IOException error) {
            waiting.remove(number);
            timer.close();
            answer.call(found, error);
        }
    }

    private Pipe connection() {
        if (pipe == null) {
            Pipe fresh = new Pipe(loop);
            pipe = fresh;
            fresh.connect(server, timeout, (same, error) -> {
                if (error != null) {
                    lost(same);
                    return;
                }
                MessageReader.start(same, Frames.FRAMES, Integer.BYTES + Frames.LONGEST, this::read);
            });
        }
        return pipe;
    }

    private void read(Pipe connected, @Nullable ByteBuffer frame, @Nullable IOException end) {
        if (frame == null) {
            lost(connected);
        } else {
            answered(frame.getInt(), Frames.body(frame));
        }
    }

    /** An answer that comes late, to an attempt that was given up, has a number that nobody waits for. */
    private void answered(int number, byte[] body) {
        Request request = waiting.get(number);
        if (request != null) {
            request.end(body, null);
        }
    }

    /** What was under way is sent again when its time is over, over a new connection. */
    private void lost(Pipe connection) {
        if (connection == pipe) {
            disconnect();
        }
    }

    private void disconnect() {
        if (pipe != null) {
            pipe.close();
            pipe = null;
        }
    }
}
