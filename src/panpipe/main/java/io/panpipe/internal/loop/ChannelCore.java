/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A handle that has a channel: what the selector watches for, and requests that are done and not told. */
public abstract class ChannelCore extends HandleCore {

    private @Nullable Channel channel;
    private int interest;
    private boolean completing;

    protected ChannelCore(LoopCore loop, Object handle) {
        super(loop, handle);
    }

    /** Returns the name for error messages, or empty. */
    @Override
    public abstract String name();

    /** Returns the channel of a handle that must have a descriptor by now: EBADF if it has none. */
    public final Channel openChannel(String call) throws KernelException {
        checkUsable();
        Channel channel = channelOrNull();
        if (channel == null || channel.descriptor() == -1) {
            throw new KernelException(Fault.EBADF, 0, call, "the handle has no descriptor yet");
        }
        return channel;
    }

    /** Adds which descriptor this is, if it has one. */
    protected final void describeDescriptor(List<String> facts) {
        Channel present = channel;
        if (present != null && present.descriptor() != -1) {
            facts.add("descriptor " + present.descriptor());
        }
    }

    /** Makes what is told of a system's refusal. */
    public final Failure failure(KernelException refused) {
        return Failure.of(refused, name());
    }

    /** Gives the descriptor up, which is the caller's then, and closes the handle. */
    public final long detach() throws KernelException {
        Channel channel = openChannel("detach");
        checkDetachable();
        long descriptor = channel.detach();
        // The channel watches for nothing any more, and no interest is to be withdrawn from it.
        interest = 0;
        close();
        return descriptor;
    }

    /** Checks that nothing would be lost if the descriptor were given away now. */
    protected abstract void checkDetachable();

    @Override
    public final long duplicate() throws KernelException {
        Channel present = channel;
        return present == null || present.descriptor() == -1 ? super.duplicate() : present.duplicate();
    }

    public @Nullable Channel channelOrNull() {
        return channel;
    }

    /** Takes a channel as this handle's own. */
    protected final void channel(Channel taken, ChannelListener listener) {
        used();
        taken.listener(loop().handles().listener(listener));
        channel = taken;
    }

    /** Closes the channel, if there is one; {@code forget} makes the handle fit to be used anew. */
    public final void closeChannel(boolean forget) {
        Channel present = channel;
        if (present != null) {
            interest = 0;
            present.close();
            if (forget) {
                channel = null;
            }
        }
    }

    public final boolean hasInterest(int operations) {
        return (interest & operations) == operations;
    }

    public final void addInterest(int operations) throws KernelException {
        Channel present = channel;
        if (present != null && !hasInterest(operations)) {
            // Who waits for an event is held, also where no call of the user's began it.
            used();
            present.interest(interest | operations);
            interest |= operations;
        }
    }

    /** Withdraws interest, which no system refuses. */
    public final void removeInterest(int operations) {
        Channel present = channel;
        if (present != null && (interest & operations) != 0) {
            interest &= ~operations;
            try {
                present.interest(interest);
            } catch (KernelException refused) {
                throw new IllegalStateException("the system refused to stop watching", refused);
            }
        }
    }

    @Override
    protected boolean isIdle() {
        return super.isIdle() && interest == 0 && !completing;
    }

    @Override
    protected @Nullable Runnable rest() {
        Channel present = channel;
        return present == null ? null : present::close;
    }

    /** Has {@link #runCompletions} called soon. */
    public final void completeSoon() {
        if (!completing) {
            loop().due().tellSoon(this);
            completing = true;
        }
    }

    /** Calls back for requests that are done. */
    protected final void runCompletions() {
        completing = false;
        try {
            tellDone();
        } catch (Throwable thrown) {
            // Nobody may wait for ever for what is done. Who was called is not called again.
            completeSoon();
            throw thrown;
        }
    }

    /** Calls back for requests that are done, in the order of the requests. */
    protected abstract void tellDone();
}
