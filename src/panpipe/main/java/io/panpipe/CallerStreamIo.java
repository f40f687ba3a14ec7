/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.CallerStream;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.stream.CallerIo;
import io.panpipe.internal.stream.StreamCore;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Turns the kernel's words into the public API's, for threads that read and write a stream themselves. */
final class CallerStreamIo extends CallerIo {

    static {
        CallerIo.install((pipe, listener) -> make(((Pipe) pipe).core(), listener));
    }

    private final StreamCore owned;
    private final CallerStream stream;
    private final String name;

    private static @Nullable CallerIo make(StreamCore owned, Listener listener) {
        owned.loop().checkThread();
        CallerStream stream = owned.callers(listener);
        return stream == null ? null : new CallerStreamIo(owned, stream);
    }

    private CallerStreamIo(StreamCore owned, CallerStream stream) {
        this.owned = owned;
        this.stream = stream;
        name = owned.name();
    }

    @Override
    public int read(ByteBuffer[] targets, int from, int end) throws PanpipeException {
        try {
            return stream.read(targets, from, end);
        } catch (KernelException refused) {
            throw PanpipeException.of(refused, name).traced();
        }
    }

    @Override
    public int write(ByteBuffer[] sources, int from, int end) throws PanpipeException {
        try {
            return stream.write(sources, from, end);
        } catch (KernelException refused) {
            throw PanpipeException.of(refused, name).traced();
        }
    }

    @Override
    public int available() throws PanpipeException {
        try {
            return stream.available();
        } catch (KernelException refused) {
            throw PanpipeException.of(refused, name).traced();
        }
    }

    @Override
    public void watchRead(boolean on) throws PanpipeException {
        try {
            stream.watchRead(on);
        } catch (KernelException refused) {
            throw PanpipeException.of(refused, name).traced();
        }
    }

    @Override
    public void awaitWrite() throws PanpipeException {
        try {
            stream.awaitWrite();
        } catch (KernelException refused) {
            throw PanpipeException.of(refused, name).traced();
        }
    }

    @Override
    public boolean mayPark(boolean input) {
        return stream.mayPark(input);
    }

    @Override
    public int park(boolean input, long nanos) {
        return stream.park(input, nanos);
    }

    @Override
    public void parked(boolean input) {
        stream.parked(input);
    }

    @Override
    public void wake(boolean input) {
        stream.wake(input);
    }

    @Override
    public void loopMayRead(boolean may) {
        owned.loopMayRead(may);
    }

    @Override
    public void end() {
        owned.endCallers();
    }
}
