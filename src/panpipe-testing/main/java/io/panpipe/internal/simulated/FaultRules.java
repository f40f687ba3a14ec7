/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The faults of a world. Their chance is drawn from a source of its own, so that a rule changes the schedule by its
 * effect alone.
 *
 * <p>The world's lock is held.
 */
final class FaultRules {

    /** Anything but the scheduler's own beginning. */
    private static final long OTHER_SOURCE = 0x5DEECE66DL << 13;

    private final List<FaultRule> rules = new ArrayList<>(0);
    private final Random random;

    FaultRules(long seed) {
        random = new Random(seed ^ OTHER_SOURCE);
    }

    void add(FaultRule rule) {
        rules.add(rule);
    }

    void remove(FaultRule rule) {
        rules.remove(rule);
    }

    /** Returns what befalls an operation: the effect of the first rule that does. All others count it too. */
    Effect befalling(Operation operation, SimulatedProcess by, String about) {
        Effect effect = Effect.NONE;
        for (int i = 0; i < rules.size(); i++) {
            FaultRule rule = rules.get(i);
            if (rule.counts(operation, by, about) && effect.is(Effect.Kind.NONE) && rule.befalls(random)) {
                effect = rule.effect();
            }
        }
        return effect;
    }

    boolean isEmpty() {
        return rules.isEmpty();
    }
}
