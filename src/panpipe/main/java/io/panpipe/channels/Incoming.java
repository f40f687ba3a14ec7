/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.framing.Framing;
import io.panpipe.internal.stream.CallerIo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ReadPendingException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What comes in over a channel. Where the system allows it, threads read for themselves, and the loop only for futures; where
 * it does not, the loop reads for all: right into the buffer of a reader that waits, or else into a queue up to a bound, at
 * which it stops reading, so that the sender waits.
 *
 * <p>One at a time reads from the system and adds to the queue, which {@code source} tells: a thread, the loop, or nobody. One
 * reader at a time takes away: the thread between {@link #lock} and {@link #unlock}, or the loop itself while it has the
 * reader's operation. What is queued comes before what the system has.
 */
final class Incoming {

    /** The cost of what is queued at which the loop stops reading. One read of the loop, 64 KiB, may go beyond it. */
    private static final int STOP_AT = 128 * 1024;

    /** What it has to sink to before the loop reads on: not to nothing, so that neither side waits for the other. */
    private static final int RESUME_AT = 64 * 1024;

    /** What a piece costs beside its bytes, so that single bytes do not queue without a bound. */
    private static final int PIECE = 64;

    /** So many futures in a row are complete at once; the next one waits for the loop, or a chain of them would nest. */
    private static final int AT_ONCE = 16;

    /** So many arrivals in a row that nobody waits for, and the loop is not told of the next. */
    private static final int UNASKED = 4;

    /** What one read of a thread brings at most where it has to be copied: no sign then that there is no more. */
    private static final int COPIED = 64 * 1024;

    // Who reads from the system.
    private static final int NOBODY = 0;
    private static final int LOOP = 1;
    private static final int CALLER = 2;

    private final LoopChannel channel;
    private final Pipe pipe;
    private final Turn turn;
    private final AtomicInteger source = new AtomicInteger(LOOP);
    private final Readiness ready;
    private volatile @Nullable CallerIo io;
    private volatile boolean callerWaits;
    private volatile boolean arrival;
    private volatile int unasked;
    private boolean watching;
    private boolean reading;
    private boolean emptied;
    private final ConcurrentLinkedQueue<ByteBuffer> pieces = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();

    /**
     * What was read with messages and is none of them, which comes before all that is queued, and is counted with it.
     */
    private volatile @Nullable ByteBuffer front;

    private volatile @Nullable MessageInput messages;
    private final AtomicBoolean paused = new AtomicBoolean();
    private final ReadOperation blocking = new ReadOperation();
    private final Runnable resumption = this::resume;
    private int completeAtOnce;
    private volatile ReadOperation waiting = blocking;
    private volatile @Nullable IOException end;

    /** Nobody wants what comes: readers are told of an end, and the loop reads on, so that the sender need not wait. */
    private volatile boolean shut;

    Incoming(LoopChannel channel, Pipe pipe) {
        this.channel = channel;
        turn = new Turn(channel);
        ready = new Readiness(channel, true);
        this.pipe = pipe;
    }

    // The loop's thread.

    /**
     * Starts reading, if the pipe was not opened for writing only.
     *
     * @param direct how threads read for themselves, so that the loop reads for futures alone; or null
     */
    void start(@Nullable CallerIo direct) throws PanpipeException {
        if (direct != null) {
            io = direct;
            ready.start(direct);
            source.set(NOBODY);
            return;
        }
        if (pipe.writable() && !pipe.readable()) {
            end(new IOException(pipe + " was opened for writing only"));
            return;
        }
        startRead();
    }

    /** Gives the pipe back, of which no channel is made. */
    void giveUp() {
        stopRead();
        CallerIo direct = io;
        if (direct != null) {
            direct.end();
        }
    }

    private void startRead() throws PanpipeException {
        CallerIo direct = io;
        if (direct == null) {
            pipe.startRead((same, data, error) -> arrived(data, error));
        } else {
            direct.loopMayRead(true);
            try {
                pipe.startRead((same, data, error) -> arrived(data, error));
            } finally {
                direct.loopMayRead(false);
            }
        }
        reading = true;
    }

    private void stopRead() {
        if (!reading) {
            return;
        }
        reading = false;
        CallerIo direct = io;
        if (direct == null) {
            pipe.stopRead();
            return;
        }
        direct.loopMayRead(true);
        try {
            pipe.stopRead();
        } finally {
            direct.loopMayRead(false);
        }
    }

    private void arrived(@Nullable ByteBuffer data, @Nullable PanpipeException error) {
        try {
            take(data, error);
        } catch (Throwable failed) {
            // What has come is lost for want of memory: no later byte must take its place.
            stopRead();
            end(new IOException("what has come could not be kept", failed));
        }
    }

    private void take(@Nullable ByteBuffer data, @Nullable PanpipeException error) {
        if (data == null) {
            closeHandles();
            end(error);
            return;
        }
        if (shut) {
            closeHandles();
            return;
        }
        ReadOperation reader = waiting;
        if (queued.get() == 0 && reader.take()) {
            finish(reader, data);
        }
        if (data.hasRemaining()) {
            enqueue(data);
        }
        closeHandles();
        serve();
        if (callerWaits && leaveToCallers()) {
            return;
        }
        if (queued.get() >= STOP_AT) {
            stopRead();
            paused.set(true);
            resumeIfLow();
        }
    }

    /** Closes what came over an ipc pipe: nobody can accept it here, and with 64 of them the pipe would read no more. */
    private void closeHandles() {
        try {
            while (pipe.pendingCount() > 0) {
                RawDescriptor unwanted = new RawDescriptor(pipe.loop());
                try {
                    pipe.accept(unwanted);
                } finally {
                    unwanted.close();
                }
            }
        } catch (PanpipeException refused) {
            end(refused);
        }
    }

    private void enqueue(ByteBuffer data) {
        ByteBuffer piece = ByteBuffer.allocate(data.remaining()).put(data).flip();
        // Its cost is taken before the reader has it, who may take from it at once.
        int cost = piece.remaining() + PIECE;
        pieces.add(piece);
        queued.addAndGet(cost);
    }

    /** Gives what is queued, or the end, to a reader that began to wait just now. */
    private void serve() {
        ReadOperation reader = waiting;
        if (hasNews() && reader.take()) {
            finish(reader, null);
        }
    }

    private void finish(ReadOperation reader, @Nullable ByteBuffer data) {
        try {
            if (data == null) {
                drain(reader);
            } else {
                reader.copy(data);
            }
        } catch (RuntimeException | Error refused) {
            // The buffer's memory is for its own thread alone (Arena.ofConfined), or has been given back meanwhile: a
            // thread that waits tries for itself. What was not copied goes to, or stays in, the queue.
            reader.finish(reader == blocking || reader.count() > 0 ? null : refused);
            return;
        }
        IOException why = shut ? null : end;
        boolean failed = reader != blocking && reader.count() == 0 && why != null && !isRegular(why);
        reader.finish(failed ? why : null);
    }

    /** Ends the stream, unless it has ended before. */
    void end(@Nullable IOException why) {
        if (end == null) {
            end = why == null ? new AsynchronousCloseException() : why;
        }
        serve();
    }

    /**
     * Stops reading, since a thread wants to read for itself, unless a future waits for the loop; tells whether it has stopped.
     */
    private boolean leaveToCallers() {
        if (isFuturePending()) {
            return false;
        }
        callerWaits = false;
        stopRead();
        source.set(NOBODY);
        ReadOperation reader = waiting;
        if (reader == blocking) {
            if (reader.take()) {
                reader.finish(null);
            }
        } else if (reader.isPending() && source.compareAndSet(NOBODY, LOOP)) {
            // It has come meanwhile, and relies on the loop.
            resume();
        }
        return true;
    }

    private boolean isFuturePending() {
        ReadOperation reader = waiting;
        return reader != blocking && reader.isPending();
    }

    /** Tells a thread that reads for itself that something may have come, or that the pipe is closed. */
    void readable() {
        arrival = true;
        unasked = ready.told() ? 0 : unasked + 1;
    }

    /** Tells whether data was read ahead, or a thread reads or waits to. */
    boolean isBusy() {
        return queued.get() > 0 || bufferedMessages() > 0 || source.get() == CALLER;
    }

    private int bufferedMessages() {
        MessageInput present = messages;
        return present == null ? 0 : present.buffered();
    }

    private void resume() {
        if (reading || source.get() != LOOP) {
            // Asked for by a thread whose request failed half-way, and which has taken it back.
            return;
        }
        if (callerWaits && !shut && leaveToCallers()) {
            return;
        }
        if (end == null && !pipe.closed()) {
            try {
                startRead();
            } catch (PanpipeException refused) {
                end(refused);
            } catch (RuntimeException | Error failed) {
                end(new IOException("reading could not be resumed", failed));
            }
        }
    }

    /** Tells who waits of the end, and reads on for nobody. */
    private void discard() {
        serve();
        if (!reading && (source.get() == LOOP || source.compareAndSet(NOBODY, LOOP))) {
            resume();
        }
    }

    // Any thread.

    /** Ends this direction for who reads, and waits to, at once, whatever has come; what comes is thrown away. */
    void shutDown() {
        shut = true;
        ready.stop();
        executes(this::discard);
    }

    // The reader's thread.

    /** Wakes the thread that reads, to see that the channel is closed. */
    void wake() {
        blocking.nudge();
        ready.nudge();
    }

    /** Tells whether this direction was ended for who reads. */
    boolean isShut() {
        return shut;
    }

    /** Fails the read of the thread that waits. */
    void runFailed() {
        blocking.runFailed();
        ready.runFailed();
    }

    /** Returns how many bytes can be read without waiting, at least. */
    int available() throws IOException {
        if (shut) {
            return 0;
        }
        ByteBuffer first = front;
        ByteBuffer piece = first == null ? pieces.peek() : first;
        int ahead = bufferedMessages() + (piece == null ? 0 : piece.remaining());
        CallerIo direct = io;
        return ahead > 0 || direct == null ? ahead : direct.available();
    }

    /**
     * Reads into the buffers of {@link #lock}'s operation, which have room, and waits until there is something.
     *
     * @return the number of bytes, -1 at the end
     * @throws AsynchronousCloseException if the channel was closed or the thread interrupted, which {@code end} tells
     *     apart
     */
    long read(long deadline, long timeoutNanos) throws IOException {
        ReadOperation reader = blocking;
        while (true) {
            if (shut) {
                return -1;
            }
            drainHere(reader);
            IOException why = end;
            if (reader.count() > 0) {
                return reader.count();
            }
            if (why != null && queued.get() == 0) {
                return ended(why);
            }
            CallerIo direct = io;
            if (direct != null) {
                if (source.compareAndSet(NOBODY, CALLER)) {
                    try {
                        if (hasNews()) {
                            // The loop has queued something since this thread looked, which comes before what the system has.
                            continue;
                        }
                        return readHere(direct, reader, deadline, timeoutNanos);
                    } finally {
                        endCall();
                    }
                }
                // The loop reads, for a future that was served or given up: once more, and then no more.
                callerWaits = true;
            }
            reader.beginWait();
            if ((hasNews() || source.get() == NOBODY) && reader.withdraw()) {
                continue;
            }
            switch (reader.await(deadline, timeoutNanos, channel)) {
                case DONE -> {
                    if (reader.count() > 0) {
                        return reader.count();
                    }
                    reader.throwFailure();
                }
                case TIMED_OUT -> throw Operation.timeout("read", timeoutNanos, 0);
                case INTERRUPTED, CLOSED -> throw new AsynchronousCloseException();
            }
        }
    }

    /** Reads on the calling thread, which waits for the loop only to tell it that something has come. */
    private long readHere(CallerIo direct, ReadOperation reader, long deadline, long timeoutNanos) throws IOException {
        if (watching && unasked > UNASKED) {
            direct.watchRead(false);
            watching = false;
        }
        if (emptied && !isOver(deadline, timeoutNanos)) {
            // There was no more, and nothing may have come since: one call that waits saves one that finds nothing.
            emptied = false;
            ready.block(direct, "read", deadline, timeoutNanos, 0);
        }
        while (true) {
            arrival = false;
            if (shut) {
                return -1;
            }
            int result = tryHere(direct, reader);
            if (result > 0) {
                emptied = reader.hasRoom() && result < COPIED;
                return result;
            }
            switch (result) {
                case CallerIo.END_OF_STREAM -> {
                    return -1;
                }
                case CallerIo.CLOSED -> throw channel.pipeClosed();
                default -> awaitArrival(direct, deadline, timeoutNanos);
            }
        }
    }

    /** Ends the reading of the calling thread from the system. */
    private void endCall() {
        source.set(NOBODY);
        if (shut) {
            // The loop could not take over before.
            executes(this::discard);
        }
    }

    private static boolean isOver(long deadline, long timeoutNanos) {
        return timeoutNanos != Operation.FOREVER && deadline - System.nanoTime() <= 0;
    }

    private int tryHere(CallerIo direct, ReadOperation reader) throws IOException {
        try {
            return reader.readFrom(direct);
        } catch (PanpipeException refused) {
            // The system tells its trouble once, and readers are told of it from now on; but a buffer's is its own.
            if (refused.code() != ErrorCode.EFAULT) {
                end = refused;
            }
            throw refused;
        }
    }

    private void awaitArrival(CallerIo direct, long deadline, long timeoutNanos) throws IOException {
        if (ready.block(direct, "read", deadline, timeoutNanos, 0)) {
            return;
        }
        ready.beginWait();
        try {
            if (!watching) {
                unasked = 0;
                direct.watchRead(true);
                watching = true;
            }
        } catch (Throwable refused) {
            ready.withdraw();
            throw refused;
        }
        if (arrival || shut) {
            ready.withdraw();
            return;
        }
        ready.end("read", deadline, timeoutNanos, 0);
    }

    /** Keeps what a buffer has not taken, on the thread that reads. */
    void keep(ByteBuffer rest) {
        try {
            enqueue(rest);
        } catch (Throwable failed) {
            end = new IOException("what has come could not be kept", failed);
        }
    }

    /** Drains on the reader's own thread, which is told why a buffer takes nothing unless others have taken something. */
    private void drainHere(ReadOperation reader) {
        try {
            drain(reader);
        } catch (RuntimeException | Error refused) {
            if (reader.count() == 0) {
                throw refused;
            }
        }
    }

    /** Makes the calling thread the one that reads, until {@link #unlock}; the time to read runs meanwhile. */
    ReadOperation lock(long deadline, long timeoutNanos) throws IOException {
        if (!turn.begin(deadline, timeoutNanos)) {
            throw Operation.timeout("read", timeoutNanos, 0);
        }
        if (waiting.isPending()) {
            turn.end();
            throw new ReadPendingException();
        }
        waiting = blocking;
        return blocking;
    }

    void unlock() {
        turn.end();
    }

    /** Returns what reads messages, having given it what was read before them. In the reader's turn. */
    MessageInput messages(Framing framing, int limit) {
        MessageInput present = messages;
        if (present == null) {
            present = new MessageInput(framing, limit);
            messages = present;
        }
        present.expect(framing, limit);
        ByteBuffer first = front;
        if (first != null) {
            int cost = first.remaining() + PIECE;
            present.take(first);
            front = null;
            queued.addAndGet(-cost);
        }
        return present;
    }

    /** Puts what was read with messages before all else, since bytes are read now. In the reader's turn. */
    void releaseMessages() {
        MessageInput present = messages;
        if (present != null && present.buffered() > 0) {
            ByteBuffer rest = present.takeAll();
            front = rest;
            queued.addAndGet(rest.remaining() + PIECE);
        }
    }

    /** Reads soon, for a future. */
    CompletableFuture<Integer> readSoon(ByteBuffer target) {
        if (!turn.tryBegin()) {
            throw new ReadPendingException();
        }
        try {
            if (waiting.isPending()) {
                throw new ReadPendingException();
            }
            releaseMessages();
            ReadOperation reader = new ReadOperation();
            reader.prepare(target);
            if (!reader.hasRoom()) {
                return CompletableFuture.completedFuture(0);
            }
            waiting = reader;
            CompletableFuture<Integer> promise = reader.promise(pipe.loop());
            if (readAtOnce(reader)) {
                completeAtOnce++;
                return promise;
            }
            reader.beginFuture(pipe.loop());
            try {
                if (!hasNews()) {
                    if (!readByLoop(reader)) {
                        completeAtOnce = 0;
                    }
                } else if (++completeAtOnce > AT_ONCE && executes(this::serve)) {
                    completeAtOnce = 0;
                } else if (reader.take()) {
                    finish(reader, null);
                }
            } catch (Throwable failed) {
                // Nobody has the promise, which would stand in the way of every later read.
                reader.withdraw();
                throw failed;
            }
            return promise;
        } finally {
            turn.end();
        }
    }

    /**
     * Reads for a future on the calling thread; tells whether it is complete. The read does not wait yet: what ends all that
     * waits, such as a close, could not end it while this thread is at it, and comes but once.
     */
    private boolean readAtOnce(ReadOperation reader) {
        CallerIo direct = io;
        if (direct == null || completeAtOnce >= AT_ONCE || !source.compareAndSet(NOBODY, CALLER)) {
            return false;
        }
        int result = CallerIo.CLOSED;
        Throwable trouble = null;
        try {
            if (hasNews()) {
                return false;
            }
            result = tryHere(direct, reader);
        } catch (Throwable refused) {
            trouble = refused;
        } finally {
            endCall();
        }
        if (result == CallerIo.WOULD_BLOCK) {
            return false;
        }
        boolean closed = trouble == null && result == CallerIo.CLOSED;
        reader.finish(closed ? channel.pipeClosed() : trouble);
        return true;
    }

    /** Has the loop read for a future that waits, where threads read otherwise; tells whether it is complete already. */
    private boolean readByLoop(ReadOperation reader) {
        if (io == null || !source.compareAndSet(NOBODY, CALLER)) {
            return false;
        }
        if (hasNews()) {
            // The loop has queued something since this thread looked, which comes before what the system has.
            endCall();
            if (reader.take()) {
                finish(reader, null);
            }
            completeAtOnce++;
            return true;
        }
        source.set(LOOP);
        // A loop that is closed has closed the channel, which fails the future.
        try {
            executes(resumption);
        } catch (Throwable failed) {
            // Nobody reads, whether the loop has the task or not.
            source.set(NOBODY);
            throw failed;
        }
        return false;
    }

    private long ended(IOException why) throws IOException {
        if (isRegular(why)) {
            return -1;
        }
        throw Operation.traced(why);
    }

    private static boolean isRegular(IOException why) {
        return why instanceof PanpipeException told && told.code() == ErrorCode.EOF;
    }

    private boolean hasNews() {
        return queued.get() > 0 || end != null || shut;
    }

    private void drain(ReadOperation reader) {
        if (shut) {
            throwAway();
            return;
        }
        while (reader.hasRoom()) {
            ByteBuffer first = front;
            ByteBuffer piece = first == null ? pieces.peek() : first;
            if (piece == null) {
                break;
            }
            int before = piece.remaining();
            try {
                reader.copy(piece);
            } finally {
                int freed = before - piece.remaining();
                if (!piece.hasRemaining()) {
                    if (first == null) {
                        pieces.remove();
                    } else {
                        front = null;
                    }
                    freed += PIECE;
                }
                queued.addAndGet(-freed);
            }
        }
        resumeIfLow();
    }

    private void throwAway() {
        int freed = 0;
        for (ByteBuffer piece = pieces.poll(); piece != null; piece = pieces.poll()) {
            freed += piece.remaining() + PIECE;
        }
        ByteBuffer first = front;
        if (first != null) {
            front = null;
            freed += first.remaining() + PIECE;
        }
        queued.addAndGet(-freed);
    }

    private void resumeIfLow() {
        if (paused.get() && queued.get() <= RESUME_AT && paused.compareAndSet(true, false)) {
            try {
                executes(resumption);
            } catch (Throwable failed) {
                // Who reads next asks for it again.
                paused.set(true);
                throw failed;
            }
        }
    }

    /** Hands a task to the loop; tells whether it takes any: one that is closed has closed the channel as well. */
    private boolean executes(Runnable task) {
        try {
            pipe.loop().execute(task);
            return true;
        } catch (RejectedExecutionException closed) {
            return false;
        }
    }
}
