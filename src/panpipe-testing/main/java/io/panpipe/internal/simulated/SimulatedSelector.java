/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.HandleKind;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.LoopTurns;
import io.panpipe.internal.kernel.LoopWatch;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.kernel.TcpChannel;
import io.panpipe.internal.kernel.Transfer;
import io.panpipe.internal.kernel.UdpChannel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One loop's view of the simulated world, strict where the contract leaves a loop no choice: what a real kernel would
 * answer with corrupted memory or a lost event is an exception here.
 */
final class SimulatedSelector implements Selector {

    /** When a signal interrupts a wait. */
    private static final long SIGNAL_NANOS = 10_000;

    private final SimulatedProcess process;
    private final World world;
    private final Waiter waiter = new Waiter();
    /** In the order in which they got their descriptors, so that a quiet world is a predictable one. */
    private final Set<SimulatedChannel<?>> channels = new LinkedHashSet<>();
    private final List<Runnable> reports = new ArrayList<>();
    private final List<Runnable> batch = new ArrayList<>();
    private final MisuseDetector misuse;
    private final String label;
    private final Participant participant;
    private @Nullable Region transferred;
    private int flights;
    private boolean closed;

    SimulatedSelector(SimulatedProcess process) {
        this.process = process;
        world = process.world();
        int earlier = process.add(this);
        label = earlier == 0 ? process.label() : process.label() + "." + earlier;
        misuse = new MisuseDetector(this, world);
        participant = new Participant(this, process);
        Stepper stepper = world.stepper();
        if (stepper != null) {
            stepper.add(participant);
        } else {
            world.timeKeeper().add(waiter);
        }
    }

    @Override
    public void servedLoop(LoopTurns served) {
        participant.loop(served);
    }

    @Override
    public LoopWatch watch() {
        return misuse;
    }

    MisuseDetector misuse() {
        return misuse;
    }

    /** Returns what the trace calls the loop. */
    String label() {
        return label;
    }

    SimulatedProcess process() {
        return process;
    }

    Waiter waiter() {
        return waiter;
    }

    @Override
    public PipeChannel newPipe() {
        return new SimulatedPipeChannel(this);
    }

    @Override
    public TcpChannel newTcp() {
        return new SimulatedTcpChannel(this);
    }

    @Override
    public UdpChannel newUdp() {
        return new SimulatedUdpChannel(this);
    }

    @Override
    public PipeChannel adopt(long descriptor) throws KernelException {
        return adopt(descriptor, PipeSocket.class, new SimulatedPipeChannel(this));
    }

    @Override
    public TcpChannel adoptTcp(long descriptor) throws KernelException {
        return adopt(descriptor, TcpSocket.class, new SimulatedTcpChannel(this));
    }

    @Override
    public UdpChannel adoptUdp(long descriptor) throws KernelException {
        return adopt(descriptor, UdpSocket.class, new SimulatedUdpChannel(this));
    }

    private <F extends SimulatedSocket, C extends SimulatedChannel<F>> C adopt(
            long descriptor, Class<F> kind, C channel) throws KernelException {
        return world.call(() -> {
            OpenFile file = process.descriptors().find(descriptor, "open");
            if (!kind.isInstance(file)) {
                throw new KernelException(
                        Fault.EINVAL, 0, "open", "descriptor " + descriptor + " is " + file.description());
            }
            if (process.descriptors().isClaimed(descriptor)) {
                throw new KernelException(Fault.EEXIST, 0, "open", "a handle has this descriptor already");
            }
            channel.take(kind.cast(file), (int) descriptor);
            return channel;
        });
    }

    @Override
    public HandleKind kindOf(long descriptor) throws KernelException {
        return world.call(() -> process.descriptors().find(descriptor, "fstat").kind());
    }

    @Override
    public long duplicate(long descriptor) throws KernelException {
        return world.call(() -> {
            process.befalling(Operation.OPEN, "", "dup");
            return process.descriptors().duplicate(descriptor);
        });
    }

    @Override
    public void closeDescriptor(long descriptor) {
        world.run(() -> {
            try {
                process.descriptors().closeUnclaimed(descriptor);
            } catch (KernelException unopened) {
                // As a real kernel's refusal, which nobody asks for either.
            }
        });
    }

    @Override
    public PipeChannel[] pair() throws KernelException {
        return world.call(() -> {
            process.befalling(Operation.OPEN, "", "socketpair");
            process.descriptors().checkFree(2, "socketpair");
            PipeSocket one = new PipeSocket(process);
            PipeSocket other = new PipeSocket(process);
            StreamSocket.link(one, other, "");
            return new PipeChannel[] {channelOf(one), channelOf(other)};
        });
    }

    private PipeChannel channelOf(PipeSocket socket) throws KernelException {
        SimulatedPipeChannel channel = new SimulatedPipeChannel(this);
        channel.take(socket, process.descriptors().open(socket, "socketpair"));
        return channel;
    }

    @Override
    public Region allocate(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("a region has 1 byte or more, not " + size);
        }
        return world.call(() -> {
            checkOpen();
            return world.allocate(size, this);
        });
    }

    @Override
    public Region allocateBlock(int size) {
        return allocate(size);
    }

    @Override
    public void free(Region block) {
        world.run(() -> {
            checkRegion(block);
            world.free(block);
        });
    }

    /**
     * It could borrow any buffer; that it takes the same ones as real kernels keeps the loop's copying tested. What it has
     * borrowed is read by whatever thread moves the time, while the write is in flight.
     */
    @Override
    public boolean borrows(ByteBuffer data) {
        return data.isDirect() && LastingMemory.has(data);
    }

    @Override
    public @Nullable Transfer transfer(StreamChannel source, StreamChannel sink) {
        if (world.options().transferShare() == 0) {
            return null;
        }
        Region memory = transferred;
        if (memory == null) {
            memory = SimulatedTransfer.memory(this);
            transferred = memory;
        }
        return new SimulatedTransfer(
                memory, (SimulatedStreamChannel<?>) source, (SimulatedStreamChannel<?>) sink);
    }

    /** Refuses memory that a real kernel could not reach, or not for as long as it needs it. */
    void checkRegion(Region region) {
        if (!world.isOwner(this, region)) {
            throw new IllegalArgumentException("the region belongs to another selector");
        }
    }

    /** Refuses a gather that a real kernel could not write. */
    void checkGather(Gather data) {
        for (int i = 0; i < data.count(); i++) {
            Region region = data.region(i);
            if (region != null) {
                checkRegion(region);
            } else if (!borrows(data.bytes(i))) {
                throw new IllegalArgumentException("this kernel borrows direct buffers only");
            }
        }
    }

    void register(SimulatedChannel<?> channel) {
        checkOpen();
        channels.add(channel);
    }

    void unregister(SimulatedChannel<?> channel) {
        channels.remove(channel);
    }

    /** Counts a write in flight, until it is told how that ended. */
    void flightBegun() {
        flights++;
    }

    /** Tells of a write in flight with the next batch, also when its channel is closed by then. */
    void report(SimulatedStreamChannel<?> channel, Consumer<ChannelListener> outcome) {
        reports.add(() -> {
            flights--;
            channel.dispatchReport(outcome);
        });
        world.changed();
    }

    @Override
    public int select(long timeoutNanos) throws KernelException {
        if (world.stepper() != null) {
            return selectStepped(world.stepper(), timeoutNanos);
        }
        return world.call(() -> {
            checkOpen();
            waiter.enter();
            VirtualClock clock = world.clock();
            long deadline = clock.after(timeoutNanos);
            if (clock.nextFor(waiter) != VirtualClock.NEVER && world.scheduler().happensEarly()) {
                // A loop that polls, or always has work, never moves the time; what is in flight must not starve for
                // that.
                clock.runNext(waiter);
            }
            clock.runDue(waiter);
            collect(world.scheduler().isSpurious());
            while (batch.isEmpty() && !waiter.isWoken() && clock.now() < deadline) {
                world.timeKeeper().await(waiter, deadline);
                clock.runDue(waiter);
                collect(false);
            }
            waiter.leave();
            return batch.size();
        });
    }

    /** Waits on a thread that is every loop's: the others have their turns meanwhile. */
    private int selectStepped(Stepper stepper, long timeoutNanos) throws KernelException {
        boolean closing = participant.isClosing();
        if (!closing) {
            world.throwMisuse();
        }
        boolean interrupted = world.call(() -> {
            checkOpen();
            if (process.isDead() && !closing && !participant.isTurning()) {
                throw new IllegalStateException(process.label() + " was killed: its loop runs no more");
            }
            return !closing && process.befalling(Operation.SELECT, "", "select").isPutOff();
        });
        if (participant.isTurning()) {
            world.run(() -> world.clock().runDue(null));
        } else {
            participant.restart();
            long deadline = world.clock().after(timeoutNanos);
            stepper.await(participant, interrupted ? Math.min(deadline, world.clock().after(SIGNAL_NANOS)) : deadline);
        }
        return world.call(() -> {
            collect(world.scheduler().isSpurious());
            waiter.leave();
            misuse.runBegins();
            return batch.size();
        });
    }

    /** Tells whether there are events, or somebody has woken the loop. */
    boolean hasNews() {
        return world.call(() -> {
            boolean news = waiter.isWoken() || !reports.isEmpty();
            if (!news) {
                for (SimulatedChannel<?> channel : channels) {
                    news |= channel.ready() != 0;
                }
            }
            return news;
        });
    }

    /** Ends all channels together with the process. */
    void abandonChannels() {
        List.copyOf(channels).forEach(SimulatedChannel::abandon);
    }

    private void collect(boolean spurious) {
        batch.clear();
        batch.addAll(reports);
        reports.clear();
        for (SimulatedChannel<?> channel : channels) {
            add(channel, channel.ready());
        }
        SimulatedChannel<?> idle = spurious ? anyIdle() : null;
        if (idle != null) {
            add(idle, idle.triable());
        }
        world.scheduler().order(batch);
    }

    private void add(SimulatedChannel<?> channel, int operations) {
        if (operations != 0) {
            batch.add(() -> channel.dispatchReady(operations));
        }
    }

    /** Returns a channel that is not ready but could be told so by mistake, as epoll does now and then. */
    private @Nullable SimulatedChannel<?> anyIdle() {
        List<SimulatedChannel<?>> idle = new ArrayList<>();
        for (SimulatedChannel<?> channel : channels) {
            if (channel.ready() == 0 && channel.triable() != 0) {
                idle.add(channel);
            }
        }
        return idle.isEmpty() ? null : world.scheduler().pick(idle);
    }

    @Override
    public void dispatch(int index) {
        batch.get(index).run();
        misuse.overwrite();
    }

    @Override
    public void wakeup() {
        world.run(() -> world.timeKeeper().wake(waiter));
    }

    @Override
    public void close() {
        world.run(() -> {
            if (!channels.isEmpty() || flights != 0) {
                throw new IllegalStateException("closed with " + channels.size() + " channels open and " + flights
                        + " writes in flight");
            }
            closed = true;
            world.free(this);
            world.timeKeeper().remove(waiter);
            if (world.stepper() != null) {
                world.stepper().remove(participant);
            }
        });
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the selector is closed");
        }
    }
}
