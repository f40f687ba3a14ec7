/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a fault does to an operation.
 *
 * @param kind in which way it differs from what would have happened
 * @param fault the code it fails with, for {@link Kind#FAIL}
 * @param bytes how many it moves at the most, for {@link Kind#SHORT}
 * @param action what happens beside it, for {@link Kind#ACT}
 */
public record Effect(Kind kind, @Nullable Fault fault, int bytes, @Nullable Runnable action) {

    /** The ways to go wrong. */
    public enum Kind {
        /** It happens as ever. */
        NONE,
        /** It is refused. */
        FAIL,
        /** It moves fewer bytes than it could. */
        SHORT,
        /** It can do nothing just now, whatever the selector has said. */
        BLOCK,
        /** A signal interrupts it, and it is made again. */
        INTERRUPT,
        /** Nobody ever answers. */
        SILENCE,
        /** The server's backlog is full. */
        CROWD,
        /** What it carries is lost: the descriptors of a message, or a datagram. */
        LOSE,
        /** The connection is ended by force, for both ends. */
        RESET,
        /** Something happens to somebody first. */
        ACT
    }

    /** No fault. */
    static final Effect NONE = of(Kind.NONE);

    /** Makes an effect that its kind says all about. */
    public static Effect of(Kind kind) {
        return new Effect(kind, null, 0, null);
    }

    /** Makes a refusal. */
    public static Effect fail(Fault fault) {
        return new Effect(Kind.FAIL, fault, 0, null);
    }

    /** Makes a limit for the bytes that are moved. */
    public static Effect atMost(int bytes) {
        return new Effect(Kind.SHORT, null, bytes, null);
    }

    /** Makes something else happen before the operation. */
    public static Effect act(Runnable action) {
        return new Effect(Kind.ACT, null, 0, action);
    }

    /** Refuses, if that is the effect. */
    void throwIfRefused(String call) throws KernelException {
        if (kind == Kind.FAIL && fault != null) {
            throw new KernelException(fault, 0, call, "a fault of the test's");
        }
    }

    /** Tells whether the operation is put off for a moment. */
    boolean isPutOff() {
        return kind == Kind.BLOCK || kind == Kind.INTERRUPT;
    }

    /** Returns how much of so many bytes is moved. */
    int limit(int length) {
        return kind == Kind.SHORT ? Math.min(length, bytes) : length;
    }

    /** Says for the trace what it does. */
    String description() {
        return switch (kind) {
            case FAIL -> String.valueOf(fault);
            case SHORT -> "at most " + bytes + " bytes";
            default -> kind.toString().toLowerCase(Locale.ROOT);
        };
    }

    boolean is(Kind asked) {
        return kind == asked;
    }
}
