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
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Duplicates of sockets that were sent, until their receivers have read them.
 *
 * <p>A socket that nobody holds but a message on its way may be taken for garbage: the collector of xnu looks for what can be
 * reached among the sockets on their way alone (unp_gc), shuts the input of what it does not find, and the receiver reads an end.
 * Files and pipes are not touched by it.
 */
final class PassedSockets {

    private final UnixSystem system;
    private final CallState state;
    private final Scratch scratch;
    private final Map<UnixChannel, int[]> held = new IdentityHashMap<>();

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
    boolean hold(UnixChannel channel, long[] descriptors, int count) {
        int[] before = held.getOrDefault(channel, new int[0]);
        int[] all = Arrays.copyOf(before, before.length + count);
        int kept = before.length;
        for (int i = 0; i < count; i++) {
            int duplicate = isSocket((int) descriptors[i]) ? system.duplicate(state, (int) descriptors[i]) : -1;
            if (duplicate >= 0) {
                all[kept++] = duplicate;
            }
        }
        if (kept > 0) {
            held.put(channel, Arrays.copyOf(all, kept));
        }
        return kept > 0;
    }

    private boolean isSocket(int fd) {
        try {
            FileStatus status = system.status(state, scratch, fd);
            return status.isSocket();
        } catch (KernelException gone) {
            return false;
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
        int[] numbers = held.isEmpty() ? null : held.remove(channel);
        if (numbers != null) {
            close(numbers);
        }
    }

    /** Lets go of everything. */
    void releaseAll() {
        held.values().forEach(this::close);
        held.clear();
    }

    private void close(int[] numbers) {
        for (int number : numbers) {
            UnixCalls.close(state, number);
        }
    }
}
