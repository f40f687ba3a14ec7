/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.StreamChannel;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream of bytes as a channel, with what it has in flight.
 *
 * @param <S> what the descriptor stands for
 */
abstract class SimulatedStreamChannel<S extends StreamSocket<S>> extends SimulatedChannel<S> implements StreamChannel {

    private static final long[] NO_DESCRIPTORS = {};

    private @Nullable Flight flight;

    SimulatedStreamChannel(SimulatedSelector selector) {
        super(selector);
    }

    @Override
    final int possible(int operations) {
        // No further write is made while one is in flight; only a hang-up tells of more.
        boolean writesBarred = flight != null && operations != StreamEnd.EVERYTHING;
        return writesBarred ? operations & ~WRITE : operations;
    }

    /** Has the selector tell how the write in flight ended. The world's lock is held. */
    final void report(Consumer<ChannelListener> outcome) {
        selector.report(this, outcome);
    }

    final void dispatchReport(Consumer<ChannelListener> outcome) {
        flight = null;
        outcome.accept(listener());
    }

    @Override
    public final boolean isConnected() {
        return world.call(() -> {
            S present = socketIfAny();
            return present != null && present.isConnected();
        });
    }

    @Override
    public final boolean readable() {
        return true;
    }

    @Override
    public final boolean writable() {
        return true;
    }

    @Override
    public final int read(Region into, int offset, int length) throws KernelException {
        return receive(into, offset, length, null);
    }

    final int receive(Region into, int offset, int length, @Nullable HandleInbox inbox) throws KernelException {
        return world.call(() -> {
            selector.checkRegion(into);
            Objects.checkFromIndexSize(offset, length, into.bytes().capacity());
            if (length == 0) {
                throw new IllegalArgumentException("a read of no bytes cannot tell data from the end");
            }
            Effect effect = befalling(Operation.READ, "read");
            StreamEnd stream = socket("read").stream();
            if (effect.isPutOff()) {
                putOff(READ);
                return WOULD_BLOCK;
            }
            if (effect.is(Effect.Kind.RESET)) {
                stream.resetBoth();
            }
            int most = effect.limit(length);
            int result = stream.read(into.bytes(), offset, most, process.descriptors(), inbox);
            selector.misuse().hasRead(into, offset, result);
            if (inbox != null && inbox.count() > 0) {
                receiveHandles(inbox);
            }
            note(result == END_OF_STREAM ? "read the end of" : result < 0 ? "read nothing of" : "read", result, -1);
            return result;
        });
    }

    private void receiveHandles(HandleInbox inbox) throws KernelException {
        if (befalling(Operation.RECEIVE_HANDLES, "recvmsg").is(Effect.Kind.LOSE)) {
            for (int i = 0; i < inbox.count(); i++) {
                process.descriptors().closeUnclaimed(inbox.descriptor(i));
            }
            inbox.clear();
            inbox.markTruncated();
        }
    }

    @Override
    public final int write(Gather data) throws KernelException {
        return send(data, NO_DESCRIPTORS, 0);
    }

    final int send(Gather data, long[] descriptors, int count) throws KernelException {
        return world.call(() -> {
            StreamEnd stream = socket("write").stream();
            checkIdle("write");
            selector.checkGather(data);
            Attachment files = Attachment.of(process.descriptors(), descriptors, count);
            Effect effect;
            try {
                effect = befalling(Operation.WRITE, "write");
            } catch (KernelException refused) {
                return refuse(stream, data, files, refused);
            }
            if (effect.isPutOff()) {
                putOff(WRITE);
                return WOULD_BLOCK;
            }
            if (effect.is(Effect.Kind.RESET)) {
                stream.resetBoth();
            }
            socket("write");
            stream.checkWritable();
            int result = data.total() == 0 ? 0 : send(stream, new GatheredBytes(data), files, effect);
            note(result == IN_FLIGHT ? "write in flight to" : "write to", Math.max(result, 0), data.total());
            return result;
        });
    }

    /** Writes as {@link #write} does, with the same faults, but leaves nothing in flight. */
    final int writeAtOnce(Gather data) throws KernelException {
        return world.call(() -> {
            StreamEnd stream = socket("write").stream();
            checkIdle("write");
            Effect effect = befalling(Operation.WRITE, "write");
            if (effect.isPutOff()) {
                putOff(WRITE);
                return WOULD_BLOCK;
            }
            if (effect.is(Effect.Kind.RESET)) {
                stream.resetBoth();
            }
            socket("write");
            stream.checkWritable();
            int result = sendNow(stream, new GatheredBytes(data), null, effect);
            note("give to", Math.max(result, 0), data.total());
            return result;
        });
    }

    /** A kernel that writes in the background refuses there as well. */
    private int refuse(StreamEnd stream, Gather data, @Nullable Attachment files, KernelException refused)
            throws KernelException {
        if (data.total() == 0 || !world.scheduler().writesInFlight()) {
            throw refused;
        }
        listener();
        selector.flightBegun();
        flight = Flight.begin(this, stream, new GatheredBytes(data), files, refused.fault());
        return IN_FLIGHT;
    }

    private int send(StreamEnd stream, GatheredBytes bytes, @Nullable Attachment files, Effect effect)
            throws KernelException {
        if (effect.is(Effect.Kind.NONE) && world.scheduler().writesInFlight()) {
            listener();
            selector.flightBegun();
            flight = Flight.begin(this, stream, bytes, files, null);
            return IN_FLIGHT;
        }
        return sendNow(stream, bytes, files, effect);
    }

    private int sendNow(StreamEnd stream, GatheredBytes bytes, @Nullable Attachment files, Effect effect)
            throws KernelException {
        int possible = Math.min(bytes.left(), stream.room());
        if (possible == 0) {
            return WOULD_BLOCK;
        }
        int wanted = effect.limit(world.scheduler().cut(possible));
        int length = bytes.readable(wanted);
        if (length == 0 && wanted > 0) {
            throw new KernelException(Fault.EFAULT, 0, "write");
        }
        stream.write(bytes, length, files);
        return length;
    }

    /** The flight's memory and its place in the stream leave no room for what comes next before it is reported. */
    @Override
    final void checkIdle(String call) {
        if (flight != null) {
            throw new IllegalStateException(call + " while a write is in flight: wait for written or writeFailed");
        }
    }

    @Override
    public final boolean writesInFlight() {
        return world.options().inFlightShare() > 0;
    }

    @Override
    public final void shutdownOutput() throws KernelException {
        world.run(() -> {
            befalling(Operation.SHUTDOWN, "shutdown");
            S present = socket("shutdown");
            checkIdle("shutdown");
            note("shutdown", -1, -1);
            present.stream().shutdownOutput();
        });
    }

    @Override
    public final void finishConnect() throws KernelException {
        world.run(() -> socket("connect").finishConnect());
    }

    @Override
    public final void listen(int backlog) throws KernelException {
        world.run(() -> {
            befalling(Operation.LISTEN, "listen");
            socket("listen").listen(backlog);
            note("listen on", -1, -1);
        });
    }

    /** Takes a connection that waits into a new channel. */
    final <C extends SimulatedStreamChannel<S>> @Nullable C acceptInto(C channel) throws KernelException {
        return world.call(() -> {
            if (befalling(Operation.ACCEPT, "accept").isPutOff()) {
                putOff(ACCEPT);
                return null;
            }
            befalling(Operation.OPEN, "accept");
            StreamSocket.Accepted<S> accepted = socket("accept").accept(process.descriptors());
            if (accepted == null) {
                return null;
            }
            channel.take(accepted.connection(), accepted.descriptor());
            channel.note("accept", -1, -1);
            return channel;
        });
    }

    @Override
    void beforeClose() {
        if (flight != null) {
            flight.cancel();
        }
    }

    @Override
    final void abandoned() {
        if (flight != null) {
            flight.cancel();
        }
    }
}
