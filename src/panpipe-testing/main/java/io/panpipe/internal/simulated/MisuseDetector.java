/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.LoopWatch;
import io.panpipe.internal.kernel.Region;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Notices what goes well on one system or most of the time, and is wrong all the same: data kept beyond its callback, a
 * buffer changed under a pending write, another thread's call, a callback that holds up its loop.
 */
final class MisuseDetector implements LoopWatch {

    /** What a buffer is overwritten with: neither zero nor text, so that it shows. */
    private static final byte OVERWRITTEN = (byte) 0xDB;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final SimulatedSelector selector;
    private final World world;
    private @Nullable Region filled;
    private int filledFrom;
    private int filledTo;
    private long callbackBegan;

    MisuseDetector(SimulatedSelector selector, World world) {
        this.selector = selector;
        this.world = world;
    }

    /** Notes what a read has filled, and overwrites what the one before has. */
    void hasRead(Region into, int offset, int count) {
        if (count > 0) {
            if (filled != null && filled != into) {
                overwrite();
            } else if (filled != null) {
                overwrite(into, offset + count, filledTo);
            }
            filled = into;
            filledFrom = offset;
            filledTo = offset + count;
        }
    }

    /** Overwrites what was read: the callback that it was for has returned. */
    void overwrite() {
        Region region = filled;
        filled = null;
        if (region != null) {
            overwrite(region, filledFrom, filledTo);
        }
    }

    private static void overwrite(Region region, int from, int to) {
        ByteBuffer bytes = region.bytes();
        for (int i = from; i < to; i++) {
            bytes.put(i, OVERWRITTEN);
        }
    }

    /** Measures callbacks from now on. */
    @Override
    public void runBegins() {
        callbackBegan = System.nanoTime();
    }

    @Override
    public void callbackEnded() {
        long now = System.nanoTime();
        long took = now - callbackBegan;
        callbackBegan = now;
        if (took > world.longestCallbackNanos()) {
            world.misused("a callback of the loop of " + selector.label() + " took " + took / NANOS_PER_MILLI
                    + " ms and held up everything else in it; the last that happened before:\n"
                    + world.trace().text(3));
        }
    }

    @Override
    public void calledFrom(Thread stranger, Thread owner) {
        world.misused("thread \"" + stranger.getName() + "\" used the loop of " + selector.label()
                + ", which belongs to thread \"" + owner.getName() + "\": it has to call loop.execute(() -> ...)\n"
                + callers());
    }

    @Override
    public Runnable writing(ByteBuffer data) {
        if (!world.watchesWrites() || world.isRegion(data)) {
            return () -> {};
        }
        // A view of its own: the user may move the position and limit of the original.
        ByteBuffer view = data.duplicate();
        long sum = sum(view);
        return () -> {
            long after;
            try {
                after = sum(view);
            } catch (IllegalStateException | WrongThreadException gone) {
                world.misused("a buffer given to write by the loop of " + selector.label()
                        + " was freed before the callback: " + gone.getMessage());
                return;
            } catch (InternalError truncated) {
                // A mapped file, whose truncation by somebody else the write itself tells of.
                return;
            }
            if (after != sum) {
                world.misused("a buffer of " + view.remaining() + " bytes given to write by the loop of "
                        + selector.label() + " was changed before the callback: until then it belongs to the loop");
            }
        };
    }

    private static long sum(ByteBuffer data) {
        CRC32 sum = new CRC32();
        sum.update(data.duplicate());
        return sum.getValue();
    }

    @Override
    public void threwAway(String text) {
        world.misused("in the loop of " + selector.label() + ": " + text);
    }

    @Override
    public boolean warned(String text) {
        if (world.stepper() == null) {
            return false;
        }
        world.run(() -> world.trace().add(selector.label(), "is warned: " + text, ""));
        return true;
    }

    @Override
    public void failedUnclaimed(Throwable failure) {
        world.failedUnclaimed(failure);
    }

    /** Names who made the call, outside of Panpipe. */
    private static String callers() {
        StringBuilder text = new StringBuilder();
        StackWalker.getInstance().walk(frames -> frames
                .filter(frame -> !frame.getClassName().startsWith("io.panpipe.")
                        || frame.getClassName().contains("Test"))
                .limit(5)
                .toList())
                .forEach(frame -> text.append("    at ").append(frame).append('\n'));
        return text.toString();
    }
}
