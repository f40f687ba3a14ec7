/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.KernelException;
import org.jspecify.annotations.Nullable;

/** The end of a stream's outgoing direction: asked for, made when all is written, and told of behind the writes. */
final class HalfClose {

    private enum State {
        PENDING,
        ENDED,
        TOLD
    }

    private State state = State.PENDING;
    private @Nullable StreamCallback<?> callback;
    private @Nullable PanpipeException error;

    HalfClose(@Nullable StreamCallback<?> callback) {
        this.callback = callback;
    }

    boolean isPending() {
        return state == State.PENDING;
    }

    boolean isUntold() {
        return state == State.ENDED;
    }

    boolean isTold() {
        return state == State.TOLD;
    }

    /** Makes it, now that all is written. */
    void make(StreamState<?> stream) {
        PanpipeException refusal = null;
        try {
            stream.channel().shutdownOutput();
        } catch (KernelException refused) {
            refusal = PanpipeException.of(refused, stream.name());
        } catch (RuntimeException | Error thrown) {
            refusal = PanpipeException.of(thrown, "shutdown", stream.name());
        }
        end(refusal);
    }

    void end(@Nullable PanpipeException refusal) {
        state = State.ENDED;
        error = refusal;
    }

    /** Returns whom to tell, who is told with that. */
    @Nullable StreamCallback<?> takeCallback() {
        StreamCallback<?> taken = callback;
        state = State.TOLD;
        callback = null;
        return taken;
    }

    /** Returns why it could not be made, or null. */
    @Nullable PanpipeException error() {
        return error;
    }
}
