/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A signal from other threads: those that come before its callback runs are one. */
public final class AsyncCore extends HandleCore {

    private final AtomicBoolean pending = new AtomicBoolean();
    private final Runnable task = this::run;
    private volatile boolean sendable = true;
    private @Nullable Object callback;

    public AsyncCore(LoopCore loop, Object handle) {
        super(loop, handle);
    }

    /** Names whom to call, and is active from now on. */
    public void begin(Object told) {
        callback = told;
        setActive(true);
    }

    /** Has the callback called soon; returns whether that is possible still. From any thread. */
    public boolean send() {
        if (!sendable) {
            return false;
        }
        if (!pending.get() && pending.compareAndSet(false, true)) {
            loop().execute(task);
        }
        return true;
    }

    private void run() {
        pending.set(false);
        Object told = callback;
        if (!isClosing() && told != null) {
            loop().front().call(this, told);
        }
    }

    @Override
    protected void describe(List<String> facts) {
        facts.add(pending.get() ? "signalled" : "not signalled");
    }

    @Override
    protected boolean release() {
        sendable = false;
        return true;
    }
}
