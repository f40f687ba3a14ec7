/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.datagram.DatagramFront;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.loop.Failure;
import io.panpipe.internal.loop.Front;
import io.panpipe.internal.loop.HandleCore;
import io.panpipe.internal.loop.LoopCore;
import io.panpipe.internal.stream.StreamFront;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where the user's code is entered: every callback and task is called in here. What it throws is caught and told, what it
 * wrote is sent, and what the engine says in the kernel's words becomes the user's.
 *
 * <p>One object without state for all handles. The engine gives back the callbacks that it was given for a handle of the same
 * kind, which is why they can be cast.
 */
@SuppressWarnings("unchecked")
final class UserCode implements Front, StreamFront, DatagramFront {

    static final UserCode ENTRY = new UserCode();

    /** Made with the first failure that is told: most programs' start has none, and need not pay for it. */
    private static volatile @Nullable PanpipeException noMemory;

    private UserCode() {}

    @Override
    public void call(HandleCore handle, Object callback) {
        LoopCore loop = handle.loop();
        try {
            ((HandleCallback<Object>) callback).call(handle.handle());
        } catch (Throwable thrown) {
            loop.uncaught(thrown);
        }
        loop.sendWritten();
    }

    @Override
    public void call(HandleCore handle, Object callback, @Nullable Failure failure) {
        LoopCore loop = handle.loop();
        try {
            ((StreamCallback<Object>) callback).call(handle.handle(), exception(failure));
        } catch (Throwable thrown) {
            loop.uncaught(thrown);
        }
        loop.sendWritten();
    }

    @Override
    public void read(HandleCore stream, Object callback, @Nullable ByteBuffer data, @Nullable Failure failure) {
        LoopCore loop = stream.loop();
        try {
            ((ReadCallback<Object>) callback).call(stream.handle(), data, exception(failure));
        } catch (Throwable thrown) {
            loop.uncaught(thrown);
        }
        loop.sendWritten();
    }

    /** Returns what reads for a callback that wants to know what handles have come. */
    static ReadCallback<Pipe> reading(HandleReadCallback<? super Pipe> callback) {
        return (pipe, data, error) -> callback.call(pipe, data, pipe.pendingType(), error);
    }

    @Override
    public void received(
            HandleCore udp,
            Object callback,
            @Nullable ByteBuffer data,
            @Nullable InetSocketAddress sender,
            @Nullable Failure failure) {
        LoopCore loop = udp.loop();
        try {
            ((UdpReceiveCallback) callback).call((Udp) udp.handle(), data, sender, exception(failure));
        } catch (Throwable thrown) {
            loop.uncaught(thrown);
        }
        loop.sendWritten();
    }

    @Override
    public void run(LoopCore loop, Runnable task) {
        try {
            task.run();
        } catch (Throwable thrown) {
            loop.uncaught(thrown);
        }
        loop.sendWritten();
    }

    @Override
    public void uncaught(LoopCore loop, Object handler, Throwable thrown) throws Exception {
        ((LoopExceptionHandler) handler).uncaught((Loop) loop.loop(), thrown);
    }

    @Override
    public IOException shown(Failure failure) {
        return PanpipeException.of(failure);
    }

    private static @Nullable PanpipeException exception(@Nullable Failure failure) {
        if (failure == null) {
            return null;
        }
        try {
            if (noMemory == null) {
                noMemory = PanpipeException.of(Failure.of(new KernelException(Fault.ENOMEM, 0, "tell of a failure"), ""));
            }
            return PanpipeException.of(failure);
        } catch (OutOfMemoryError none) {
            // Whoever waits is told that it failed, if not why.
            PanpipeException told = noMemory;
            if (told == null) {
                throw none;
            }
            return told;
        }
    }
}
