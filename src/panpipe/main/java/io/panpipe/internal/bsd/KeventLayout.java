/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.bsd;

import io.panpipe.internal.ffi.FieldOffset;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;

/**
 * Where a system's struct kevent has its fields.
 *
 * @param size of one
 * @param ident where the descriptor's number is
 * @param filter where the filter is
 * @param flags where the action is, and what came of it
 * @param fflags where the filter's own flags are
 * @param data where the filter's own number is
 * @param udata where the user's number is
 */
record KeventLayout(int size, int ident, int filter, int flags, int fflags, int data, int udata) {

    static KeventLayout of(StructLayout kevent) {
        return new KeventLayout(
                (int) kevent.byteSize(),
                (int) FieldOffset.of(kevent, "ident"),
                (int) FieldOffset.of(kevent, "filter"),
                (int) FieldOffset.of(kevent, "flags"),
                (int) FieldOffset.of(kevent, "fflags"),
                (int) FieldOffset.of(kevent, "data"),
                (int) FieldOffset.of(kevent, "udata"));
    }

    /** Writes one of several. */
    void put(ByteBuffer all, int index, long descriptor, int filtered, int action, int filterFlags, long user) {
        int at = index * size;
        all.putLong(at + ident, descriptor).putShort(at + filter, (short) filtered).putShort(at + flags, (short) action)
                .putInt(at + fflags, filterFlags).putLong(at + data, 0).putLong(at + udata, user);
    }

    int filter(ByteBuffer all, int index) {
        return all.getShort(index * size + filter);
    }

    int flags(ByteBuffer all, int index) {
        return Short.toUnsignedInt(all.getShort(index * size + flags));
    }

    long data(ByteBuffer all, int index) {
        return all.getLong(index * size + data);
    }

    long user(ByteBuffer all, int index) {
        return all.getLong(index * size + udata);
    }
}
