/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.kernel.Transfer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Moves bytes between two simulated streams without showing them to the loop. Faults that befall reads and writes
 * befall it too, and whether it pays, and goes on working, is the scheduler's choice.
 */
final class SimulatedTransfer implements Transfer {

    /** As much as a pipe of Linux takes. */
    private static final int CAPACITY = 64 * 1024;

    private final Scheduler scheduler;
    private final Region taken;
    private final SimulatedStreamChannel<?> source;
    private final SimulatedStreamChannel<?> sink;
    private final Gather gather = new Gather();
    private @Nullable Region held;
    private int from;
    private int to;
    private boolean unable;

    /**
     * Makes one.
     *
     * @param taken what is read into, which a later read may overwrite
     */
    SimulatedTransfer(Region taken, SimulatedStreamChannel<?> source, SimulatedStreamChannel<?> sink) {
        scheduler = source.world.scheduler();
        this.taken = taken;
        this.source = source;
        this.sink = sink;
    }

    /** Makes the memory that the transfers of one selector read into. */
    static Region memory(SimulatedSelector selector) {
        return selector.allocate(CAPACITY);
    }

    @Override
    public boolean pays(int bytes) {
        return source.world.call(scheduler::transfers);
    }

    private boolean mayFail() {
        unable |= source.world.call(scheduler::transferFails);
        return unable;
    }

    @Override
    public int take() throws KernelException {
        if (held != null) {
            throw new IllegalStateException("taken while " + (to - from) + " bytes are held");
        }
        sink.checkIdle("transfer");
        if (mayFail()) {
            return UNABLE;
        }
        int count = source.read(taken, 0, CAPACITY);
        if (count > 0) {
            byte[] copy = new byte[count];
            taken.bytes().get(0, copy);
            held = new Region(ByteBuffer.wrap(copy), 0);
            from = 0;
            to = count;
        }
        return Math.max(count, READ_INSTEAD);
    }

    @Override
    public int give() throws KernelException {
        Region present = held();
        if (mayFail()) {
            return UNABLE;
        }
        gather.clear();
        gather.add(present, from, to - from);
        int count = sink.writeAtOnce(gather);
        if (count != StreamChannel.WOULD_BLOCK) {
            remove(count);
        }
        return count;
    }

    @Override
    public int takeBack(Region into, int offset, int length) {
        int count = source.world.call(() -> scheduler.cut(Math.min(length, to - from)));
        into.bytes().put(offset, held().bytes(), from, count);
        remove(count);
        return count;
    }

    @Override
    public void discard() {
        held = null;
    }

    private Region held() {
        Region present = held;
        if (present == null) {
            throw new IllegalStateException("nothing is held");
        }
        return present;
    }

    private void remove(int bytes) {
        from += bytes;
        if (from == to) {
            held = null;
        }
    }
}
