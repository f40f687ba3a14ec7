/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import org.jspecify.annotations.Nullable;

/**
 * A write that the kernel does in the background, out of the caller's memory, as Windows and io_uring do.
 *
 * <p>It takes as many steps as the buffer's room makes necessary; between two it waits for the next one's time or,
 * when the pipe is full, for the reader. How it ended waits in the channel until the selector's next batch.
 */
final class Flight {

    private final SimulatedStreamChannel<?> channel;
    private final World world;
    private final StreamEnd stream;
    private final GatheredBytes bytes;
    private final int total;
    /** What goes with the first byte, until that has gone. */
    private @Nullable Attachment files;
    private final @Nullable Fault doom;
    private boolean scheduled;
    private boolean ended;

    private Flight(
            SimulatedStreamChannel<?> channel,
            StreamEnd stream,
            GatheredBytes bytes,
            @Nullable Attachment files,
            @Nullable Fault doom) {
        this.channel = channel;
        world = channel.world;
        this.stream = stream;
        this.bytes = bytes;
        this.files = files;
        this.doom = doom;
        total = bytes.left();
    }

    /**
     * Takes off.
     *
     * @param doom what it will fail with, or null
     */
    static Flight begin(
            SimulatedStreamChannel<?> channel,
            StreamEnd stream,
            GatheredBytes bytes,
            @Nullable Attachment files,
            @Nullable Fault doom) {
        Flight flight = new Flight(channel, stream, bytes, files, doom);
        if (files != null) {
            files.hold();
        }
        stream.add(flight);
        flight.resume();
        return flight;
    }

    /** Goes on: there may be room, or no reader any more. */
    void resume() {
        if (!scheduled && !ended) {
            scheduled = true;
            world.clock().schedule(world.scheduler().delay(), null, this::step);
        }
    }

    /** Ends the flight because its channel is closed; without effect if all has gone already. */
    void cancel() {
        if (!ended) {
            fail(Fault.ECANCELED);
        }
    }

    private void step() {
        scheduled = false;
        if (ended) {
            return;
        }
        if (doom != null || stream.isOutputEnded()) {
            fail(doom != null ? doom : Fault.EPIPE);
            return;
        }
        int possible = Math.min(stream.room(), bytes.left());
        if (possible == 0) {
            // The reader resumes it.
            return;
        }
        int length = bytes.readable(world.scheduler().cut(possible));
        if (length == 0) {
            unreadable();
            return;
        }
        try {
            stream.write(bytes, length, files);
        } finally {
            if (bytes.left() < total) {
                releaseFiles();
            }
        }
        int moved = total - bytes.left();
        if (bytes.left() == 0 || world.scheduler().endsShort()) {
            end();
            channel.report(listener -> listener.written(moved));
        } else if (stream.room() > 0) {
            resume();
        }
    }

    /** What has moved before memory that is gone is written; without that the flight fails. */
    private void unreadable() {
        int moved = total - bytes.left();
        if (moved == 0) {
            fail(Fault.EFAULT);
        } else {
            end();
            channel.report(listener -> listener.written(moved));
        }
    }

    private void fail(Fault fault) {
        end();
        channel.report(listener -> listener.writeFailed(new KernelException(fault, 0, "write")));
    }

    private void end() {
        ended = true;
        releaseFiles();
        stream.remove(this);
    }

    private void releaseFiles() {
        Attachment held = files;
        files = null;
        if (held != null) {
            held.release();
        }
    }
}
