/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.jshell;

import io.panpipe.Loop;
import io.panpipe.Timer;
import java.time.Duration;

/**
 * A timer as one uses it at the prompt: it is there when it runs, and closed when it is done.
 *
 * @since 0.1
 */
public final class Ticks implements AutoCloseable {

    private final Timer timer;
    private int count;

    Ticks(Loop loop, Duration first, Duration repeat, Prompt.Action work) {
        timer = new Timer(loop);
        try {
            timer.start(same -> ring(repeat, work), first, repeat);
        } catch (RuntimeException refused) {
            timer.close();
            throw refused;
        }
    }

    private void ring(Duration repeat, Prompt.Action work) throws Exception {
        count++;
        if (repeat.isZero()) {
            timer.close();
        }
        work.run();
    }

    /**
     * Tells how often the time has come.
     *
     * @return the number of calls
     */
    public int count() {
        return Prompt.inLoop(() -> count);
    }

    /** Ends the timer. Idempotent. */
    @Override
    public void close() {
        Prompt.inLoop(() -> timer.close());
    }

    @Override
    public String toString() {
        return Prompt.inLoop(() -> "Ticks " + count + (timer.closed() ? ", ended" : ""));
    }
}
