/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

/**
 * A system's refusal: the portable code, the number it came from and the call that failed.
 *
 * <p>It has no stack trace: it is turned into the public exception, with the name of the pipe, right above the contract.
 */
public final class KernelException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Fault fault;
    private final int number;
    private final String call;

    /**
     * Makes a refusal in the system's own words.
     *
     * @param fault the portable code
     * @param number errno or GetLastError, 0 if the system was not asked
     * @param call the function that failed
     */
    public KernelException(Fault fault, int number, String call) {
        this(fault, number, call, "");
    }

    /**
     * Makes a refusal that adds what the number alone does not tell.
     *
     * @param fault the portable code
     * @param number errno or GetLastError, 0 if the system was not asked
     * @param call the function that failed
     * @param hint what the user should know or do, empty if nothing
     */
    public KernelException(Fault fault, int number, String call, String hint) {
        super(hint, null, false, false);
        this.fault = fault;
        this.number = number;
        this.call = call;
    }

    /**
     * Makes one of what the JVM has thrown under a call: for want of memory, or what nobody has foreseen. It is told as the
     * system's own refusals are.
     */
    public static KernelException of(Throwable thrown, String call) {
        Fault fault = thrown instanceof OutOfMemoryError ? Fault.ENOMEM : Fault.UNKNOWN;
        return new KernelException(fault, 0, call, thrown.toString());
    }

    /** Returns the portable code. */
    public Fault fault() {
        return fault;
    }

    /** Returns errno or GetLastError, or 0 if the refusal is not the system's. */
    public int number() {
        return number;
    }

    /** Returns the name of the function that failed. */
    public String call() {
        return call;
    }

    /** Returns what the user should know beyond the code, empty if nothing. */
    public String hint() {
        return getMessage();
    }
}
