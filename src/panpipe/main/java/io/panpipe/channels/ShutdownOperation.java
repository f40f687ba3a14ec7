/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.nio.channels.AsynchronousCloseException;
import org.jspecify.annotations.Nullable;

/** The end of a channel's outgoing direction, behind all that was written. */
final class ShutdownOperation extends Outgoing.Step<@Nullable Void> {

    private final Pipe pipe;
    private boolean asked;

    ShutdownOperation(Outgoing queue, Pipe pipe) {
        super(queue);
        this.pipe = pipe;
    }

    @Override
    boolean proceed() {
        if (asked) {
            return !isPending();
        }
        if (!take()) {
            return true;
        }
        if (pipe.closed()) {
            finish(new AsynchronousCloseException());
            return true;
        }
        if (queue().isShutDown()) {
            finish(null);
            return true;
        }
        asked = true;
        pipe.shutdown((same, error) -> done(error));
        putBack();
        return false;
    }

    private void done(@Nullable PanpipeException error) {
        if (error == null) {
            queue().setShutDown();
        }
        if (take()) {
            finish(pipe.closed() ? new AsynchronousCloseException() : error);
        }
        goOn();
    }

    @Override
    @Nullable Void result() {
        return null;
    }
}
