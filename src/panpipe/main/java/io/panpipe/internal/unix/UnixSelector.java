/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.LoopMemory;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.HandleKind;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.kernel.TcpChannel;
import io.panpipe.internal.kernel.UdpChannel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of a loop's selector that does not depend on how the system waits: memory, channels by descriptor number, and
 * channels whose readiness a helper thread reports.
 */
public abstract class UnixSelector implements Selector {

    /** The system's numbers and calls. */
    protected final UnixSystem system;

    /** Where this loop's calls leave errno. */
    protected final CallState state = new CallState();
    private final LoopMemory.Giver unmapper = this::unmap;

    /** This loop's native memory. */
    protected final LoopMemory memory = new LoopMemory();

    /** What this loop's calls pass by pointer. */
    protected final Scratch scratch;

    private @Nullable UnixChannel[] channels = new UnixChannel[64];
    private final List<HelperChannel> helpers = new ArrayList<>();
    private final List<HelperChannel> readyHelpers = new ArrayList<>();
    private @Nullable HandleMessages handles;
    private @Nullable Region datagram;
    private @Nullable Region callerRoom;
    private int generation;

    /** By descriptors: idle connections that nobody waits for have no room for that in themselves. */
    private @Nullable SocketCaller[] callers = {};

    /** Makes the selector of one loop. */
    protected UnixSelector(UnixSystem system) {
        this.system = system;
        scratch = new Scratch(system, memory);
    }

    /** Has the system watch a channel's descriptor for its wanted operations; 0 stops it. */
    protected abstract void watch(UnixChannel channel) throws KernelException;

    /** Forgets a channel whose descriptor is about to be closed or given away. */
    protected abstract void unwatch(UnixChannel channel);

    @Override
    public PipeChannel newPipe() {
        return new PipeSocket(this);
    }

    @Override
    public TcpChannel newTcp() {
        return new TcpSocket(this);
    }

    @Override
    public TcpChannel adoptTcp(long descriptor) throws KernelException {
        return Adoption.adoptTcp(this, checkUnused(descriptor));
    }

    @Override
    public UdpChannel newUdp() {
        return new UdpSocket(this);
    }

    @Override
    public UdpChannel adoptUdp(long descriptor) throws KernelException {
        return Adoption.adoptUdp(this, checkUnused(descriptor));
    }

    @Override
    public HandleKind kindOf(long descriptor) throws KernelException {
        return Adoption.kindOf(this, checkRange(descriptor));
    }

    @Override
    public long duplicate(long descriptor) throws KernelException {
        return system.check(system.duplicate(state, checkRange(descriptor)), "fcntl");
    }

    @Override
    public void closeDescriptor(long descriptor) {
        UnixChannel.closeUnlessStandard(state, (int) descriptor);
    }

    /** Returns memory for one datagram that the system cannot read where it is. */
    final Region datagram() {
        Region present = datagram;
        if (present == null) {
            present = allocate(UdpSocket.MOST_BYTES);
            datagram = present;
        }
        return present;
    }

    final HandleMessages handles() {
        HandleMessages present = handles;
        if (present == null) {
            present = new HandleMessages(this, memory);
            handles = present;
        }
        return present;
    }

    @Override
    public PipeChannel adopt(long descriptor) throws KernelException {
        return Adoption.adopt(this, checkUnused(descriptor));
    }

    private int checkUnused(long descriptor) throws KernelException {
        int number = checkRange(descriptor);
        if (channel(number) != null) {
            throw new KernelException(Fault.EEXIST, 0, "open", "a handle of this loop has this descriptor already");
        }
        return number;
    }

    private static int checkRange(long descriptor) throws KernelException {
        if (descriptor < 0 || descriptor > Integer.MAX_VALUE) {
            throw new KernelException(Fault.EBADF, 0, "open");
        }
        return (int) descriptor;
    }

    @Override
    public PipeChannel[] pair() throws KernelException {
        MemorySegment two = scratch.numbers();
        system.check(system.socketPair(state, UnixSystem.AF_UNIX, UnixSystem.SOCK_STREAM, scratch), "socketpair");
        int one = two.get(ValueLayout.JAVA_INT, 0);
        int other = two.get(ValueLayout.JAVA_INT, 4);
        system.enlargeBuffers(state, scratch, one);
        system.enlargeBuffers(state, scratch, other);
        return new PipeChannel[] {new PipeSocket(this, one), new PipeSocket(this, other)};
    }

    @Override
    public Region allocate(int size) {
        MemorySegment segment = memory.allocate(size);
        return new Region(segment.asByteBuffer(), segment.address());
    }

    /**
     * By mmap on Linux: what malloc(3) is given back goes to the system only while it is beyond its threshold, and glibc raises
     * that to the size of the first block it frees. A queue that was long twice would keep the memory of the second time.
     */
    @Override
    public Region allocateBlock(int size) {
        if (system.mapOwnMemory() == UnixSystem.BY_MALLOC) {
            return region(memory.allocateBlock(size));
        }
        long address = UnixCalls.mapMemory(state, size, system.mapOwnMemory());
        if (address < 0) {
            throw new OutOfMemoryError("no memory to queue " + size + " bytes more: mmap failed with " + -address);
        }
        return region(memory.adoptBlock(address, size, unmapper));
    }

    private Region region(MemorySegment block) {
        try {
            return new Region(block.asByteBuffer(), block.address());
        } catch (Throwable failed) {
            memory.freeBlock(block.address());
            throw failed;
        }
    }

    /**
     * Gives a block back. Where the system refuses, because that would leave it with more mappings than it allows
     * (vm.max_map_count), the block stays until the process ends: what was in it has been sent, and no stream is to fail for it.
     */
    private void unmap(long address, long bytes) {
        UnixCalls.unmapMemory(state, address, bytes);
    }

    @Override
    public void free(Region block) {
        memory.freeBlock(block.address());
    }

    @Override
    public boolean borrows(ByteBuffer data) {
        return memory.borrows(data);
    }

    /** Returns the channel of a descriptor number, or null. */
    protected final @Nullable UnixChannel channel(int fd) {
        return fd >= 0 && fd < channels.length ? channels[fd] : null;
    }

    /** Returns a number that is larger than that of any descriptor with a channel. */
    protected final int descriptorBound() {
        return channels.length;
    }

    /**
     * Notes which channel has a descriptor number.
     *
     * @return the registration's own number, by which an event tells whether it is still meant for this channel
     */
    final int register(int fd, UnixChannel channel) {
        if (fd >= channels.length) {
            channels = Arrays.copyOf(channels, Math.max(fd + 1, channels.length * 2));
        }
        UnixChannel before = channels[fd];
        channels[fd] = channel;
        if (before != null) {
            before.displaced(fd);
            lost(before);
        }
        return ++generation;
    }

    /** Forgets a channel's descriptor number, unless it is another channel's by now. */
    final void unregister(int fd, UnixChannel channel) {
        if (channels[fd] == channel) {
            channels[fd] = null;
        }
    }

    /** Returns where any thread has this selector watch for callers, or null where there is no such thing, or no descriptor for it. */
    protected @Nullable CallerPoll callerPoll() {
        return null;
    }

    /**
     * Returns the loop's own memory for what it tells a {@link CallerPoll}. It is there before any thread uses a descriptor, so
     * that no end of that use fails for want of memory.
     */
    final Region callerRoom() {
        Region present = callerRoom;
        if (present == null) {
            present = allocate(CallerPoll.EVENT_BYTES);
            present.bytes().order(ByteOrder.nativeOrder());
            callerRoom = present;
        }
        return present;
    }

    /** Lets other threads use a channel's descriptor from now on. */
    final void callers(int fd, SocketCaller used) {
        if (fd >= callers.length) {
            callers = Arrays.copyOf(callers, Math.max(fd + 1, channels.length));
        }
        callers[fd] = used;
    }

    /** Returns how other threads use a descriptor, or null if they do not. */
    protected final @Nullable SocketCaller callers(int fd) {
        return fd >= 0 && fd < callers.length ? callers[fd] : null;
    }

    /** Forgets what {@link #callers(int)} returns, and returns it. */
    final @Nullable SocketCaller takeCallers(int fd) {
        SocketCaller used = callers(fd);
        if (used != null) {
            callers[fd] = null;
        }
        return used;
    }

    /** Has a channel that lost its descriptor told of that in the next turn. */
    protected abstract void lost(UnixChannel channel);

    /** Descriptors have left by a channel, with so many bytes, and are open here still. */
    protected void sent(UnixChannel channel, int bytes, long[] descriptors, int count) {}

    /** Bytes have left by a channel, and no descriptors. */
    protected void wrote(UnixChannel channel, int bytes) {}

    /** A channel sends nothing any more. */
    protected void outputShut(UnixChannel channel) {}

    final void addHelper(HelperChannel helper) {
        helpers.add(helper);
    }

    final void removeHelper(HelperChannel helper) {
        helpers.remove(helper);
    }

    /** Collects the channels that helper threads have something for; the system's wait must not sleep if there are any. */
    protected final int collectHelpers() {
        readyHelpers.clear();
        for (int i = 0; i < helpers.size(); i++) {
            if (helpers.get(i).hasEvent()) {
                readyHelpers.add(helpers.get(i));
            }
        }
        return readyHelpers.size();
    }

    /** Dispatches one of the events that {@link #collectHelpers} counted. */
    protected final void dispatchHelper(int index) {
        readyHelpers.get(index).dispatch();
    }

    @Override
    public void close() {
        boolean isRead = false;
        for (HelperChannel helper : helpers) {
            isRead |= helper.isWriting();
        }
        helpers.clear();
        // A loop that could not wait for the end of what is in flight leaves the memory that a thread still writes from as it is.
        if (!isRead) {
            memory.close();
        }
    }
}
