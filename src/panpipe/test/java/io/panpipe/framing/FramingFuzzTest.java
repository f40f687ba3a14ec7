/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.panpipe.testbed.SeededRuns;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random messages, and random bytes, cut at random. */
@Tag("simulated")
class FramingFuzzTest {

    private static final int[] SIZES = {1, 4, 20, 200, 3_000, 20_000};

    private static Framing framing(Random random) {
        return switch (random.nextInt(12)) {
            case 0 -> Framing.lines();
            case 1 -> Framing.crlfLines();
            case 2 -> Framing.nul();
            case 3 -> Framing.delimited(random.nextInt(256));
            case 4 -> Framing.length(1);
            case 5 -> Framing.length(2);
            case 6 -> Framing.length(4);
            case 7 -> Framing.length(2, ByteOrder.LITTLE_ENDIAN);
            case 8 -> Framing.length(4, ByteOrder.LITTLE_ENDIAN);
            case 9 -> Framing.varint();
            case 10 -> Framing.fixed(1 + random.nextInt(40));
            default -> Framing.contentLength();
        };
    }

    /** Makes a message at random, or another one if the framing cannot write that. */
    private static String message(Framing framing, Random random) {
        while (true) {
            StringBuilder text = new StringBuilder();
            int alphabet = random.nextBoolean() ? 256 : 3;
            for (int i = random.nextInt(1 + SIZES[random.nextInt(SIZES.length)]); i > 0; i--) {
                text.append((char) ('\n' - 1 + random.nextInt(alphabet) & 0xff));
            }
            try {
                Decoded.stream(framing, List.of(text.toString()));
                return text.toString();
            } catch (IllegalArgumentException another) {
                // With a delimiter in it, or too long.
                if (framing.toString().startsWith("messages of ")) {
                    return "x".repeat(Integer.parseInt(framing.toString().replaceAll("\\D", "")));
                }
            }
        }
    }

    private static int[] cuts(Random random, int length) {
        int average = SIZES[random.nextInt(SIZES.length)];
        return random.ints(length / average + random.nextInt(3), 0, length + 1).sorted().toArray();
    }

    @Test
    void randomMessagesComeWholeAndAreRefusedWhenTooLong() {
        SeededRuns.of(FramingFuzzTest.class, "randomMessagesComeWholeAndAreRefusedWhenTooLong", 120, random -> {
            Framing framing = framing(random);
            List<String> messages = new ArrayList<>();
            for (int i = random.nextInt(12); i >= 0; i--) {
                messages.add(message(framing, random));
            }
            int limit = random.nextInt(4) > 0 ? 100_000 : random.nextInt(300);
            List<String> expected = new ArrayList<>();
            for (String text : messages) {
                if (text.length() > limit) {
                    expected.add("TOO_LONG");
                    break;
                }
                expected.add(text);
            }
            if (expected.isEmpty() || !expected.getLast().equals("TOO_LONG")) {
                expected.add(Decoded.END);
            }
            byte[] stream = Decoded.stream(framing, messages);
            for (int i = 0; i < 4; i++) {
                int[] cuts = cuts(random, stream.length);
                assertEquals(expected, Decoded.of(framing, limit, i > 0, stream, cuts),
                        () -> framing + ", limit " + limit + ", cut at " + Arrays.toString(cuts));
            }
        });
    }

    @Test
    void whatAStrangerSendsIsTheSameHoweverItIsCut() {
        SeededRuns.of(FramingFuzzTest.class, "whatAStrangerSendsIsTheSameHoweverItIsCut", 300, random -> {
            Framing framing = framing(random);
            byte[] stream = new byte[random.nextInt(400)];
            random.nextBytes(stream);
            if (random.nextBoolean()) {
                // What was written well, up to some place.
                byte[] good = Decoded.stream(framing, List.of(message(framing, random), message(framing, random)));
                stream = Arrays.copyOf(good, Math.min(good.length, random.nextInt(1 + good.length)));
                if (stream.length > 0 && random.nextBoolean()) {
                    stream[random.nextInt(stream.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            int limit = random.nextInt(3) > 0 ? 100_000 : random.nextInt(100);
            List<String> expected = Decoded.of(framing, limit, stream);
            for (int i = 0; i < 5; i++) {
                int[] cuts = cuts(random, stream.length);
                assertEquals(expected, Decoded.of(framing, limit, i > 0, stream, cuts),
                        () -> framing + ", limit " + limit + ", cut at " + Arrays.toString(cuts));
            }
        });
    }
}
