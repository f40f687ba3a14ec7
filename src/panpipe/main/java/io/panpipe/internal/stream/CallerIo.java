/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.stream;

import io.panpipe.internal.kernel.CallerStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reading and writing of a connected stream on the caller's own thread, where the system has that: for {@code
 * io.panpipe.channels}, to which the public API has no word for it. Nothing here blocks.
 *
 * <p>Of reads, and of what belongs to them, one is made at a time, and so with writes. Neither goes on while the loop reads,
 * or has something queued to write: that is for the caller to see to.
 */
public abstract class CallerIo {

    /** Nothing could be done now. */
    public static final int WOULD_BLOCK = CallerStream.WOULD_BLOCK;

    /** The other end will send nothing more. */
    public static final int END_OF_STREAM = CallerStream.END_OF_STREAM;

    /** The stream was closed, or given away. */
    public static final int CLOSED = CallerStream.CLOSED;

    /** The system has no memory for it just now: a write by the loop waits for that. */
    public static final int NOT_NOW = CallerStream.NOT_NOW;

    /** {@link #park} cannot be had at the moment: the loop waits for it. */
    public static final int UNABLE = CallerStream.UNABLE;

    /** {@link #park} has ended: it is worth trying again. */
    public static final int READY = CallerStream.READY;

    /** {@link #park} has ended for another reason. */
    public static final int WOKEN = CallerStream.WOKEN;

    /** Who is told when to try again, on the loop's thread, and keeps what could not be delivered. */
    public interface Listener extends CallerStream.Listener {}

    /** What makes one of a stream. */
    public interface Maker {

        /** Makes one, on the stream's thread; null where the system, or what the stream is used for, does not allow it. */
        @Nullable CallerIo make(Object stream, Listener listener);
    }

    /** Where io.panpipe installs its maker. It is named here so that programs without channels load none of this. */
    private static final String INSTALLER = "io.panpipe.CallerStreamIo";

    private static volatile @Nullable Maker maker;

    /** For io.panpipe alone. */
    protected CallerIo() {}

    /** Leaves the maker. */
    public static void install(Maker given) {
        maker = given;
    }

    /**
     * Makes one of a pipe, on the thread of its loop.
     *
     * @return null where only the loop's thread can read and write it
     */
    public static @Nullable CallerIo of(Object pipe, Listener listener) {
        Maker present = maker;
        if (present == null) {
            try {
                Class.forName(INSTALLER, true, CallerIo.class.getClassLoader());
            } catch (ClassNotFoundException impossible) {
                throw new IllegalStateException(impossible);
            }
            present = Objects.requireNonNull(maker, "no maker was left");
        }
        return present.make(pipe, listener);
    }

    /**
     * Reads what is there.
     *
     * @param targets buffers, filled one after the other and moved on; some of them have room
     * @param from the first one's index
     * @param end the index after the last one's
     * @return bytes read, at least 1; {@link #WOULD_BLOCK}, {@link #END_OF_STREAM} or {@link #CLOSED}
     * @throws IOException what the system reports, with a stack trace
     */
    public abstract int read(ByteBuffer[] targets, int from, int end) throws IOException;

    /**
     * Writes as much as fits.
     *
     * @param sources buffers, which are moved on by what was written; the first of them has something
     * @param from the first one's index
     * @param end the index after the last one's
     * @return bytes written, at least 1; {@link #WOULD_BLOCK}, {@link #NOT_NOW} or {@link #CLOSED}
     * @throws IOException what the system reports, with a stack trace
     */
    public abstract int write(ByteBuffer[] sources, int from, int end) throws IOException;

    /**
     * Returns how many bytes can be read without waiting; 0 for a closed stream. For any thread.
     *
     * @throws IOException what the system reports
     */
    public abstract int available() throws IOException;

    /**
     * Has {@link Listener#readable} called each time something comes, and soon if something is there; or not any more.
     *
     * @throws IOException if the system cannot watch the descriptor
     */
    public abstract void watchRead(boolean on) throws IOException;

    /**
     * Has {@link Listener#writable} called once there is room, which may be soon.
     *
     * @throws IOException if the system cannot watch the descriptor
     */
    public abstract void awaitWrite() throws IOException;

    /**
     * Makes the calling thread, which is no virtual one, known to {@link #wake}, until {@link #parked}.
     *
     * @return false where it cannot {@link #park}
     */
    public abstract boolean mayPark(boolean input);

    /**
     * Blocks the calling thread in the system, without the loop: until there is something to read, or room to write, or
     * {@link #wake} is called.
     *
     * @param nanos how long at most; 0 for ever
     * @return {@link #READY}, {@link #WOKEN} or {@link #UNABLE}
     */
    public abstract int park(boolean input, long nanos);

    /** Ends what {@link #mayPark} began. */
    public abstract void parked(boolean input);

    /** Ends the block of a thread, if there is one. For any thread. */
    public abstract void wake(boolean input);

    /**
     * Lets the stream start or stop to read by its loop, or not any more. Only the owner of this does that, who sees to it that no
     * thread reads meanwhile; on the loop's thread.
     */
    public abstract void loopMayRead(boolean may);

    /** Takes all this back, on the loop's thread, before any other thread was given it. */
    public abstract void end();
}
