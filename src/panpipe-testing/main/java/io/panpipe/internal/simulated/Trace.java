/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What happened in a world, in order: the same for the same seed and program. Noting costs little and makes no text;
 * text is made when somebody asks. Of a long history the end is kept.
 *
 * <p>The world's lock is held.
 */
final class Trace {

    /** Lines that are kept: what a person may still look through. */
    private static final int CAPACITY = 20_000;

    private static final int FIRST_SIZE = 256;
    private static final double NANOS_PER_MILLI = 1e6;

    private final VirtualClock clock;
    private final long origin;
    private long[] times = new long[FIRST_SIZE];
    private long[] numbers = new long[2 * FIRST_SIZE];
    private @Nullable String[] texts = new String[3 * FIRST_SIZE];
    private long count;

    Trace(VirtualClock clock) {
        this.clock = clock;
        origin = clock.now();
    }

    /**
     * Notes an event.
     *
     * @param who the process, or empty for the machine
     * @param what what was done
     * @param about to what, or empty
     * @param result bytes or another count, or -1
     * @param of out of how many, or -1
     */
    void add(String who, String what, String about, long result, long of) {
        int at = (int) (count % CAPACITY);
        if (at == times.length) {
            grow();
        }
        times[at] = clock.now();
        numbers[2 * at] = result;
        numbers[2 * at + 1] = of;
        texts[3 * at] = who;
        texts[3 * at + 1] = what;
        texts[3 * at + 2] = about;
        count++;
    }

    void add(String who, String what, String about) {
        add(who, what, about, -1, -1);
    }

    private void grow() {
        int size = Math.min(CAPACITY, times.length * 2);
        times = Arrays.copyOf(times, size);
        numbers = Arrays.copyOf(numbers, 2 * size);
        texts = Arrays.copyOf(texts, 3 * size);
    }

    /** Returns the last lines of the history, at most so many. */
    String text(int lines) {
        long kept = Math.min(count, Math.min(lines, CAPACITY));
        StringBuilder text = new StringBuilder();
        if (kept < count) {
            text.append("... ").append(count - kept).append(" events before these\n");
        }
        for (long i = count - kept; i < count; i++) {
            line(text, (int) (i % CAPACITY));
        }
        return text.toString();
    }

    private void line(StringBuilder text, int at) {
        text.append(String.format(Locale.ROOT, "%12.6f ms  %s: %s",
                (times[at] - origin) / NANOS_PER_MILLI, texts[3 * at], texts[3 * at + 1]));
        String about = texts[3 * at + 2];
        if (about != null && !about.isEmpty()) {
            text.append(' ').append(about.replace('\0', '@'));
        }
        if (numbers[2 * at] >= 0) {
            text.append(' ').append(numbers[2 * at]);
        }
        if (numbers[2 * at + 1] >= 0) {
            text.append(" of ").append(numbers[2 * at + 1]);
        }
        text.append('\n');
    }
}
