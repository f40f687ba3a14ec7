/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Makes every choice that a real kernel leaves to chance, from one seed, so that a failing run can be run again.
 *
 * <p>It draws only where an option leaves a choice, or where there always is one: which of the listeners that share a
 * port, how soon a connect over TCP. Otherwise a quiet world draws nothing. The world's lock is held.
 */
final class Scheduler {

    private static final int SHORTEST_DELAY_NANOS = 1_000;
    private static final int DELAY_SPREAD_NANOS = 100_000;
    private static final int LONGEST_TURN_NANOS = 20_000;

    private final Random random;
    private final SimulatedOptions options;

    Scheduler(SimulatedOptions options) {
        this.options = options;
        random = new Random(options.seed());
    }

    private boolean chance(double share) {
        return share > 0 && random.nextDouble() < share;
    }

    /** Tells whether a write is left in flight. */
    boolean writesInFlight() {
        return chance(options.inFlightShare());
    }

    /** Tells whether bytes are moved inside the kernel rather than copied, where the kernel does that at all. */
    boolean transfers() {
        return chance(options.transferShare());
    }

    /** Tells whether a transfer that went well until now is possible no longer. */
    boolean transferFails() {
        return options.shortTransfers() && random.nextInt(16) == 0;
    }

    /** Tells whether a connect is completed later. */
    boolean connectsLater() {
        return chance(options.pendingConnectShare());
    }

    /** Tells whether a select reports a readiness that is not so. */
    boolean isSpurious() {
        return chance(options.spuriousShare());
    }

    /** Tells whether a background event happens in a select that has not waited for it. */
    boolean happensEarly() {
        return random.nextBoolean();
    }

    /** Tells whether a write in flight ends before all its bytes have gone, as the contract allows. */
    boolean endsShort() {
        return options.shortTransfers() && random.nextInt(8) == 0;
    }

    /** Returns how much of a transfer is done at once: all, or in every second case anything from one byte on. */
    int cut(int length) {
        if (!options.shortTransfers() || length <= 1 || random.nextBoolean()) {
            return length;
        }
        return 1 + random.nextInt(length);
    }

    /** Returns how many nanoseconds a step in the background takes. */
    long delay() {
        return SHORTEST_DELAY_NANOS + random.nextInt(DELAY_SPREAD_NANOS);
    }

    /** Returns how many nanoseconds a pending connect takes: always as many where none is pending by chance. */
    long connectDelay() {
        return options.pendingConnectShare() > 0 ? delay() : SHORTEST_DELAY_NANOS;
    }

    /** Returns how many nanoseconds a loop's turn takes, where turns take any. */
    long turnNanos() {
        return options.shuffled() ? random.nextInt(LONGEST_TURN_NANOS) : 0;
    }

    /** Tells whether a loop that could return from its wait does so before so many others get a turn. */
    boolean prefersWaiter(int others) {
        return options.shuffled() && random.nextInt(others + 1) == 0;
    }

    /** Returns how much longer than it must something takes. */
    Random random() {
        return random;
    }

    /** Puts the events of a batch in the order they are told in. */
    void order(List<?> batch) {
        if (options.shuffled() && batch.size() > 1) {
            Collections.shuffle(batch, random);
        }
    }

    /** Returns one of several. */
    <T> T pick(List<T> several) {
        return several.get(random.nextInt(several.size()));
    }
}
