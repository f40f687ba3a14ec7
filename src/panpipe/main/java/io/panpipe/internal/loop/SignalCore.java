/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.kernel.SignalSource;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A signal of the system's to the process: those that come before its callback runs are one. */
public final class SignalCore extends HandleCore {

    private @Nullable Hearing hearing;

    /** One start of the handle: what arrives for an earlier one is nobody's any more. */
    private static final class Hearing {

        private final SignalCore core;
        private final int number;
        private final Object callback;
        private final AtomicBoolean pending = new AtomicBoolean();
        private final Runnable task = this::tell;
        private final SignalSource.Registration registration;

        Hearing(SignalCore core, SignalSource source, int number, Object callback) {
            this.core = core;
            this.number = number;
            this.callback = callback;
            Arrival arrival = new Arrival(this);
            registration = source.hear(number, arrival);
            arrival.registration = registration;
        }

        /** On whatever thread. */
        private void arrived() {
            if (pending.compareAndSet(false, true)) {
                try {
                    core.loop().execute(task);
                } catch (RejectedExecutionException closed) {
                    // With the loop the handle is closed: nobody is left to be told.
                    pending.set(false);
                } catch (Throwable noMemory) {
                    pending.set(false);
                    throw noMemory;
                }
            }
        }

        private void tell() {
            pending.set(false);
            if (core.hearing == this) {
                core.loop().front().call(core, callback);
            }
        }
    }

    /** Does not hold the loop, which may be forgotten; then the signal does again what it did before. */
    private static final class Arrival extends WeakReference<Hearing> implements Runnable {

        private volatile SignalSource.@Nullable Registration registration;

        Arrival(Hearing hearing) {
            super(hearing);
        }

        @Override
        public void run() {
            Hearing present = get();
            SignalSource.Registration own = registration;
            if (present != null) {
                present.arrived();
            } else if (own != null) {
                own.close();
            }
        }
    }

    public SignalCore(LoopCore loop, Object handle) {
        super(loop, handle);
    }

    /**
     * Hears of a signal from now on, and of no other any more.
     *
     * @param source where it is heard of
     * @param callback whom to call
     * @throws IllegalArgumentException if it cannot be had; then everything is as it was
     */
    public void start(SignalSource source, int number, Object callback) {
        Hearing started = new Hearing(this, source, number, callback);
        end();
        hearing = started;
        setActive(true);
    }

    /** Hears of nothing any more. */
    public void stop() {
        end();
        setActive(false);
    }

    private void end() {
        Hearing present = hearing;
        hearing = null;
        if (present != null) {
            present.registration.close();
        }
    }

    /** Returns what it hears of, or 0. */
    public int number() {
        Hearing present = hearing;
        return present == null ? 0 : present.number;
    }

    @Override
    protected void describe(List<String> facts) {
        Hearing present = hearing;
        facts.add(present == null ? "not started" : "hears of signal " + present.number);
    }

    @Override
    protected boolean release() {
        stop();
        return true;
    }
}
