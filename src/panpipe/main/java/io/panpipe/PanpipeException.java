/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.NameBytes;
import io.panpipe.internal.loop.Failure;
import io.panpipe.internal.loop.LoopCore;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * An operating system's refusal, or the end of a stream: the portable code, the system's own number, the call that
 * failed and the pipe it was about.
 *
 * <p>One that a callback receives has no stack trace, because the trace would show the loop and not who asked; one that
 * a method throws has.
 *
 * @since 0.1
 */
public final class PanpipeException extends IOException {

    private static final long serialVersionUID = 1L;

    /** The portable code. */
    private final ErrorCode code;

    /** The system's number. */
    private final int number;

    /** The function that failed. */
    private final String call;

    /** The pipe's name, or empty. */
    private final String name;

    PanpipeException(ErrorCode code, String call, String name, String hint) {
        this(code, 0, call, name, hint, null);
    }

    private PanpipeException(
            ErrorCode code, int number, String call, String name, String hint, @Nullable Throwable cause) {
        super(message(code, number, call, name, hint), cause);
        this.code = code;
        this.number = number;
        this.call = call;
        this.name = name;
    }

    static PanpipeException of(KernelException refusal, String name) {
        return new PanpipeException(
                ErrorCode.of(refusal.fault()), refusal.number(), refusal.call(), name, refusal.hint(), null);
    }

    static PanpipeException of(Fault fault, String call, String name) {
        return new PanpipeException(ErrorCode.of(fault), call, name, "");
    }

    /** Returns what users are shown of a failure, made once. */
    static PanpipeException of(Failure failure) {
        if (failure.shown() instanceof PanpipeException made) {
            return made;
        }
        PanpipeException fresh = new PanpipeException(ErrorCode.of(failure.fault()), failure.number(), failure.call(),
                failure.name(), failure.hint(), failure.cause());
        failure.shown(fresh);
        return fresh;
    }

    /**
     * Loads the classes of a failure and of what tells it. Whoever may run out of descriptors does this before: without a
     * descriptor left, no class file can be opened.
     */
    static void prepare() {
        of(Failure.of(new KernelException(Fault.EMFILE, 0, ""), ""));
        LoopCore.prepareForShortage();
    }

    private static String message(ErrorCode code, int number, String call, String name, String hint) {
        String subject = name.isEmpty() ? call : call + " " + printable(name);
        // Without its number nobody could look up an error that has no code.
        String which = code == ErrorCode.UNKNOWN && number != 0 ? code + " " + number : code.toString();
        String text = subject + ": " + code.description() + " (" + which + ")";
        return hint.isEmpty() ? text : text + ": " + hint;
    }

    /** Shows the NUL of an abstract name as {@code @}, and what is not UTF-8 in hexadecimal. */
    static String printable(String name) {
        return NameBytes.printable(name);
    }

    /**
     * Returns what went wrong, the same on every system.
     *
     * @return the code; {@link ErrorCode#EOF} at the regular end of a stream
     */
    public ErrorCode code() {
        return code;
    }

    /**
     * Returns the operating system's own number.
     *
     * @return errno on Unix, the value of GetLastError on Windows, 0 if the system was not asked
     */
    public int number() {
        return number;
    }

    /**
     * Returns the name of the operating system's function that failed.
     *
     * @return a name such as {@code connect}
     */
    public String call() {
        return call;
    }

    /**
     * Returns the name of the pipe.
     *
     * @return the name as it was given to {@code bind} or {@code connect}; empty if the pipe has none
     */
    public String name() {
        return name;
    }

    /**
     * Records no stack trace at construction: an end of stream comes with every connection, and walking the stack would
     * cost as much as the connection's system calls.
     *
     * @return this exception
     */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }

    /** Records the stack trace of a call that throws this exception to its caller. */
    PanpipeException traced() {
        super.fillInStackTrace();
        return this;
    }
}
