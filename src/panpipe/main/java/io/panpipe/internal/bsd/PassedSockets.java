/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.bsd;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.unix.FileStatus;
import io.panpipe.internal.unix.Scratch;
import io.panpipe.internal.unix.UnixCalls;
import io.panpipe.internal.unix.UnixChannel;
import io.panpipe.internal.unix.UnixSystem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Duplicates of sockets that were sent, until their receivers have read them.
 *
 * <p>A socket that nobody holds but a message on its way may be taken for garbage: the collector of xnu looks for what can be
 * reached among the sockets on their way alone (unp_gc), shuts the input of what it does not find, and the receiver reads an end.
 * Files and pipes are not touched by it.
 *
 * <p>A socket of the Unix domain that is on its way several times is held once: its inode tells. Others have none there.
 */
final class PassedSockets {

    /** No more are held at once, so that a peer that does not read takes no more of this process's descriptors. */
    private static final int MOST = 1024;

    private final UnixSystem system;
    private final CallState state;
    private final Scratch scratch;
    private final Map<UnixChannel, Held> held = new IdentityHashMap<>();
    private int count;

    /** What waits for one channel's receiver. */
    private static final class Held {
        private int[] numbers = new int[4];
        private int count;
        private final Set<Long> inodes = new HashSet<>();

        void add(int number) {
            if (count == numbers.length) {
                numbers = Arrays.copyOf(numbers, count * 2);
            }
            numbers[count++] = number;
        }
    }

    PassedSockets(UnixSystem system, CallState state, Scratch scratch) {
        this.system = system;
        this.state = state;
        this.scratch = scratch;
    }

    /** Tells whether something waits for a channel's receiver. */
    boolean holds(UnixChannel channel) {
        return !held.isEmpty() && held.containsKey(channel);
    }

    /**
     * Holds the sockets among descriptors that have left by a channel. Without a number for a duplicate that one is not held.
     *
     * @return whether anything of this channel is held
     */
    boolean hold(UnixChannel channel, long[] descriptors, int sent) {
        Held present = held.get(channel);
        for (int i = 0; i < sent && count < MOST; i++) {
            int fd = (int) descriptors[i];
            long inode = socketInode(fd);
            if (inode < 0 || inode > 0 && present != null && present.inodes.contains(inode)) {
                continue;
            }
            int duplicate = system.duplicate(state, fd);
            if (duplicate < 0) {
                continue;
            }
            if (present == null) {
                present = new Held();
                held.put(channel, present);
            }
            if (inode > 0) {
                present.inodes.add(inode);
            }
            present.add(duplicate);
            count++;
        }
        return present != null;
    }

    /** Returns a socket's inode, 0 where it has none, or -1 for what is no socket. */
    private long socketInode(int fd) {
        try {
            FileStatus status = system.status(state, scratch, fd);
            return status.isSocket() ? Math.max(0, status.inode()) : -1;
        } catch (KernelException gone) {
            return -1;
        }
    }

    /**
     * Tells whether the receiver has read everything: then all of the send buffer is free.
     *
     * @param room free bytes
     */
    boolean isAllRead(UnixChannel channel, long room) {
        MemorySegment value = scratch.numbers();
        value.set(ValueLayout.JAVA_INT, 4, 4);
        UnixSystem.Numbers numbers = system.numbers();
        int result = UnixCalls.getsockopt(
                state, channel.fd(), numbers.solSocket(), numbers.soSndbuf(), value.address(), value.address() + 4);
        return result < 0 || room >= value.get(ValueLayout.JAVA_INT, 0);
    }

    /** Lets go of what is held for a channel. */
    void release(UnixChannel channel) {
        Held gone = held.isEmpty() ? null : held.remove(channel);
        if (gone != null) {
            close(gone);
        }
    }

    /** Lets go of everything. */
    void releaseAll() {
        held.values().forEach(this::close);
        held.clear();
    }

    private void close(Held gone) {
        for (int i = 0; i < gone.count; i++) {
            UnixCalls.close(state, gone.numbers[i]);
        }
        count -= gone.count;
    }
}
