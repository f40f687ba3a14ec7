/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One loop's completion port, made to look like a selector.
 *
 * <p>Before it waits, it asks each channel whose interest may have changed what it is ready for; a channel that is ready
 * for nothing has by then an operation under way whose completion says when it is.
 */
final class WindowsSelector implements Selector {

    private static final long NANOS_PER_MILLI = 1_000_000;

    /** The longest name, with room for a security descriptor in text form. */
    private static final int TEXT_BYTES = 4096;

    private static final int NUMBERS_BYTES = 64;
    private static final long CLOSE_NANOS = 5_000_000_000L;
    private static final int CLOSE_WAIT_MILLIS = 100;
    private static final int CANCEL_RETRY_MILLIS = 1;
    private static final int MOST_CANCEL_MILLIS = 2_000;

    final CallState state = new CallState();
    final LoopMemory memory = new LoopMemory();

    /** Where calls leave a number or two. */
    final MemorySegment numbers = memory.allocate(NUMBERS_BYTES);

    /** Where calls leave what is more than that. */
    final MemorySegment answers = memory.allocate(NUMBERS_BYTES);

    /** The SECURITY_ATTRIBUTES of one call. */
    final MemorySegment attributes = memory.allocate(WindowsLayouts.SECURITY_ATTRIBUTES.byteSize());

    final CompletionPort port;
    final FrameMemory frames = new FrameMemory(memory);
    final Operation.Pool operations = new Operation.Pool(memory);

    private final MemorySegment text = memory.allocate(TEXT_BYTES);
    private Operation sync = operations.take(operation -> {});
    private final Set<Long> handles = new HashSet<>();
    private final List<SynchronousHandle> ending = new ArrayList<>();
    private @Nullable WindowsChannel[] asked = new WindowsChannel[64];
    private @Nullable WindowsChannel[] batch = new WindowsChannel[64];
    private @Nullable ProcessIdentity identity;
    private @Nullable PipeSecurity security;
    private @Nullable EventThreads eventThreads;
    private int askedCount;
    private int batchCount;

    WindowsSelector() throws KernelException {
        try {
            port = new CompletionPort(state, memory);
        } catch (KernelException refused) {
            memory.close();
            throw refused;
        }
        sync.event = WindowsCalls.createEvent(state);
        if (sync.event == WindowsCalls.INVALID_HANDLE) {
            KernelException refused = WindowsErrors.failure(state.error(), "CreateEvent");
            port.close();
            memory.close();
            throw refused;
        }
    }

    /** Returns the operation for reads whose end is waited for, ready for the next; no port hears of it. */
    Operation syncOperation() {
        sync.begin(operation -> {}, sync.event | 1);
        return sync;
    }

    /**
     * Waits for the end of that operation, which was cancelled: it comes at once. If it does not, the operation is left to
     * the system, and with it the loop's memory, rather than the loop to wait for it.
     *
     * @return false if it goes on
     */
    boolean awaitSync() throws KernelException {
        if (hasEnded(sync)) {
            return true;
        }
        sync = operations.take(operation -> {});
        sync.event = WindowsCalls.createEvent(state);
        if (sync.event == WindowsCalls.INVALID_HANDLE) {
            sync.event = 0;
            throw WindowsErrors.failure(state.error(), "CreateEvent");
        }
        return false;
    }

    /** Waits, not for long, until an operation has ended that was cancelled and signals an event. */
    boolean hasEnded(Operation cancelled) {
        return WindowsCalls.waitFor(state, cancelled.event, MOST_CANCEL_MILLIS) == 0;
    }

    PipeSecurity security() {
        PipeSecurity present = security;
        if (present == null) {
            present = new PipeSecurity(this);
            security = present;
        }
        return present;
    }

    /** Makes a name that nobody can guess, where this process may make one. */
    String uniqueName() throws KernelException {
        return PipeName.unique(!identity().ownContainer().isEmpty());
    }

    ProcessIdentity identity() {
        ProcessIdentity present = identity;
        if (present == null) {
            present = new ProcessIdentity(this);
            identity = present;
        }
        return present;
    }

    EventThreads eventThreads() {
        EventThreads present = eventThreads;
        if (present == null) {
            present = new EventThreads(port, state);
            eventThreads = present;
        }
        return present;
    }

    /** Puts a text where a call can read it, until the next one; returns its address. */
    long text(String value) throws KernelException {
        byte[] encoded = value.getBytes(StandardCharsets.UTF_16LE);
        if (encoded.length + 2 > TEXT_BYTES) {
            throw new KernelException(Fault.E2BIG, 0, "encode", "a text of " + value.length() + " characters");
        }
        ByteBuffer bytes = text.asByteBuffer();
        bytes.put(encoded).putShort((short) 0);
        return text.address();
    }

    /** Notes a HANDLE that a channel of this loop has. */
    void opened(long handle) {
        handles.add(handle);
    }

    void released(long handle) {
        handles.remove(handle);
    }

    // Channels.

    @Override
    public PipeChannel newPipe() {
        return new NamedPipeChannel(this);
    }

    @Override
    public PipeChannel adopt(long descriptor) throws KernelException {
        long handle = StandardHandles.resolve(state, descriptor);
        if (handles.contains(handle)) {
            throw new KernelException(Fault.EEXIST, 0, "open", "a handle of this loop has this HANDLE already");
        }
        return PipeAdoption.adopt(this, handle);
    }

    @Override
    public PipeChannel[] pair() throws KernelException {
        String name = uniqueName();
        NamedPipeChannel server = new NamedPipeChannel(this);
        NamedPipeChannel client = new NamedPipeChannel(this);
        server.accepted(PipeHandle.own(this, PipeListener.createSole(this, name)), "");
        try {
            client.connect(name);
        } catch (KernelException refused) {
            server.close();
            throw refused;
        }
        client.connected("", "");
        return new PipeChannel[] {server, client};
    }

    private static KernelException unsupported(String what) {
        return new KernelException(Fault.ENOTSUP, 0, what, "Panpipe has no TCP and UDP on Windows yet");
    }

    @Override
    public TcpChannel newTcp() throws KernelException {
        throw unsupported("socket");
    }

    @Override
    public TcpChannel adoptTcp(long descriptor) throws KernelException {
        throw unsupported("open");
    }

    @Override
    public UdpChannel newUdp() throws KernelException {
        throw unsupported("socket");
    }

    @Override
    public UdpChannel adoptUdp(long descriptor) throws KernelException {
        throw unsupported("open");
    }

    @Override
    public HandleKind kindOf(long descriptor) throws KernelException {
        return PipeAdoption.kindOf(this, descriptor);
    }

    @Override
    public long duplicate(long descriptor) throws KernelException {
        return HandleTransfer.duplicateHere(this, descriptor);
    }

    @Override
    public void closeDescriptor(long descriptor) {
        WindowsCalls.closeHandle(state, descriptor);
    }

    // Memory.

    @Override
    public Region allocate(int size) {
        MemorySegment segment = memory.allocate(size);
        return new Region(segment.asByteBuffer(), segment.address());
    }

    @Override
    public Region allocateBlock(int size) {
        MemorySegment segment = memory.allocateBlock(size);
        return new Region(segment.asByteBuffer(), segment.address());
    }

    @Override
    public void free(Region block) {
        memory.freeBlock(block.address());
    }

    @Override
    public boolean borrows(ByteBuffer data) {
        return memory.borrows(data);
    }

    // Waiting.

    /** Has a channel asked, before the next wait, what it is ready for. */
    void ask(WindowsChannel channel) {
        if (!channel.isAsked) {
            channel.isAsked = true;
            if (askedCount == asked.length) {
                asked = Arrays.copyOf(asked, askedCount * 2);
            }
            asked[askedCount++] = channel;
        }
    }

    /** Has a channel dispatched with the present batch. */
    void enqueue(WindowsChannel channel) {
        if (!channel.isInBatch) {
            channel.isInBatch = true;
            if (batchCount == batch.length) {
                batch = Arrays.copyOf(batch, batchCount * 2);
            }
            batch[batchCount++] = channel;
        }
    }

    @Override
    public int select(long timeoutNanos) throws KernelException {
        batchCount = 0;
        for (int i = 0; i < askedCount; i++) {
            WindowsChannel channel = asked[i];
            asked[i] = null;
            if (channel != null) {
                channel.isAsked = false;
                channel.findReady();
            }
        }
        askedCount = 0;
        complete(port.await(batchCount > 0 ? 0 : untilRetry(millis(timeoutNanos))));
        return batchCount;
    }

    /** Has the threads of a closed channel end, cancelling what they wait in again and again until they have. */
    void end(SynchronousHandle handle) {
        if (!handle.cancel(state)) {
            ending.add(handle);
        }
    }

    /** Returns how long to wait, in milliseconds: not long while threads are to end. */
    private int untilRetry(int millis) {
        if (ending.isEmpty()) {
            return millis;
        }
        ending.removeIf(handle -> handle.cancel(state));
        return ending.isEmpty() || millis == 0 ? millis : CANCEL_RETRY_MILLIS;
    }

    private void complete(int count) {
        for (int i = 0; i < count; i++) {
            long address = port.overlapped(i);
            if (address != 0) {
                Operation ended = operations.at(address);
                Operation.Completion owner = ended == null ? null : ended.owner();
                if (ended != null && owner != null) {
                    owner.completed(ended);
                }
            }
        }
    }

    /** Rounds up: waking before a timer is due would only make the loop go round once more. */
    private static int millis(long nanos) {
        return nanos < 0 ? -1 : (int) Math.min(Integer.MAX_VALUE, (nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
    }

    @Override
    public void dispatch(int index) {
        WindowsChannel channel = batch[index];
        batch[index] = null;
        if (channel != null) {
            channel.isInBatch = false;
            channel.dispatch();
        }
    }

    @Override
    public void wakeup() {
        port.post(0);
    }

    @Override
    public void close() {
        operations.giveBack(sync);
        boolean idle = awaitCancelled();
        if (eventThreads != null) {
            eventThreads.close();
        }
        operations.close(state);
        port.close();
        // A driver that does not let go of an operation may still write to it: that memory is then left as it is.
        if (idle) {
            memory.close();
        }
    }

    /** Waits until what closed channels had under way has come back; the kernel cancels it within microseconds. */
    private boolean awaitCancelled() {
        long begin = System.nanoTime();
        while ((operations.pending() > 0 || !ending.isEmpty()) && System.nanoTime() - begin < CLOSE_NANOS) {
            try {
                complete(port.await(untilRetry(CLOSE_WAIT_MILLIS)));
            } catch (KernelException refused) {
                return false;
            }
        }
        return operations.pending() == 0;
    }
}
