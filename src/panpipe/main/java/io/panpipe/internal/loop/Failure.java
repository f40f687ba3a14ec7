/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Why a request has failed, in the contract's words, and what the handle it was about was called at that time. It is told
 * later, to one callback or to many.
 */
public final class Failure {

    private final Fault fault;
    private final int number;
    private final String call;
    private final String name;
    private final String hint;
    private final @Nullable Throwable cause;
    private @Nullable IOException shown;

    private Failure(Fault fault, int number, String call, String name, String hint, @Nullable Throwable cause) {
        this.fault = fault;
        this.number = number;
        this.call = call;
        this.name = name;
        this.hint = hint;
        this.cause = cause;
    }

    /** Makes one of a system's refusal. */
    public static Failure of(KernelException refusal, String name) {
        return new Failure(refusal.fault(), refusal.number(), refusal.call(), name, refusal.hint(), null);
    }

    /** Makes one that no system has refused. */
    public static Failure of(Fault fault, String call, String name) {
        return new Failure(fault, 0, call, name, "", null);
    }

    /** Makes one of what was thrown under a call of ours, which is its cause. */
    public static Failure of(Throwable thrown, String call, String name) {
        Fault fault = thrown instanceof OutOfMemoryError ? Fault.ENOMEM : Fault.UNKNOWN;
        return new Failure(fault, 0, call, name, thrown.toString(), thrown);
    }

    /** Returns the portable code. */
    public Fault fault() {
        return fault;
    }

    /** Tells whether it is no more than that a handle was closed, so that nobody need hear of it who did not ask. */
    public boolean isCancellation() {
        return fault == Fault.ECANCELED;
    }

    /** Returns errno or GetLastError, or 0 if the system was not asked. */
    public int number() {
        return number;
    }

    /** Returns the name of the function that failed. */
    public String call() {
        return call;
    }

    /** Returns the name of the handle at that time, or empty. */
    public String name() {
        return name;
    }

    /** Returns what the user should know beyond the code, empty if nothing. */
    public String hint() {
        return hint;
    }

    /** Returns what was thrown under a call of ours, or null. */
    public @Nullable Throwable cause() {
        return cause;
    }

    /** Returns what {@link #shown(IOException)} was given, or null. */
    public @Nullable IOException shown() {
        return shown;
    }

    /** Keeps what users are shown of it, for the next who is told. */
    public void shown(IOException exception) {
        shown = exception;
    }
}
