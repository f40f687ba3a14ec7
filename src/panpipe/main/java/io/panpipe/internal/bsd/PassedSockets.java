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
 *
 * <p>What has been read is told by counting: while a channel holds anything, the bytes it sends are counted, and less those that
 * wait for the receiver, which the write filter tells, they are what the receiver has read. What other processes send by the same
 * socket is not counted but waits all the same, and so do control messages: either has a duplicate held longer, and none shorter.
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
    private int batch;

    /** What waits for one channel's receiver. */
    private static final class Held {
        private int[] numbers = new int[4];
        private long[] inodes = new long[4];
        /** How many bytes have been sent when the message of each is. */
        private long[] ends = new long[4];
        private int count;
        private long sent;
        private long sentBefore;
        private int batch;
        private boolean isShut;

        void add(int number, long inode, long end) {
            if (count == numbers.length) {
                numbers = Arrays.copyOf(numbers, count * 2);
                inodes = Arrays.copyOf(inodes, count * 2);
                ends = Arrays.copyOf(ends, count * 2);
            }
            numbers[count] = number;
            inodes[count] = inode;
            ends[count++] = end;
        }

        /** Holds what is held already until one more message is read; tells whether it is. */
        boolean prolongs(long inode, long end) {
            for (int i = 0; inode > 0 && i < count; i++) {
                if (inodes[i] == inode) {
                    ends[i] = end;
                    return true;
                }
            }
            return false;
        }

        void sent(int bytes, int now) {
            if (batch != now) {
                batch = now;
                sentBefore = sent;
            }
            sent += bytes;
        }

        long sentBefore(int now) {
            return batch == now ? sentBefore : sent;
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

    /** Begins the next batch of events, which tell of nothing that is sent from now on. */
    void nextBatch() {
        batch++;
    }

    /** Counts what a channel has sent. */
    void wrote(UnixChannel channel, int bytes) {
        Held present = held.isEmpty() ? null : held.get(channel);
        if (present != null) {
            present.sent(bytes, batch);
        }
    }

    /** Notes that a channel sends nothing any more, though its receiver may have much to read. */
    void outputShut(UnixChannel channel) {
        Held present = held.isEmpty() ? null : held.get(channel);
        if (present != null) {
            present.isShut = true;
        }
    }

    /**
     * Holds the sockets among descriptors that have left by a channel, with a message of so many bytes. Without a number for a
     * duplicate that one is not held.
     *
     * @return whether anything of this channel is held
     */
    boolean hold(UnixChannel channel, int bytes, long[] descriptors, int sent) {
        Held present = held.get(channel);
        long end = (present == null ? 0 : present.sent) + bytes;
        for (int i = 0; i < sent; i++) {
            int fd = (int) descriptors[i];
            long inode = socketInode(fd);
            if (inode < 0 || present != null && present.prolongs(inode, end) || count == MOST) {
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
            present.add(duplicate, inode, end);
            count++;
        }
        if (present == null) {
            return false;
        }
        present.sent(bytes, batch);
        return true;
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
     * Lets go of what the receiver has read, or of everything where nobody reads any more.
     *
     * @param room free bytes of the send buffer, when the event was collected
     * @param isOver whether nothing can be sent any more, be it that this end does not want to
     * @return whether nothing of this channel is held any more
     */
    boolean releaseRead(UnixChannel channel, long room, boolean isOver) {
        Held present = held.get(channel);
        if (present == null) {
            return true;
        }
        int limit = isOver && !present.isShut ? -1 : sendBuffer(channel);
        long read = limit < 0 ? Long.MAX_VALUE : present.sentBefore(batch) - Math.max(0, limit - room);
        int left = 0;
        for (int i = 0; i < present.count; i++) {
            if (present.ends[i] <= read) {
                UnixCalls.close(state, present.numbers[i]);
                continue;
            }
            present.numbers[left] = present.numbers[i];
            present.inodes[left] = present.inodes[i];
            present.ends[left++] = present.ends[i];
        }
        count -= present.count - left;
        present.count = left;
        if (left == 0) {
            held.remove(channel);
        }
        return left == 0;
    }

    /** Returns what the send buffer takes; that does not change while the receiver reads, or does not. */
    private int sendBuffer(UnixChannel channel) {
        MemorySegment value = scratch.numbers();
        value.set(ValueLayout.JAVA_INT, 4, 4);
        UnixSystem.Numbers numbers = system.numbers();
        int result = UnixCalls.getsockopt(
                state, channel.fd(), numbers.solSocket(), numbers.soSndbuf(), value.address(), value.address() + 4);
        return result < 0 ? result : value.get(ValueLayout.JAVA_INT, 0);
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
