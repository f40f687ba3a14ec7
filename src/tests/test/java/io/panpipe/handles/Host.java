/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static io.panpipe.handles.Scenario.check;
import static io.panpipe.handles.Scenario.checkEquals;

import io.panpipe.ErrorCode;
import io.panpipe.Handle;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.PendingType;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.Tcp;
import io.panpipe.Udp;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * The end that has a {@link Stranger} at the other, and what it must see: each byte in order, each descriptor once and
 * at its byte or reported as lost, no callback that nobody waits for. Without JUnit, for child JVMs.
 */
final class Host {

    /** As many handles may wait before a pipe stops reading by itself. */
    private static final int MOST_WAITING = 64;

    private final Pipe pipe;
    private final Loop loop;
    private final Stranger stranger;
    private final Random random;
    private final boolean copies;
    private final boolean takesHandles;
    private final Deque<Luggage> waiting = new ArrayDeque<>();
    private final List<Handle> kept = new ArrayList<>();
    private final Pipe[] copy;
    private long received;
    private int urgent;
    private int happened;
    private int asked;
    private int answered;
    private boolean reads;
    private boolean lossDue;
    private boolean isShort;
    private boolean closed;
    private boolean closeTold;
    private boolean copyTold;
    private boolean copyEnded;
    private ErrorCode end;

    Host(Pipe pipe, Stranger stranger, Random random) throws PanpipeException {
        this.pipe = pipe;
        this.stranger = stranger;
        this.random = random;
        loop = pipe.loop();
        copies = !pipe.ipc() && random.nextBoolean();
        takesHandles = pipe.ipc() && random.nextInt(4) > 0;
        copy = copies ? Pipe.pair(loop) : new Pipe[0];
        if (copies) {
            copy[1].startRead((p, data, error) -> read(data, error));
            pipe.pipeTo(copy[0], this::copied);
        }
    }

    /** Returns how often something was told: what stays the same in a turn in which nothing happens. */
    int happened() {
        return happened;
    }

    /** Tells whether all that will ever come has come. */
    boolean isDone() {
        return closed || (copies ? copyTold && copyEnded : end != null);
    }

    /** Says whether descriptors are short from now on. */
    void isShort(boolean now) {
        isShort = now;
    }

    private void copied(Pipe source, PanpipeException error) {
        happened++;
        check(!copyTold, "the end of copying is told twice");
        copyTold = true;
        if (error != null) {
            check(error.code() == (closed ? ErrorCode.ECANCELED : ErrorCode.ECONNRESET), error);
            end = error.code();
            copy[0].close();
        }
    }

    // Reading.

    private void start() throws PanpipeException {
        if (copies || reads || closed || end != null) {
            return;
        }
        reads = true;
        if (pipe.ipc() && random.nextBoolean()) {
            pipe.startRead2((p, data, pending, error) -> {
                checkEquals(pipe.pendingType(), pending);
                read(data, error);
            });
        } else {
            pipe.startRead((p, data, error) -> read(data, error));
        }
    }

    private void stop() {
        if (reads) {
            reads = false;
            pipe.stopRead();
        }
    }

    private void read(ByteBuffer data, PanpipeException error) throws PanpipeException {
        happened++;
        check(copies || reads, "called back without reading");
        check(!copyEnded, "called back after the end");
        if (data == null) {
            failed(error.code());
            return;
        }
        check(error == null, "data and an error at once");
        check(!lossDue, "lost descriptors are not reported behind their data");
        check(data.hasRemaining(), "a read of nothing");
        check(waiting.size() < MOST_WAITING, "reads on though many descriptors wait");
        long from = received;
        while (data.hasRemaining()) {
            byte next = data.get();
            if (next < 0) {
                check(++urgent <= stranger.urgent(), "an urgent byte that nobody has sent");
            } else {
                check(next == Stranger.byteAt(received), "the wrong byte");
                received++;
            }
        }
        check(received <= stranger.sent(), "more bytes than were sent");
        arrived(from);
        if (!copies) {
            actInside();
        }
    }

    private void failed(ErrorCode code) throws PanpipeException {
        reads = false;
        if (code == ErrorCode.EMFILE) {
            check(lossDue, "nothing was lost");
            lossDue = false;
            return;
        }
        check(!lossDue, "lost descriptors are not reported");
        check(code == ErrorCode.EOF || code == ErrorCode.ECONNRESET, code);
        check(stranger.isSilent() || closed, "an end before the end");
        copyEnded = copies;
        if (end == null) {
            // Otherwise copying has failed, and what it had not written yet was thrown away.
            checkEquals(stranger.sent(), received);
            check(stranger.groups().stream().allMatch(Stranger.Group::mayVanish), "descriptors did not come");
            end = code;
        }
    }

    /** Takes note of the descriptors that have come with bytes. */
    private void arrived(long from) {
        int came = pipe.closed() ? 0 : pipe.pendingCount() - waiting.size();
        Deque<Stranger.Group> groups = stranger.groups();
        List<Stranger.Group> due = new ArrayList<>();
        while (!groups.isEmpty() && groups.peek().offset() < received) {
            due.add(groups.poll());
        }
        if (!groups.isEmpty() && groups.peek().mayVanish() && groups.peek().offset() == received) {
            due.add(groups.poll());
        }
        if (!pipe.ipc()) {
            return;
        }
        Stranger.Group doubtful = due.stream().filter(Stranger.Group::mayVanish).findFirst().orElse(null);
        due.remove(doubtful);
        int expected = due.stream().mapToInt(group -> group.luggage().size()).sum();
        due.forEach(group -> check(group.offset() >= from, "descriptors came behind their byte"));
        if (isShort && came == 0 && expected > 0) {
            lossDue = true;
            return;
        }
        if (doubtful != null && came == expected + doubtful.luggage().size()) {
            check(doubtful.offset() >= from, "descriptors came behind their urgent byte");
            due.add(doubtful);
            due.sort(Comparator.comparingLong(Stranger.Group::offset));
        } else {
            checkEquals(expected, came);
            if (doubtful != null && doubtful.offset() == received) {
                groups.addFirst(doubtful);
            }
        }
        due.forEach(group -> waiting.addAll(group.luggage()));
    }

    // Whatever else one does with a pipe.

    /** Does something between the turns of the loop. */
    void act() throws PanpipeException {
        if (closed) {
            return;
        }
        switch (random.nextInt(12)) {
            case 0, 1 -> stop();
            case 2, 3, 4, 5, 6 -> start();
            case 7 -> {
                if (random.nextInt(6) == 0) {
                    close();
                }
            }
            case 8 -> write();
            default -> take(random.nextInt(8));
        }
    }

    private void actInside() throws PanpipeException {
        switch (random.nextInt(16)) {
            case 0 -> {
                // Whoever stops reading where descriptors were lost never hears of it; only the log does.
                if (!lossDue) {
                    stop();
                }
            }
            case 1 -> {
                stop();
                start();
            }
            case 2 -> write();
            case 3 -> {
                if (random.nextInt(8) == 0) {
                    close();
                }
            }
            case 4, 5, 6, 7, 8 -> take(random.nextInt(5));
            default -> {
                // Reads on.
            }
        }
    }

    private void write() {
        asked++;
        pipe.write(new byte[1 + random.nextInt(500)], (p, error) -> {
            happened++;
            answered++;
            check(!closeTold, "called back after the close");
            check(error == null || error.code() == ErrorCode.EPIPE || error.code() == ErrorCode.ECONNRESET
                    || closed && error.code() == ErrorCode.ECANCELED, error);
        });
    }

    /** Accepts some of what has come. */
    private void take(int count) throws PanpipeException {
        // To look at them takes a descriptor.
        for (int i = 0; i < count && takesHandles && !isShort && !closed && !waiting.isEmpty(); i++) {
            Luggage expected = waiting.poll();
            PendingType type = pipe.pendingType();
            checkEquals(expected.type(), type);
            if (type != PendingType.TCP && random.nextInt(8) == 0) {
                refuse(new Tcp(loop));
            }
            Handle taken = accept(random.nextBoolean() ? PendingType.DESCRIPTOR : type, expected.identity());
            checkEquals(waiting.size(), pipe.pendingCount());
            if (random.nextInt(3) > 0) {
                taken.close();
            } else {
                kept.add(taken);
            }
        }
    }

    private void refuse(Tcp wrong) throws PanpipeException {
        try {
            pipe.accept(wrong);
            check(false, "accepted as what it is not");
        } catch (IllegalArgumentException refused) {
            wrong.close();
        }
    }

    private Handle accept(PendingType as, String identity) throws PanpipeException {
        long number;
        Handle handle;
        switch (as) {
            case PIPE -> {
                Pipe accepted = new Pipe(loop);
                pipe.accept(accepted);
                handle = accepted;
                number = accepted.fileno();
            }
            case TCP -> {
                Tcp accepted = new Tcp(loop);
                pipe.accept(accepted);
                handle = accepted;
                number = accepted.fileno();
            }
            case UDP -> {
                Udp accepted = new Udp(loop);
                pipe.accept(accepted);
                handle = accepted;
                number = accepted.fileno();
            }
            default -> {
                RawDescriptor accepted = new RawDescriptor(loop);
                pipe.accept(accepted);
                handle = accepted;
                number = accepted.fileno();
            }
        }
        checkEquals(identity, Luggage.identity(number));
        return handle;
    }

    // Ending.

    /** Reads on, and makes room for what would not come otherwise. */
    void readToTheEnd() throws PanpipeException {
        start();
        if (waiting.size() >= MOST_WAITING && !takesHandles) {
            close();
        }
        take(Integer.MAX_VALUE);
    }

    /** Closes everything. */
    void close() {
        if (!closed) {
            closed = true;
            reads = false;
            pipe.close(p -> {
                checkEquals(asked, answered);
                closeTold = true;
            });
        }
    }

    void closeAll() {
        close();
        kept.forEach(Handle::close);
        for (Pipe end : copy) {
            end.close();
        }
    }

    /** Checks that all that was asked was told. */
    void checkClosed() {
        check(closeTold, "no word of the close");
        checkEquals(asked, answered);
        checkEquals(copies, copyTold);
    }
}
