/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.testbed.SeededRuns;
import io.panpipe.testbed.WatchdogLimit;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Control data that came with a message: what systems make, what they never should, and what an earlier message has
 * left behind its end. It is read within its bounds, which the memory's own hold, and gives the descriptors that are in it.
 */
@Tag("simulated")
class StrangeControlDataTest {

    private static final UnixSystem SYSTEM = Systems.linux();
    private static final SocketLayouts LAYOUTS = SYSTEM.layouts();
    private static final int SOCKET_LEVEL = 1;
    private static final int RIGHTS = 1;
    private static final int CREDENTIALS = 2;
    private static final int SECURITY = 3;
    private static final int PIDFD = 4;
    private static final int TRUNCATED = 8;
    private static final int HEADER = 16;
    private static final int ROOM = 1160;

    private final HandleInbox inbox = new HandleInbox();
    private final HandleInbox unasked = new HandleInbox();

    @Test
    void theDescriptorsInItAreGivenAndNoOthers() {
        run(20_000);
    }

    @Test
    @Tag("slow")
    @WatchdogLimit("PT1H")
    void theDescriptorsInItAreGivenAndNoOthersInMillions() {
        run(3_000_000);
    }

    private void run(int seeds) {
        SeededRuns.of(StrangeControlDataTest.class, "theDescriptorsInItAreGivenAndNoOthers", seeds, random -> {
            ControlData data = new ControlData(random);
            if (random.nextInt(3) > 0) {
                data.spoil();
            }
            parse(data);
            assertEquals(data.descriptors(RIGHTS), given(inbox), data::toString);
            assertEquals(data.descriptors(PIDFD), given(unasked), data::toString);
            assertEquals((data.flags & TRUNCATED) != 0, inbox.isTruncated(), data::toString);
        });
    }

    /** Gives the parser memory that ends where the control data's does. */
    private void parse(ControlData data) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = arena.allocate(LAYOUTS.msgSize(), 8);
            MemorySegment control = arena.allocate(ROOM, 8);
            MemorySegment.copy(data.bytes, 0, control, ValueLayout.JAVA_BYTE, 0, ROOM);
            message.set(ValueLayout.JAVA_LONG, LAYOUTS.msgControllen(), data.length);
            message.set(ValueLayout.JAVA_INT, LAYOUTS.msgFlags(), data.flags);
            inbox.clear();
            unasked.clear();
            HandleMessages.collect(SYSTEM, message, control, inbox, unasked);
        }
    }

    private static List<Long> given(HandleInbox inbox) {
        List<Long> given = new ArrayList<>();
        for (int i = 0; i < inbox.count(); i++) {
            given.add(inbox.descriptor(i));
        }
        return given;
    }

    /** Some control messages, one behind the other, as recvmsg(2) leaves them in memory that was used before. */
    private static final class ControlData {

        private final Random random;
        final byte[] bytes = new byte[ROOM];
        private final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        long length;
        int flags;

        ControlData(Random random) {
            this.random = random;
            random.nextBytes(bytes);
            leftovers();
            for (int messages = random.nextInt(5); messages > 0 && append(); messages--) {
                flags |= random.nextInt(8) == 0 ? TRUNCATED : 0;
            }
            flags |= random.nextInt() & ~TRUNCATED;
        }

        /** Descriptors of earlier messages, which must not be taken for this one's. */
        private void leftovers() {
            int step = 8 * (1 + random.nextInt(8));
            for (int at = 0; at + HEADER <= ROOM; at += step) {
                header(at, HEADER + 4 * random.nextInt(4), SOCKET_LEVEL, RIGHTS);
            }
        }

        private void header(int at, long size, int level, int type) {
            buffer.putLong(at, size).putInt(at + 8, level).putInt(at + 12, type);
        }

        private boolean append() {
            int type = random.nextInt(2) == 0 ? RIGHTS : 1 + random.nextInt(5);
            int size = HEADER + switch (type) {
                case RIGHTS -> 4 * (random.nextInt(20) == 0 ? random.nextInt(254) : random.nextInt(6));
                case CREDENTIALS -> 12;
                case SECURITY -> random.nextInt(60);
                case PIDFD -> 4;
                default -> random.nextInt(40);
            };
            int padded = size + 7 & -8;
            if (length + padded > ROOM) {
                return false;
            }
            header((int) length, size, random.nextInt(10) == 0 ? 41 : SOCKET_LEVEL, type);
            // Where there is no room for its padding, the last message has none.
            length += length + padded == ROOM || random.nextInt(4) == 0 ? size : padded;
            return length % 8 == 0;
        }

        /** Does what no system should. */
        void spoil() {
            for (int times = 1 + random.nextInt(3); times > 0; times--) {
                int at = 8 * random.nextInt(Math.clamp(length, HEADER, ROOM) / 8 - 1);
                switch (random.nextInt(8)) {
                    case 0 -> buffer.putLong(at, strangeSize());
                    case 1 -> buffer.putLong(at, random.nextInt(ROOM + 40));
                    case 2 -> buffer.putInt(at, random.nextInt(4));
                    case 3 -> bytes[random.nextInt(ROOM)] = (byte) random.nextInt();
                    case 4 -> length = random.nextInt(ROOM + 1);
                    case 5 -> length = random.nextInt(3) == 0 ? strangeSize() : ROOM + random.nextInt(100);
                    case 6 -> System.arraycopy(bytes, at, bytes, 4 * random.nextInt(280), random.nextInt(HEADER + 1));
                    default -> header(at, HEADER + random.nextInt(300), SOCKET_LEVEL, RIGHTS);
                }
            }
        }

        private long strangeSize() {
            long[] sizes = {0, 1, HEADER - 1, HEADER, -1, -HEADER, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - 7,
                Integer.MAX_VALUE, Integer.MIN_VALUE, 1L << 32, (1L << 32) + HEADER + 4, ROOM, ROOM + 1};
            return sizes[random.nextInt(sizes.length)] + (random.nextInt(4) == 0 ? random.nextInt(64) : 0);
        }

        /**
         * Reads it as cmsg(3) says: a message that is not whole within the data is none, and nothing behind it is one.
         */
        List<Long> descriptors(int wanted) {
            List<Long> found = new ArrayList<>();
            ByteBuffer rest = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
            rest.limit(Math.clamp(length, 0, ROOM));
            while (rest.remaining() >= HEADER) {
                ByteBuffer from = rest.slice().order(ByteOrder.nativeOrder());
                long size = from.getLong();
                int level = from.getInt();
                int type = from.getInt();
                if (size < HEADER || size > rest.remaining()) {
                    return found;
                }
                from.limit((int) size);
                while (level == SOCKET_LEVEL && type == wanted && from.remaining() >= 4) {
                    found.add((long) from.getInt());
                }
                rest.position(Math.min(rest.limit(), rest.position() + ((int) size + 7 & -8)));
            }
            return found;
        }

        @Override
        public String toString() {
            return "msg_controllen " + length + ", msg_flags " + flags;
        }
    }
}
