/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;

/**
 * A write that the kernel does in the background, out of the caller's memory, as Windows and io_uring do.
 *
 * <p>It takes as many steps as the buffer's room makes necessary; between two it waits for the next one's time or,
 * when the pipe is full, for the reader. How it ended waits in the channel until the selector's next batch.
 */
final class Flight {

    private final SimulatedChannel channel;
    private final World world;
    private final StreamEnd stream;
    private final Waiter writer;
    private final GatheredBytes bytes;
    private final int total;
    private boolean scheduled;
    private boolean ended;

    private Flight(SimulatedChannel channel, World world, StreamEnd stream, Waiter writer, GatheredBytes bytes) {
        this.channel = channel;
        this.world = world;
        this.stream = stream;
        this.writer = writer;
        this.bytes = bytes;
        total = bytes.left();
    }

    static Flight begin(SimulatedChannel channel, World world, StreamEnd stream, Waiter writer, GatheredBytes bytes) {
        Flight flight = new Flight(channel, world, stream, writer, bytes);
        stream.flight(flight);
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
        if (stream.isOutputEnded()) {
            fail(Fault.EPIPE);
            return;
        }
        int possible = Math.min(stream.room(), bytes.left());
        if (possible == 0) {
            // The reader resumes it.
            return;
        }
        int length = world.scheduler().cut(possible);
        try {
            stream.write(bytes, length);
        } catch (WrongThreadException confined) {
            // The time was moved by another loop's thread, which cannot read memory that is confined to the writer's.
            scheduled = true;
            world.clock().schedule(0, writer, this::step);
            return;
        }
        int moved = total - bytes.left();
        if (bytes.left() == 0 || world.scheduler().endsShort()) {
            end();
            channel.report(listener -> listener.written(moved));
        } else if (stream.room() > 0) {
            resume();
        }
    }

    private void fail(Fault fault) {
        end();
        channel.report(listener -> listener.writeFailed(new KernelException(fault, 0, "write")));
    }

    private void end() {
        ended = true;
        stream.flight(null);
    }
}
