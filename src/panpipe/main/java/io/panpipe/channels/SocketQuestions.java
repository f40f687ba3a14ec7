/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.PanpipeException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.AsynchronousCloseException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * What a socket asks its channel beside reading and writing. The loop's thread answers, and may ask as well; an
 * interrupt ends no question, as it ends none of the JDK's sockets.
 */
final class SocketQuestions {

    private SocketQuestions() {}

    /** Returns the name of the near end, or null for a channel that is closed. */
    static @Nullable PipeAddress localAddress(PipeChannel channel) {
        return address(channel, () -> channel.pipe().localName());
    }

    /** Returns the name of the far end, or null for a channel that is closed. */
    static @Nullable PipeAddress peerAddress(PipeChannel channel) {
        return address(channel, () -> channel.pipe().peerName());
    }

    private static @Nullable PipeAddress address(PipeChannel channel, Callable<String> question) {
        try {
            return PipeAddress.of(ask(channel, question));
        } catch (PanpipeException noSocket) {
            // A FIFO, an anonymous pipe or a terminal, which has no name.
            return PipeAddress.of("");
        } catch (IOException closed) {
            return null;
        }
    }

    /** Returns the size of a buffer; where the system does not tell, what was asked for, or some. */
    static int size(PipeChannel channel, Callable<Integer> question, int wanted) throws SocketException {
        try {
            return ask(channel, question);
        } catch (PanpipeException refused) {
            return orSome(wanted);
        } catch (IOException failed) {
            throw new SocketException("Socket is closed", failed);
        }
    }

    static int orSome(int wanted) {
        return wanted > 0 ? wanted : SocketSettings.SOME_BUFFER;
    }

    /** What sets something. */
    interface Request {
        void run() throws IOException;
    }

    /** Sets the size of a buffer, which is a hint, where the system has one. */
    static void resize(PipeChannel channel, Request request) throws SocketException {
        try {
            ask(channel, () -> {
                request.run();
                return true;
            });
        } catch (PanpipeException refused) {
            // A named pipe, or something else that is no socket.
        } catch (IOException failed) {
            throw new SocketException("Socket is closed", failed);
        }
    }

    private static <T> T ask(PipeChannel channel, Callable<T> question) throws IOException {
        channel.requireOpen();
        try {
            if (channel.loop().runsHere()) {
                return answer(channel, question);
            }
            channel.loop().requireRunningElsewhere();
            return LoopCall.makeSoon(channel.loop(), () -> answer(channel, question)).join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof IOException refused) {
                throw Operation.traced(refused);
            }
            throw failed;
        } catch (IllegalStateException refused) {
            // The loop may have ended meanwhile, and the channel with it.
            channel.requireOpen();
            throw refused;
        }
    }

    private static <T> T answer(PipeChannel channel, Callable<T> question) throws IOException {
        if (channel.pipe().closed()) {
            throw new AsynchronousCloseException();
        }
        try {
            return question.call();
        } catch (IOException | RuntimeException refused) {
            throw refused;
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
