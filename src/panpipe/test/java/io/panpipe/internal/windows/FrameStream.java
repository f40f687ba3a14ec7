/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.Fault;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * What a stranger sends over an IPC pipe: frames, spoiled or not, and what a reader has to make of them, told by a
 * parser that has all of it at once.
 *
 * <p>The numbers are those of libuv's {@code src/win/pipe.c}, and ours beside them, written down once more.
 */
final class FrameStream {

    private static final int DATA = 1;
    private static final int SOCKET = 2;
    private static final int CONNECTION = 4;
    private static final int HANDLES = 0x100;
    private static final int HEADER = 16;
    private static final int SOCKET_INFORMATION = 632;
    private static final int MOST_HANDLES = 253;
    private static final int ANNOUNCEMENT = 'P' | 'P' << 8 | 'H' << 16 | '1' << 24;
    private static final int ANSWER = 'P' | 'P' << 8 | 'A' << 16 | '1' << 24;

    /** More than twelve frames of whatever kind have. */
    private static final int MOST_BYTES = 1 << 16;

    /** What the reader has to do at a place in the data. */
    record Event(long position, Fault fault, List<Long> handles, int announced) {

        static Event failure(long position, Fault fault) {
            return new Event(position, fault, List.of(), 0);
        }

        @Override
        public String toString() {
            return position + (fault != null ? " " + fault : "") + (handles.isEmpty() ? "" : " " + handles)
                    + (announced != 0 ? " of " + announced : "");
        }
    }

    final byte[] bytes;
    private final boolean isOpenedAnew;
    private final boolean trusted;
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private final List<Event> events = new ArrayList<>();
    private final List<Integer> boundaries = new ArrayList<>();
    private int peerKnownAt = Integer.MAX_VALUE;
    private boolean takesHandles;
    private boolean numberFollows;
    private int process;
    private boolean answerDue;
    private List<Long> withoutData = List.of();

    private FrameStream(byte[] bytes, boolean isOpenedAnew, boolean trusted) {
        this.bytes = bytes;
        this.isOpenedAnew = isOpenedAnew;
        this.trusted = trusted;
        parse();
    }

    // Making it.

    /**
     * Makes what one stranger sends.
     *
     * @param isOpenedAnew whether frames before these may have been read by someone else
     * @param trusted whether the sender may have put handles into this process
     */
    static FrameStream of(Random random, boolean isOpenedAnew, boolean trusted) {
        Maker maker = new Maker(random);
        byte[] made = maker.make();
        return new FrameStream(random.nextInt(3) == 0 ? made : maker.spoil(made), isOpenedAnew, trusted);
    }

    private static final class Maker {
        private final Random random;
        private final ByteBuffer out = ByteBuffer.allocate(MOST_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        private boolean announced;

        Maker(Random random) {
            this.random = random;
        }

        byte[] make() {
            if (random.nextInt(8) > 0) {
                announce(ANNOUNCEMENT);
            }
            for (int frames = random.nextInt(12); frames > 0; frames--) {
                switch (random.nextInt(announced ? 9 : 5)) {
                    case 0 -> data(0);
                    case 1, 2 -> data(random.nextInt(random.nextInt(4) == 0 ? 3000 : 40));
                    case 3 -> socket();
                    case 4 -> emptyOrAnnouncement();
                    default -> handles();
                }
            }
            return Arrays.copyOf(out.array(), out.position());
        }

        private void header(int flags, int reserved, int length, int count) {
            out.putInt(flags).putInt(reserved).putInt(length).putInt(count);
        }

        private void fill(int length) {
            byte[] content = new byte[length];
            random.nextBytes(content);
            out.put(content);
        }

        private void announce(int kind) {
            announced = true;
            header(0, kind, 0, 0);
            header(0, random.nextInt(), 0, 0);
        }

        private void emptyOrAnnouncement() {
            switch (random.nextInt(4)) {
                case 0 -> announce(ANNOUNCEMENT);
                case 1 -> announce(ANSWER);
                default -> {
                    for (int frames = random.nextInt(random.nextInt(5) == 0 ? 100 : 5); frames > 0; frames--) {
                        header(0, random.nextInt(3), 0, 0);
                    }
                }
            }
        }

        private void data(int length) {
            header(DATA, random.nextInt(2), length, 0);
            fill(length);
        }

        private void socket() {
            int length = random.nextInt(4) == 0 ? random.nextInt(100) : 0;
            int flags = SOCKET | (length > 0 ? DATA : 0) | (random.nextBoolean() ? CONNECTION : 0);
            header(flags, 0, length, 0);
            fill(SOCKET_INFORMATION);
            fill(length);
        }

        private void handles() {
            int count = random.nextInt(30) == 0 ? MOST_HANDLES : 1 + random.nextInt(6);
            int length = 1 + random.nextInt(50);
            header(DATA | HANDLES, 0, length, count);
            fill(8 * count);
            fill(length);
        }

        /** Changes, cuts, moves and repeats some of it. */
        byte[] spoil(byte[] made) {
            byte[] bytes = made;
            for (int times = 1 + random.nextInt(3); times > 0 && bytes.length > 0; times--) {
                int at = random.nextInt(bytes.length);
                int end = Math.min(bytes.length, at + random.nextInt(random.nextBoolean() ? 20 : 700));
                bytes = switch (random.nextInt(9)) {
                    case 0 -> replaced(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
                    case 1 -> replaced(bytes, at, end, new byte[0]);
                    case 2 -> Arrays.copyOf(bytes, at);
                    case 3 -> {
                        byte[] noise = new byte[random.nextInt(100)];
                        random.nextBytes(noise);
                        yield replaced(bytes, at, at, noise);
                    }
                    case 4 -> replaced(bytes, at & -HEADER, at & -HEADER, strangeHeader());
                    default -> {
                        // Mostly of a header's, which only the first frames have at a known place.
                        int field = random.nextInt(3) == 0 ? at : Math.min(at, random.nextInt(64));
                        bytes[field] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (1 << random.nextInt(8));
                        yield bytes;
                    }
                };
            }
            return bytes;
        }

        private byte[] strangeHeader() {
            int[] flags = {
                0, DATA, SOCKET, CONNECTION, SOCKET | CONNECTION, HANDLES, HANDLES | DATA, HANDLES | SOCKET | DATA,
                8, -1, 0x200, Integer.MIN_VALUE
            };
            int[] numbers = {
                0, 1, -1, 40, 1 << 16, MOST_HANDLES, MOST_HANDLES + 1, Integer.MAX_VALUE, Integer.MIN_VALUE
            };
            ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
            header.putInt(flags[random.nextInt(flags.length)]).putInt(random.nextInt(2) * ANNOUNCEMENT);
            header.putInt(numbers[random.nextInt(numbers.length)]).putInt(numbers[random.nextInt(numbers.length)]);
            return header.array();
        }

        private static byte[] replaced(byte[] bytes, int from, int to, byte[] by) {
            byte[] result = new byte[bytes.length - (to - from) + by.length];
            System.arraycopy(bytes, 0, result, 0, from);
            System.arraycopy(by, 0, result, from, by.length);
            System.arraycopy(bytes, to, result, from + by.length, bytes.length - to);
            return result;
        }
    }

    // Understanding it.

    private void parse() {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        boundaries.add(0);
        while (in.hasRemaining()) {
            if (in.remaining() < HEADER || !parseFrame(in)) {
                if (events.isEmpty() || events.getLast().fault != Fault.EPROTO) {
                    end(Fault.ECONNRESET);
                }
                return;
            }
            boundaries.add(in.position());
        }
        end(Fault.EOF);
    }

    private void end(Fault fault) {
        events.add(Event.failure(data.size(), fault));
    }

    /** Reads a frame; false if there is no whole one. */
    private boolean parseFrame(ByteBuffer in) {
        int begin = in.position();
        int flags = in.getInt();
        greet(flags, in.getInt(), begin);
        long length = in.getInt() & 0xffffffffL;
        int count = in.getInt();
        boolean hasHandles = (flags & HANDLES) != 0;
        boolean hasSocket = (flags & SOCKET) != 0;
        if (!isValid(flags, length, count)) {
            end(Fault.EPROTO);
            return false;
        }
        byte[] prefix = new byte[hasSocket ? SOCKET_INFORMATION : hasHandles ? 8 * count : 0];
        if (in.remaining() < prefix.length) {
            return false;
        }
        in.get(prefix);
        if (prefix.length > 0) {
            arrive(prefix, hasSocket, in.hasRemaining());
        }
        byte[] content = new byte[(int) Math.min(length, in.remaining())];
        in.get(content);
        data.writeBytes(content);
        return content.length == length;
    }

    private boolean isValid(int flags, long length, int count) {
        if ((flags & HANDLES) != 0) {
            return takesHandles && (flags & ~(DATA | CONNECTION)) == HANDLES && (flags & DATA) != 0 && length > 0
                    && count > 0 && count <= MOST_HANDLES;
        }
        return (flags & ~(DATA | SOCKET | CONNECTION)) == 0 && count == 0 && (length == 0 || (flags & DATA) != 0);
    }

    private void arrive(byte[] prefix, boolean isSocket, boolean dataFollows) {
        int announced = takesHandles ? process : 0;
        if (!trusted) {
            events.add(new Event(data.size(), Fault.EPERM, List.of(), announced));
        } else if (isSocket) {
            events.add(new Event(data.size(), Fault.ENOTSUP, List.of((long) Arrays.hashCode(prefix)), announced));
        } else {
            List<Long> handles = new ArrayList<>();
            ByteBuffer in = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN);
            while (in.hasRemaining()) {
                handles.add(in.getLong());
            }
            if (dataFollows) {
                events.add(new Event(data.size(), null, handles, announced));
            } else {
                withoutData = handles;
            }
        }
    }

    private void greet(int flags, int number, int begin) {
        boolean announces = flags == 0 && (number == ANNOUNCEMENT || number == ANSWER);
        boolean known = peerKnownAt <= begin;
        if (numberFollows) {
            numberFollows = false;
            process = number;
        } else if (announces) {
            answerDue |= number == ANNOUNCEMENT && (known || isOpenedAnew);
            takesHandles = true;
            numberFollows = true;
            return;
        } else if (isOpenedAnew) {
            return;
        }
        peerKnownAt = Math.min(peerKnownAt, begin + HEADER);
    }

    // What it comes to.

    /** Tells whether the sender may have put handles into this process. */
    boolean isTrusted() {
        return trusted;
    }

    byte[] data() {
        return data.toByteArray();
    }

    /** Returns handles and faults, in the order of the data; the last is the end. */
    List<Event> events() {
        return events;
    }

    /** Returns the handles that came at the very end, without the data that they come with. */
    List<Long> withoutData() {
        return withoutData;
    }

    boolean isBoundary(int position) {
        return boundaries.contains(position);
    }

    /** Tells whether a reader that has read so far knows what the other end understands. */
    boolean isPeerKnown(int position) {
        return peerKnownAt <= position;
    }

    boolean takesHandles() {
        return takesHandles;
    }

    int process() {
        return process;
    }

    boolean answerDue() {
        return answerDue;
    }

    @Override
    public String toString() {
        return bytes.length + " bytes" + (isOpenedAnew ? ", opened anew" : "") + (trusted ? "" : ", not trusted") + ": "
                + events;
    }
}
