/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.PendingType;
import io.panpipe.Pipe;
import io.panpipe.ReadCallback;
import io.panpipe.StreamCallback;
import io.panpipe.StreamHandle;
import io.panpipe.contract.Truncated;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection: what it has asked for, what it was told, and what both mean for each other.
 *
 * <p>What an end sends begins with its number, so that the other end, which may be in another loop and may have
 * travelled there, knows whom it hears; the rest is told from every other end's by its bytes.
 */
final class End {

    private static final int HEADER = 4;
    private static final Set<ErrorCode> READ_ENDS = Set.of(ErrorCode.EOF, ErrorCode.ECONNRESET);
    private static final Set<ErrorCode> WRITE_ENDS =
            Set.of(ErrorCode.EPIPE, ErrorCode.ECONNRESET, ErrorCode.ECANCELED, ErrorCode.EAGAIN);

    final int number;
    final StreamHandle<?> stream;
    /** What it is, where that can carry handles. */
    private final @Nullable Pipe pipe;
    private final RandomProgram program;
    private final Random random;
    private @Nullable Relay relay;
    private End peer;
    private int peerNumber;
    private long sent;
    private long received;
    private long accepted;
    private int asked;
    private int answered;
    private boolean failed;
    private boolean reading;
    private ErrorCode ended;
    private boolean shutdownAsked;
    private boolean shutdownDone;
    private boolean closed;
    private boolean closeTold;
    /** The ends that were made together with the handles that this one has sent, in order. */
    private final List<End> handlesSent = new ArrayList<>();
    /** The ends that were made of the handles that this one has received, in order. */
    private final List<End> handlesTaken = new ArrayList<>();

    End(RandomProgram program, StreamHandle<?> stream, int number) {
        this.program = program;
        this.stream = stream;
        pipe = stream instanceof Pipe p && p.ipc() ? p : null;
        this.number = number;
        random = program.random();
    }

    boolean isClosed() {
        return closed;
    }

    boolean hasEnded() {
        return ended != null;
    }

    boolean isShutdownAsked() {
        return shutdownAsked;
    }

    private boolean isDead() {
        return program.isDead(stream.loop());
    }

    /** Notes that all it sends and receives is copied between. */
    void through(Relay between) {
        relay = between;
    }

    private boolean isBroken() {
        return relay != null && relay.isBroken();
    }

    // Reading.

    void startRead() throws PanpipeException {
        if (closed || ended != null || reading || !stream.readable()) {
            return;
        }
        reading = true;
        if (pipe != null) {
            pipe.startRead2((p, data, pending, error) -> read(data, pending, error));
        } else {
            ReadCallback<Object> callback = (s, data, error) -> read(data, PendingType.NONE, error);
            stream.startRead(callback);
        }
    }

    void stopRead() {
        reading = false;
        stream.stopRead();
    }

    private void read(ByteBuffer data, PendingType pending, PanpipeException error) throws PanpipeException {
        if (isDead()) {
            return;
        }
        assertTrue(reading && ended == null && !closed, "called though it does not read");
        if (data == null) {
            reading = false;
            ended = error.code();
            assertTrue(program.hasFaults() || READ_ENDS.contains(ended), () -> "read ended with " + ended);
            program.throwNowAndThen();
            return;
        }
        assertNull(error);
        assertTrue(data.hasRemaining(), "data without bytes");
        take(data);
        while (pipe != null && pipe.pendingCount() > 0 && !closed && random.nextInt(20) > 0) {
            takeHandle(pipe, pending);
        }
        program.throwNowAndThen();
    }

    private void take(ByteBuffer data) {
        while (data.hasRemaining()) {
            byte next = data.get();
            if (received < HEADER) {
                peerNumber = peerNumber << 8 | next & 0xff;
            } else if (next != content(peerNumber, received)) {
                throw new AssertionError("byte " + received + " of end " + peerNumber + " is wrong at end " + number);
            }
            if (++received == HEADER) {
                meet(program.end(peerNumber));
            }
        }
    }

    private void meet(End other) {
        assertTrue(other != this, "reads its own bytes");
        assertTrue(peer == null || peer == other, "reads the bytes of two others");
        assertTrue(other.peer == null || other.peer == this, "two read the same bytes");
        peer = other;
        other.peer = this;
    }

    private void takeHandle(Pipe pipe, PendingType type) throws PanpipeException {
        assertEquals(PendingType.PIPE, pipe.pendingType(), type::toString);
        Pipe taken = new Pipe(pipe.loop(), random.nextBoolean());
        pipe.accept(taken);
        handlesTaken.add(program.begin(taken));
    }

    // Writing.

    static byte content(int number, long at) {
        return at < HEADER
                ? (byte) (number >>> 8 * (HEADER - 1 - (int) at))
                : (byte) (number * 53 + at * 31 + (at >> 8) * 7);
    }

    private ByteBuffer data(int size) {
        int margin = random.nextInt(4);
        byte[] bytes = new byte[margin + size];
        for (int i = 0; i < size; i++) {
            bytes[margin + i] = content(number, sent + i);
        }
        if (random.nextInt(8) > 0) {
            return ByteBuffer.wrap(bytes).position(margin);
        }
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip().position(margin);
    }

    void write(int size, boolean callback) {
        ByteBuffer buffer = data(size);
        if (callback) {
            stream.write(buffer, request(size));
        } else {
            stream.write(buffer);
        }
        sent += shutdownAsked ? 0 : size;
    }

    void writeList(int size) {
        if (shutdownAsked) {
            return;
        }
        List<ByteBuffer> list = new ArrayList<>();
        int total = 0;
        for (int i = random.nextInt(4); i >= 0; i--) {
            list.add(data(size));
            sent += size;
            total += size;
        }
        stream.write(list, request(total));
    }

    /** Writes what cannot be read, behind what can: nothing of it leaves, and nobody is called back. */
    void writeWhatIsGone(int size) {
        if (shutdownAsked || !stream.writable()) {
            return;
        }
        ByteBuffer gone;
        try (Arena arena = Arena.ofConfined()) {
            gone = arena.allocate(1 + random.nextInt(4000)).asByteBuffer();
        }
        List<ByteBuffer> list = random.nextBoolean() ? List.of(gone) : List.of(data(size), gone);
        assertThrows(IllegalStateException.class, () -> stream.write(list, (s, error) -> {
            throw new AssertionError("told of what was never written");
        }));
    }

    /**
     * Writes what ends in an Error, or is refused by the system, behind what can be read. Where the call itself throws,
     * nothing of it leaves and nobody is called back; otherwise the write fails, and nothing follows on what is missing.
     */
    void writeWhatFaults(int size) throws IOException {
        if (shutdownAsked || !stream.writable()) {
            return;
        }
        int before = asked;
        StreamCallback<Object> failing = request(size);
        try {
            stream.write(List.of(data(size), Truncated.buffer(1 + random.nextInt(4000))), (s, error) -> {
                assertTrue(error != null || isDead(), "what cannot be read was written");
                failing.call(s, error);
            });
            sent += size;
        } catch (InternalError faulted) {
            asked = before;
        }
    }

    void tryWrite(int size) {
        try {
            int done = stream.tryWrite(data(size));
            assertTrue(done <= size && (done > 0 || size == 0), () -> done + " of " + size);
            sent += done;
        } catch (PanpipeException refused) {
            assertTrue(program.hasFaults() || WRITE_ENDS.contains(refused.code()), refused::toString);
        }
    }

    /** Sends one end of a new pair, and keeps the other. */
    void passHandle(int size) throws PanpipeException {
        if (pipe == null || shutdownAsked) {
            return;
        }
        Pipe[] pair;
        try {
            pair = Pipe.pair(pipe.loop(), random.nextBoolean());
        } catch (PanpipeException shortage) {
            assertTrue(program.hasFaults(), shortage::toString);
            return;
        }
        try {
            pipe.write(data(size + 1), request(size + 1), pair[1]);
            sent += size + 1;
            handlesSent.add(program.begin(pair[0]));
        } catch (PanpipeException shortage) {
            assertTrue(program.hasFaults(), shortage::toString);
            // It was refused in the call, so nobody is called back.
            asked--;
            pair[0].close();
        }
        pair[1].close();
    }

    private StreamCallback<Object> request(int size) {
        int which = asked++;
        boolean late = shutdownAsked;
        return (p, error) -> {
            if (isDead()) {
                return;
            }
            assertEquals(which, answered, "callbacks of writes in their order");
            assertTrue(!closeTold, "told after the close callback");
            answered++;
            if (error == null) {
                assertTrue(!late, "written after shutdown");
                assertTrue(!failed || size == 0, "bytes got through behind a failure");
                accepted += size;
            } else {
                failed = true;
                assertTrue(program.hasFaults() || WRITE_ENDS.contains(error.code()), error::toString);
            }
            program.throwNowAndThen();
        };
    }

    void shutdown() {
        boolean again = shutdownAsked;
        shutdownAsked = true;
        int before = asked;
        StreamCallback<Object> callback = (s, error) -> {
            if (isDead()) {
                return;
            }
            assertTrue(answered >= before, "shutdown is told after the writes before it");
            if (!again) {
                assertTrue(!shutdownDone, "shutdown told twice");
                shutdownDone = error == null;
            } else {
                assertTrue(error != null, "a second shutdown succeeds");
            }
            program.throwNowAndThen();
        };
        stream.shutdown(callback);
    }

    void close() {
        if (closed) {
            return;
        }
        closed = true;
        reading = false;
        stream.close(s -> {
            if (isDead()) {
                return;
            }
            assertEquals(asked, answered, "every write is answered before the close callback");
            assertTrue(!closeTold, "closed twice");
            closeTold = true;
            program.throwNowAndThen();
        });
    }

    /** The connect that it was to begin with has failed: nothing of what was written has left. */
    void neverConnected() {
        sent = 0;
        close();
    }

    // What must hold when all is over.

    void check() {
        if (isDead()) {
            return;
        }
        assertEquals(asked, answered, () -> this + ": every write is answered");
        assertTrue(closed && closeTold, () -> this + " is closed");
        if (peer == null) {
            return;
        }
        assertSame(this, peer.peer);
        assertTrue(
                received <= peer.sent || program.isDead(peer.loop()), () -> this + " has read more than written");
        if (ended == ErrorCode.EOF && !program.hasFaults() && !isBroken() && !peer.isBroken()) {
            // What the system had taken before the end arrives before the end.
            assertTrue(received >= peer.accepted, () -> this + " has lost " + (peer.accepted - received) + " bytes");
            if (peer.shutdownDone && !peer.failed) {
                assertEquals(peer.sent, received, () -> this + ": all that was written before the shutdown");
            }
        }
        for (int i = 0; i < handlesTaken.size(); i++) {
            End taken = handlesTaken.get(i);
            if (taken.peer != null) {
                assertSame(peer.handlesSent.get(i), taken.peer, "handles in their order");
            }
        }
    }

    Loop loop() {
        return stream.loop();
    }

    @Override
    public String toString() {
        return "end " + number + " (sent " + sent + ", received " + received + ", " + ended + ")";
    }
}
