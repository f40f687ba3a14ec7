/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An accept that waits for a client. It is run as a task of the loop, once. */
final class AcceptOperation extends Operation<PipeChannel> implements Runnable {

    private final Accepting server;
    private @Nullable PipeChannel accepted;

    AcceptOperation(Accepting server) {
        this.server = server;
    }

    @Override
    public void run() {
        server.add(this);
    }

    @Override
    void withdrawn() {
        server.forgetSoon(this);
    }

    /** Says what was accepted, before it is finished. */
    void accepted(PipeChannel connection) {
        accepted = connection;
    }

    @Override
    PipeChannel result() {
        return Objects.requireNonNull(accepted, "accepted");
    }
}
