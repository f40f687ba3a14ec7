/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The open descriptors of one process: the lowest free number first and reused at once, as on Unix, since that is what
 * makes events of a closed channel dangerous.
 */
final class DescriptorTable {

    /** After standard input, output and error. */
    private static final int FIRST = 3;

    /** What a number stands for, and whether a channel has it; another number of the same file is another matter. */
    private static final class Entry {
        private final OpenFile file;
        private boolean claimed;

        private Entry(OpenFile file) {
            this.file = file;
        }
    }

    private final List<@Nullable Entry> entries = new ArrayList<>();
    private final SimulatedProcess process;
    private int limit;
    private int count;
    private int lowestFree;

    DescriptorTable(SimulatedProcess process, int limit) {
        this.process = process;
        this.limit = limit;
    }

    int count() {
        return count;
    }

    /** Sets how many may be open at once; what is open stays so. */
    void limit(int most) {
        limit = most;
    }

    /** Refuses when so many more cannot be opened. */
    void checkFree(int wanted, String call) throws KernelException {
        if (process.isDead()) {
            throw new KernelException(Fault.EMFILE, 0, call, "the process was killed");
        }
        if (wanted > limit - count) {
            throw new KernelException(Fault.EMFILE, 0, call);
        }
    }

    /** Gives a file a descriptor of this process. */
    int open(OpenFile file, String call) throws KernelException {
        checkFree(1, call);
        while (lowestFree < entries.size() && entries.get(lowestFree) != null) {
            lowestFree++;
        }
        Entry entry = new Entry(file);
        if (lowestFree == entries.size()) {
            entries.add(entry);
        } else {
            entries.set(lowestFree, entry);
        }
        count++;
        file.hold();
        return lowestFree + FIRST;
    }

    /** Gives the file of a descriptor another one. */
    int duplicate(long descriptor) throws KernelException {
        return open(find(descriptor, "dup"), "dup");
    }

    private @Nullable Entry entry(long descriptor) {
        long index = descriptor - FIRST;
        return index >= 0 && index < entries.size() ? entries.get((int) index) : null;
    }

    private Entry entry(long descriptor, String call) throws KernelException {
        Entry entry = entry(descriptor);
        if (entry == null) {
            throw new KernelException(Fault.EBADF, 0, call);
        }
        return entry;
    }

    /** Returns the file that a descriptor stands for. */
    OpenFile find(long descriptor, String call) throws KernelException {
        return entry(descriptor, call).file;
    }

    /** Tells whether a channel works with a descriptor. */
    boolean isClaimed(long descriptor) {
        Entry entry = entry(descriptor);
        return entry != null && entry.claimed;
    }

    /** Notes whether a channel works with a descriptor. */
    void claim(long descriptor, boolean claimed) {
        Entry entry = entry(descriptor);
        if (entry != null) {
            entry.claimed = claimed;
        }
    }

    /** Takes a number out of use that is known to be in use. */
    void closeOwn(int descriptor) {
        Entry entry = entry(descriptor);
        if (entry == null) {
            throw new IllegalStateException("descriptor " + descriptor + " is not open");
        }
        free(descriptor - FIRST);
        entry.file.release();
    }

    private void free(int index) {
        entries.set(index, null);
        lowestFree = Math.min(lowestFree, index);
        count--;
    }

    /** Takes a number out of use that belongs to no channel. */
    void closeUnclaimed(long descriptor) throws KernelException {
        if (entry(descriptor, "close").claimed) {
            throw new IllegalStateException("descriptor " + descriptor + " belongs to a channel: close that");
        }
        closeOwn((int) descriptor);
    }

    /** Takes every number out of use, as the end of the process does. */
    void closeAll() {
        for (int index = 0; index < entries.size(); index++) {
            Entry entry = entries.get(index);
            if (entry != null) {
                free(index);
                entry.file.release();
            }
        }
    }

    /** Takes every number of a file out of use. */
    void closeAll(OpenFile file) {
        for (int index = 0; index < entries.size(); index++) {
            Entry entry = entries.get(index);
            if (entry != null && entry.file == file) {
                free(index);
                file.release();
            }
        }
    }
}
