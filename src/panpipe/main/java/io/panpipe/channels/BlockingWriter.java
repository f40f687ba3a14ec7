/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.Pipe;
import io.panpipe.internal.stream.CallerIo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** The side of a channel where threads write and wait, one after the other. */
final class BlockingWriter {

    /** The most bytes of several buffers that are put together for one call of the system. */
    private static final int GATHERED = 64 * 1024;

    private final LoopChannel channel;
    private final Pipe pipe;
    private final Outgoing outgoing;
    private final Turn turn;
    private final Readiness room;
    private final ByteBuffer[] one = new ByteBuffer[1];
    private @Nullable CallerIo io;
    private WriteOperation writing;
    private volatile Operation<?> waited;
    private volatile long timeoutNanos = Operation.FOREVER;

    BlockingWriter(LoopChannel channel, Pipe pipe, Outgoing outgoing) {
        this.channel = channel;
        this.pipe = pipe;
        this.outgoing = outgoing;
        turn = new Turn(channel);
        room = new Readiness(channel, false);
        writing = new WriteOperation(outgoing, pipe);
        waited = writing;
    }

    void timeout(long nanos) {
        timeoutNanos = nanos;
    }

    /** Lets threads write for themselves; called before any does. */
    void start(@Nullable CallerIo direct) {
        io = direct;
        if (direct != null) {
            room.start(direct);
        }
    }

    /** Wakes the thread that writes, to see that the channel is closed. */
    void wake() {
        waited.nudge();
        room.nudge();
    }

    /** Tells the thread that writes that there may be room, or no stream any more. */
    void writable() {
        room.told();
    }

    /** Fails what the thread waits for. */
    void runFailed() {
        waited.runFailed();
        room.runFailed();
    }

    /** Writes all of a buffer, whose position moves with what is written. */
    long write(ByteBuffer source) throws IOException {
        return write(source, one, 0, 1);
    }

    /** Writes all of some buffers, whose positions move with what is written. */
    long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        return write(null, sources, offset, length);
    }

    private long write(@Nullable ByteBuffer single, ByteBuffer[] sources, int offset, int length) throws IOException {
        channel.requireWait();
        long timeout = timeoutNanos;
        long deadline = Turn.deadline(timeout);
        if (!turn.begin(deadline, timeout)) {
            throw Operation.timeout("write", timeout, 0);
        }
        try {
            if (single != null) {
                one[0] = single;
            }
            requireOutput();
            boolean completed = false;
            try {
                channel.beginWait();
                long count = writeAll(sources, offset, length, deadline, timeout);
                completed = true;
                return count;
            } finally {
                channel.endWait(completed);
            }
        } finally {
            if (single != null) {
                one[0] = null;
            }
            turn.end();
        }
    }

    private void requireOutput() throws ClosedChannelException {
        channel.requireOpen();
        if (outgoing.isShutDown()) {
            throw new ClosedChannelException();
        }
    }

    private long writeAll(ByteBuffer[] sources, int offset, int length, long deadline, long timeoutNanos)
            throws IOException {
        CallerIo direct = io;
        if (direct == null || !outgoing.claim()) {
            return writeByLoop(sources, offset, length, 0, false, deadline, timeoutNanos);
        }
        try {
            if (outgoing.isShutDown()) {
                throw new ClosedChannelException();
            }
            long total = writeHere(direct, sources, offset, offset + length, deadline, timeoutNanos);
            // What is left is this write's yet, and nothing comes before it.
            return writeByLoop(sources, offset, length, total, true, deadline, timeoutNanos);
        } finally {
            if (outgoing.unclaim()) {
                try {
                    // If this throws for want of memory, the next step that is handed over finds what is held.
                    pipe.loop().execute(outgoing.goingOn());
                } catch (RejectedExecutionException closed) {
                    // It has failed, or is about to fail, all that is left.
                }
            }
        }
    }

    /**
     * Writes all on the calling thread, or what the system has memory for at the moment; returns how much. The thread
     * waits for the loop only to tell it that there is room.
     */
    private long writeHere(
            CallerIo direct, ByteBuffer[] sources, int offset, int end, long deadline, long timeoutNanos)
            throws IOException {
        int next = offset;
        long total = 0;
        while (true) {
            while (next < end && !sources[next].hasRemaining()) {
                next++;
            }
            if (next == end) {
                return total;
            }
            if (total > 0) {
                requireTime(deadline, timeoutNanos, total);
            }
            int result = direct.write(sources, next, end);
            if (result > 0) {
                total += result;
            } else if (result == CallerIo.CLOSED) {
                throw channel.pipeClosed();
            } else if (result == CallerIo.NOT_NOW) {
                return total;
            } else {
                awaitRoom(direct, deadline, timeoutNanos, total);
            }
        }
    }

    /** Ends a write that has not waited yet, since the other end keeps up with it, as a wait would be ended. */
    private void requireTime(long deadline, long timeoutNanos, long total) throws IOException {
        if (!channel.isOpen()) {
            throw new AsynchronousCloseException();
        }
        if (timeoutNanos != Operation.FOREVER && deadline - System.nanoTime() <= 0) {
            throw Operation.timeout("write", timeoutNanos, total);
        }
    }

    private void awaitRoom(CallerIo direct, long deadline, long timeoutNanos, long total) throws IOException {
        if (room.block(direct, "write", deadline, timeoutNanos, total)) {
            return;
        }
        room.beginWait();
        try {
            direct.awaitWrite();
        } catch (Throwable refused) {
            room.withdraw();
            throw refused;
        }
        room.end("write", deadline, timeoutNanos, total);
    }

    /** Has the loop write what is left, after so many bytes; returns how many there are in all. */
    private long writeByLoop(
            ByteBuffer[] sources, int offset, int length, long before, boolean rest, long deadline, long timeoutNanos)
            throws IOException {
        int end = offset + length;
        int next = offset;
        long total = before;
        boolean confined = false;
        while (true) {
            while (next < end && !sources[next].hasRemaining()) {
                next++;
            }
            if (next == end) {
                return total;
            }
            // Only small buffers are worth a copy to leave together.
            boolean gathering = confined || next + 1 < end && sources[next].remaining() < GATHERED;
            WriteOperation part = writing;
            part.prepare(gathering ? gather(sources, next, end) : sources[next]);
            part.rest(rest);
            Operation.Outcome outcome = submit(part, deadline, timeoutNanos);
            total += part.count();
            if (gathering) {
                moveOn(sources, next, end, part.count());
            }
            part.forget();
            switch (outcome) {
                case DONE -> {
                    if (!confined && part.failure() instanceof WrongThreadException) {
                        // The buffer's memory is for this thread alone.
                        confined = true;
                    } else {
                        part.throwFailure();
                    }
                }
                case TIMED_OUT -> throw Operation.timeout("write", timeoutNanos, total);
                case INTERRUPTED, CLOSED -> throw new AsynchronousCloseException();
            }
        }
    }

    /** Ends the outgoing direction, if it was not ended before. */
    void shutdown() throws IOException {
        channel.requireWait();
        long timeout = timeoutNanos;
        long deadline = Turn.deadline(timeout);
        if (!turn.begin(deadline, timeout)) {
            throw Operation.timeout("shutdown", timeout, 0);
        }
        try {
            channel.requireOpen();
            if (outgoing.isShutDown()) {
                return;
            }
            boolean completed = false;
            try {
                channel.beginWait();
                end(deadline, timeout);
                completed = true;
            } finally {
                channel.endWait(completed);
            }
        } finally {
            turn.end();
        }
    }

    private void end(long deadline, long timeoutNanos) throws IOException {
        ShutdownOperation operation = new ShutdownOperation(outgoing, pipe);
        switch (submit(operation, deadline, timeoutNanos)) {
            case DONE -> operation.throwFailure();
            case TIMED_OUT -> throw Operation.timeout("shutdown", timeoutNanos, 0);
            case INTERRUPTED, CLOSED -> throw new AsynchronousCloseException();
        }
    }

    /** Has the loop do a step, and waits; the caller turns an early end into what {@code endWait} is to replace. */
    private Operation.Outcome submit(Outgoing.Step<?> step, long deadline, long timeoutNanos) throws IOException {
        step.beginWait();
        waited = step;
        step.handingOver();
        try {
            pipe.loop().execute(step);
        } catch (RejectedExecutionException closed) {
            step.over();
            throw new AsynchronousCloseException();
        } catch (Throwable failed) {
            // The loop may have it or not: in no case must it touch the buffer after this.
            step.withdraw();
            step.over();
            writing = new WriteOperation(outgoing, pipe);
            throw failed;
        }
        Operation.Outcome outcome;
        try {
            outcome = step.await(deadline, timeoutNanos, channel);
        } catch (Throwable refused) {
            writing = new WriteOperation(outgoing, pipe);
            throw refused;
        }
        if (step == writing && (outcome != Operation.Outcome.DONE || step.failure() != null)) {
            // The loop may still have the old one in its queues.
            writing = new WriteOperation(outgoing, pipe);
        }
        return outcome;
    }

    /** Copies the beginning of what is left, and moves no position. */
    private static ByteBuffer gather(ByteBuffer[] sources, int from, int end) {
        int room = 0;
        for (int i = from; i < end && room < GATHERED; i++) {
            room += Math.min(GATHERED - room, sources[i].remaining());
        }
        ByteBuffer together = ByteBuffer.allocate(room);
        for (int i = from; i < end && together.hasRemaining(); i++) {
            int length = Math.min(together.remaining(), sources[i].remaining());
            together.put(together.position(), sources[i], sources[i].position(), length);
            together.position(together.position() + length);
        }
        return together.flip();
    }

    private static void moveOn(ByteBuffer[] sources, int from, int end, int bytes) {
        int left = bytes;
        // A buffer that was named twice has left twice, and can be moved on but once.
        for (int i = from; i < end && left > 0; i++) {
            int length = Math.min(left, sources[i].remaining());
            sources[i].position(sources[i].position() + length);
            left -= length;
        }
    }
}
