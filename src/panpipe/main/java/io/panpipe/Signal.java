/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.SignalSource;
import io.panpipe.internal.loop.SignalCore;
import io.panpipe.internal.platform.Platform;
import java.util.Objects;

/**
 * Calls back when the system, or somebody, sends a signal to this process: for programs that end in order, read their
 * configuration again, or follow the size of a terminal.
 *
 * <p>A signal that is heard does nothing else any more: after {@code start(…, Signal.TERM)} a TERM does not end the JVM, and
 * its exit hooks run only once the program ends by itself, or calls {@link System#exit}. What a signal did before comes back
 * when the last handle for it is stopped or closed. Any number of handles, of any loops, may hear of the same signal; each is
 * called. Signals that arrive before the callback runs are one, as they are for the system.
 *
 * <p>The JVM's own means are used ({@code sun.misc.Signal}), so it says which signals a program can have: HUP, INT and TERM,
 * unless it was started with {@code -Xrs}; USR1 and WINCH on Linux and macOS; INT, TERM and BREAK (21) on Windows, where INT
 * is Ctrl-C. It keeps QUIT, SEGV and others for itself, and KILL is nobody's. A run-time image needs the module
 * {@code jdk.unsupported}. HUP, INT and TERM stay ignored where the program was started so (by nohup(1), or INT in the
 * background of a script): then {@link #start} succeeds, and nothing comes.
 *
 * <p>While it is started it is active, and keeps the loop going unless {@link #unref} says that it should not.
 *
 * @since 0.1
 */
public final class Signal extends Handle {

    /** The terminal is gone (SIGHUP); for many servers: read the configuration again. */
    public static final int HUP = 1;
    /** Somebody has typed Ctrl-C (SIGINT). */
    public static final int INT = 2;
    /** The process cannot keep it from ending it (SIGKILL): to be sent, never to be heard. */
    public static final int KILL = 9;
    /** The process is asked to end (SIGTERM). */
    public static final int TERM = 15;
    /** The terminal has another size (SIGWINCH). */
    public static final int WINCH = 28;
    /** Means what a program says it does (SIGUSR1): 10 on Linux, 30 on macOS, and none on Windows. */
    public static final int USR1 = Platform.isBsd() ? 30 : 10;
    /** Means what a program says it does (SIGUSR2): 12 on Linux, 31 on macOS; on Linux the JVM keeps it. */
    public static final int USR2 = Platform.isBsd() ? 31 : 12;

    private final SignalCore core;

    /**
     * Makes a handle that hears of no signal yet.
     *
     * @param loop the loop to call back in, on whose thread this is called
     */
    public Signal(Loop loop) {
        core = new SignalCore(Loop.coreOf(loop), this);
    }

    /**
     * Calls back whenever a signal arrives, from now on; if this handle was started, anew.
     *
     * @param callback called on the loop's thread after a signal
     * @param signal the system's number, as {@link #TERM}
     * @throws IllegalArgumentException if there is no such signal here or the JVM keeps it for itself; what was started
     *     before goes on
     * @throws UnsupportedOperationException if this JVM is without the module {@code jdk.unsupported}; the message names
     *     the option
     */
    public void start(HandleCallback<? super Signal> callback, int signal) {
        checkUsable();
        Objects.requireNonNull(callback, "callback");
        SignalSource own = core.loop().kernel().signals();
        core.start(own == null ? Platform.signals() : own, signal, callback);
    }

    /** Hears of no signal any more, also of none that has arrived already; without effect if it was not started. */
    public void stop() {
        checkThread();
        core.stop();
    }

    /**
     * Returns the number of the signal that this handle hears of.
     *
     * @return the number given to {@link #start}, or 0 if it is not started
     */
    public int number() {
        checkThread();
        return core.number();
    }

    @Override
    SignalCore core() {
        return core;
    }

    @Override
    public String toString() {
        return "Signal";
    }
}
