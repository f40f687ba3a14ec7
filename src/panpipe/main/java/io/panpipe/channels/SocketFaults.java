/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What goes wrong with a channel, in the words that users of {@code java.net.Socket} look for. */
final class SocketFaults {

    private SocketFaults() {}

    /** Returns what a socket throws where its channel has thrown. */
    static IOException of(IOException failed) {
        return switch (failed) {
            case SocketException known -> known;
            case SocketTimeoutException known -> known;
            case ClosedByInterruptException interrupted -> new SocketException("Closed by interrupt", interrupted);
            case ClosedChannelException closed -> new SocketException("Socket closed", closed);
            case PanpipeException refused when refused.code() == ErrorCode.ECONNRESET ->
                    new SocketException("Connection reset", refused);
            case PanpipeException refused when refused.code() == ErrorCode.EPIPE ->
                    new SocketException("Broken pipe", refused);
            default -> new SocketException(failed.getMessage(), failed);
        };
    }

    /** Returns what a connect throws. */
    static IOException ofConnect(IOException failed) {
        if (!(failed instanceof PanpipeException refused)) {
            return of(failed);
        }
        return switch (refused.code()) {
            case ETIMEDOUT -> late("Connect timed out", refused);
            case ECONNREFUSED, ENOENT -> {
                ConnectException nobody = new ConnectException(refused.getMessage());
                nobody.initCause(refused);
                yield nobody;
            }
            default -> of(refused);
        };
    }

    /** Returns what a bind throws. */
    static IOException ofBind(IOException failed) {
        if (!(failed instanceof PanpipeException refused) || refused.code() != ErrorCode.EADDRINUSE) {
            return of(failed);
        }
        BindException taken = new BindException(refused.getMessage());
        taken.initCause(refused);
        return taken;
    }

    /** Returns what is thrown when the time is up, in the JDK's words, which programs compare. */
    static SocketTimeoutException late(String words, IOException why) {
        SocketTimeoutException late = new SocketTimeoutException(words);
        late.initCause(why);
        return late;
    }

    /**
     * Waits for a future, as a socket waits: an interrupt ends the wait of a virtual thread, and leaves a platform
     * thread alone.
     *
     * @throws IOException what the future has failed with
     * @throws ClosedByInterruptException if this thread was interrupted, and is; the future is cancelled, if it is not
     *     complete
     * @throws AsynchronousCloseException if the future was cancelled
     */
    static <T> T await(CompletableFuture<T> promise) throws IOException {
        try {
            return Thread.currentThread().isVirtual() ? promise.get() : promise.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            promise.cancel(false);
            throw new ClosedByInterruptException();
        } catch (CancellationException closed) {
            throw new AsynchronousCloseException();
        } catch (ExecutionException | CompletionException failed) {
            switch (failed.getCause()) {
                case IOException refused -> throw Operation.traced(refused);
                case RuntimeException misuse -> throw misuse;
                case Error error -> throw error;
                case null, default -> throw new IOException(failed);
            }
        }
    }
}
