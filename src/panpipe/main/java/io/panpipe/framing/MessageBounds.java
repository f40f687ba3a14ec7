/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

/**
 * What a {@link Framing} says of the message that begins where it looks: where it ends, or that it is not known yet.
 *
 * @since 0.1
 */
public final class MessageBounds {

    private static final int UNKNOWN = -1;

    private int limit;
    private int scanned;
    private int needed;
    private int before = UNKNOWN;
    private long length;
    private int after;

    MessageBounds() {}

    /**
     * Returns how long a message may be.
     *
     * @return bytes, without what is around it; {@link #found} need not heed it, since the reader does
     */
    public int limit() {
        return limit;
    }

    void limit(int bytes) {
        limit = bytes;
    }

    /**
     * Returns how far the calls before have looked for the end of this message.
     *
     * @return how many bytes from the first on need not be looked at again, as {@link #missing(int)} was told; 0 at
     *     first
     */
    public int scanned() {
        return scanned;
    }

    /**
     * Says where the message is. It need not have come yet.
     *
     * @param before how many bytes stand before it
     * @param length how many bytes it has; the reader refuses more than its limit
     * @param after how many bytes stand behind it before the next one begins
     * @throws IllegalArgumentException if one of these is negative, or all are 0
     */
    public void found(int before, long length, int after) {
        if (before < 0 || length < 0 || after < 0 || before + length + after == 0) {
            throw new IllegalArgumentException("no bounds of a message: " + before + ", " + length + ", " + after);
        }
        this.before = before;
        this.length = length;
        this.after = after;
    }

    /**
     * Says that the end has not come yet, and will be looked for when more has.
     *
     * @param scanned how many bytes from the first on need not be looked at again, see {@link #scanned()}
     */
    public void missing(int scanned) {
        missing(scanned, 0);
    }

    /**
     * Says that so many bytes are needed to know where the message ends.
     *
     * @param scanned how many bytes from the first on need not be looked at again, see {@link #scanned()}
     * @param needed how many bytes are needed in all, with those that have come; 0 if that is not known
     */
    public void missing(int scanned, int needed) {
        this.scanned = scanned;
        this.needed = needed;
    }

    int needed() {
        return needed;
    }

    boolean isKnown() {
        return before != UNKNOWN;
    }

    int before() {
        return before;
    }

    long length() {
        return length;
    }

    /** Returns how many bytes the message has with all that is around it. */
    long total() {
        return before + length + after;
    }

    /** Forgets the message: the next one begins. */
    void reset() {
        before = UNKNOWN;
        scanned = 0;
        needed = 0;
    }
}
