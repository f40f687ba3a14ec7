/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static io.panpipe.handles.Scenario.check;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * One who sends whatever the kernel lets him send, in random order, and remembers what of it was taken. Without JUnit,
 * for child JVMs.
 */
final class Stranger {

    private static final int RIGHTS = 1;
    private static final int CREDENTIALS = 2;
    private static final int HEADER = 16;
    private static final int MOST_DESCRIPTORS = 253;

    private static final int USER = owner("uid");
    private static final int GROUP = owner("gid");

    /** More than any control data here has. */
    private static final int ROOM = 4096;

    /**
     * Descriptors of one message.
     *
     * @param offset the place of the byte that they come with
     * @param mayVanish whether that byte is an urgent one, which the kernel drops, and them with it, unless another one
     *     follows in time
     */
    record Group(long offset, List<Luggage> luggage, boolean mayVanish) {}

    private final RawSocket socket;
    private final Random random;
    private final int watched;
    private final boolean sendsUrgently;
    private final Deque<Group> groups = new ArrayDeque<>();
    private final List<Luggage> packed = new ArrayList<>();
    private long sent;
    private int urgent;
    private int messages;
    private boolean silent;
    private boolean closed;

    /**
     * Takes a socket.
     *
     * @param watched a descriptor that outlives all luggage
     * @param sendsUrgently whether urgent bytes are sent too
     */
    Stranger(RawSocket socket, Random random, int watched, boolean sendsUrgently) {
        this.socket = socket;
        this.random = random;
        this.watched = watched;
        this.sendsUrgently = sendsUrgently;
    }

    private static int owner(String kind) {
        try {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:" + kind);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Returns which byte is at a place of the stream. Urgent ones are negative, and at no place. */
    static byte byteAt(long position) {
        return (byte) (position * 31 + (position >>> 7) * 7 & 0x7f);
    }

    /** Returns how many bytes the kernel has taken that are not urgent. */
    long sent() {
        return sent;
    }

    /** Returns how many urgent bytes it has taken. */
    int urgent() {
        return urgent;
    }

    /** Returns how many messages it has taken. */
    int messages() {
        return messages;
    }

    /** Returns the descriptors that are on their way, in order. */
    Deque<Group> groups() {
        return groups;
    }

    /** Tells whether nothing more will come. */
    boolean isSilent() {
        return silent;
    }

    /** Does something. */
    void act() {
        if (closed) {
            return;
        }
        switch (random.nextInt(30)) {
            case 0 -> end();
            case 1 -> socket.swallow(1 + random.nextInt(2000));
            case 2, 3 -> sendNonsense();
            case 4, 5, 6 -> sendUrgently();
            case 7 -> send(0, control(true), false);
            case 8, 9, 10, 11, 12, 13 -> send(size(), new Control(), false);
            default -> send(size(), control(false), false);
        }
    }

    /** Ends in some way, if he has not yet. */
    void end() {
        if (closed) {
            return;
        }
        switch (random.nextInt(6)) {
            case 0, 1 -> socket.shutdown(RawSocket.SHUT_WR);
            case 2 -> socket.shutdown(RawSocket.SHUT_RDWR);
            case 3 -> {
                // What he has not read makes his close a reset; so it is none.
                int result = 1;
                while (result > 0) {
                    result = socket.swallow(1 << 16);
                }
                close();
            }
            default -> close();
        }
        silent = true;
    }

    void close() {
        if (!closed) {
            closed = true;
            silent = true;
            socket.close();
        }
    }

    private int size() {
        return switch (random.nextInt(12)) {
            case 0 -> 1;
            case 1 -> 1 + random.nextInt(5_000);
            case 2 -> 1 + random.nextInt(90_000);
            default -> 1 + random.nextInt(200);
        };
    }

    private void sendUrgently() {
        if (sendsUrgently) {
            int size = random.nextInt(3) == 0 ? 1 : size();
            // One group at a time of which nobody knows whether it will come.
            boolean mayCarry = size > 1 || groups.stream().noneMatch(Group::mayVanish);
            send(size, mayCarry && random.nextInt(3) == 0 ? control(false) : new Control(), true);
        }
    }

    private void send(int size, Control control, boolean urgently) {
        byte[] data = new byte[size];
        for (int i = 0; i < size; i++) {
            data[i] = byteAt(sent + i);
        }
        if (urgently) {
            data[size - 1] = (byte) (0x80 | random.nextInt());
        }
        int taken = socket.send(data, control.bytes(), urgently ? RawSocket.MSG_OOB : 0);
        unpack();
        if (taken < 0) {
            check(silent || taken == -RawSocket.EAGAIN || taken == -RawSocket.EPIPE || taken == -RawSocket.ECONNRESET
                    || taken == -RawSocket.ETOOMANYREFS, "sendmsg failed: errno " + -taken);
            return;
        }
        check(!silent || taken == 0, "what is shut down takes bytes");
        // The urgent byte is the last, and goes by itself behind all others.
        boolean wasUrgent = urgently && taken == size;
        if (taken > 0) {
            messages += 1 + taken / 4096;
            if (!control.luggage.isEmpty()) {
                groups.add(new Group(sent, control.luggage, wasUrgent && size == 1));
            }
        }
        sent += wasUrgent ? taken - 1 : taken;
        urgent += wasUrgent ? 1 : 0;
    }

    /** Sends a message that the kernel refuses as a whole. */
    private void sendNonsense() {
        Control control = new Control();
        switch (random.nextInt(4)) {
            case 0 -> control.rights(List.of(new Luggage(-1, null, "")));
            case 1 -> control.header(1 << 20, RIGHTS);
            case 2 -> control.header(3, RIGHTS);
            default -> control.rights(many(MOST_DESCRIPTORS + 1));
        }
        int taken = socket.send(new byte[] {-1}, control.bytes(), 0);
        unpack();
        check(taken < 0, "the kernel takes nonsense");
    }

    /** Closes what was sent, or not; what is on its way stays open there. */
    private void unpack() {
        packed.forEach(luggage -> Libc.close(luggage.descriptor()));
        packed.clear();
    }

    private Control control(boolean full) {
        Control control = new Control();
        int left = full || random.nextInt(15) == 0 ? MOST_DESCRIPTORS : 12;
        for (int parts = 1 + random.nextInt(4); parts > 0; parts--) {
            if (random.nextInt(5) == 0) {
                control.credentials();
                continue;
            }
            int count = left == MOST_DESCRIPTORS ? left : random.nextInt(Math.min(left, 5) + 1);
            control.rights(count > 12 ? many(count) : some(count));
            left -= count;
        }
        return control;
    }

    private List<Luggage> some(int count) {
        List<Luggage> some = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            some.add(Luggage.pack(random, watched));
        }
        packed.addAll(some);
        return some;
    }

    private List<Luggage> many(int count) {
        Luggage one = Luggage.pack(random, watched);
        packed.add(one);
        return Collections.nCopies(count, one);
    }

    /** Control data that is being written. */
    private static final class Control {

        private final ByteBuffer buffer = ByteBuffer.allocate(ROOM).order(ByteOrder.nativeOrder());
        private final List<Luggage> luggage = new ArrayList<>();

        void header(long size, int type) {
            buffer.putLong(size).putInt(RawSocket.SOL_SOCKET).putInt(type);
        }

        void rights(List<Luggage> sent) {
            header(HEADER + 4L * sent.size(), RIGHTS);
            sent.forEach(one -> buffer.putInt(one.descriptor()));
            luggage.addAll(sent);
            align();
        }

        void credentials() {
            header(HEADER + 12, CREDENTIALS);
            buffer.putInt((int) ProcessHandle.current().pid()).putInt(USER).putInt(GROUP);
            align();
        }

        private void align() {
            buffer.position(buffer.position() + 7 & -8);
        }

        byte[] bytes() {
            return Arrays.copyOf(buffer.array(), buffer.position());
        }
    }
}
