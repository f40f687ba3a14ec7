/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Which operations a fault befalls, and what it does to them.
 *
 * <p>The world's lock is held, but for setting it up before it is added.
 */
public final class FaultRule {

    private final Operation operation;
    private final @Nullable SimulatedKernel process;
    private final @Nullable String name;
    private final long first;
    private final long last;
    private final double probability;
    private final Effect effect;
    private long seen;
    private long happened;

    /**
     * Makes a rule.
     *
     * @param process whose operations, or null for everybody's
     * @param name the name or address of the server that it is about, or null for any
     * @param first from which matching operation on, 1 for the first
     * @param last up to which
     * @param probability how likely each of them is to be befallen, 0 to 1
     */
    public FaultRule(
            Operation operation,
            @Nullable SimulatedKernel process,
            @Nullable String name,
            long first,
            long last,
            double probability,
            Effect effect) {
        this.operation = operation;
        this.process = process;
        this.name = name;
        this.first = first;
        this.last = last;
        this.probability = probability;
        this.effect = effect;
    }

    /** Tells whether an operation could be befallen; counts it if it is one of those that the rule is about. */
    boolean counts(Operation asked, SimulatedProcess by, String about) {
        if (asked != operation
                || process != null && process.process() != by
                || name != null && !name.equals(about)) {
            return false;
        }
        seen++;
        return seen >= first && seen <= last;
    }

    /** Tells whether an operation that could be befallen is. */
    boolean befalls(Random random) {
        if (probability < 1 && random.nextDouble() >= probability) {
            return false;
        }
        happened++;
        return true;
    }

    Effect effect() {
        return effect;
    }

    long happened() {
        return happened;
    }
}
