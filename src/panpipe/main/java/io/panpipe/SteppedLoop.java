/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.LoopTurns;

/** A loop as a kernel sees it that lets many loops share one thread. */
final class SteppedLoop implements LoopTurns {

    private final Loop loop;

    SteppedLoop(Loop loop) {
        this.loop = loop;
    }

    @Override
    public boolean isRunning() {
        return loop.isRunning();
    }

    @Override
    public boolean isClosing() {
        return loop.isClosing();
    }

    @Override
    public boolean turn() {
        loop.run(RunMode.NOWAIT);
        return loop.wasStopped();
    }

    @Override
    public long nanosToWork() {
        if (!loop.isAlive()) {
            return NOT_ALIVE;
        }
        boolean busy = !loop.completions.isEmpty()
                || !loop.handleList.hasNoneToClose()
                || !loop.tasks().isEmpty()
                || loop.buffers().hasUnsent()
                || loop.isStopRequested();
        return busy ? 0 : loop.timers.nanosToNext(loop.clockNanos());
    }

    @Override
    public String description() {
        return loop.handleList.toList().toString();
    }
}
