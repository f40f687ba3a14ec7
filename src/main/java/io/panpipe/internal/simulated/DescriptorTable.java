/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The open descriptors of one process: the lowest free number first and reused at once, as on Unix, since that is what
 * makes events of a closed channel dangerous.
 */
final class DescriptorTable {

    /** After standard input, output and error. */
    private static final int FIRST = 3;

    private final List<@Nullable SimulatedSocket> sockets = new ArrayList<>();
    private final int limit;
    private int count;
    private int lowestFree;

    DescriptorTable(int limit) {
        this.limit = limit;
    }

    int count() {
        return count;
    }

    /** Refuses when so many more cannot be opened. */
    void checkFree(int wanted, String call) throws KernelException {
        if (wanted > limit - count) {
            throw new KernelException(Fault.EMFILE, 0, call);
        }
    }

    /** Gives a socket a descriptor of this process. */
    void open(SimulatedSocket socket, String call) throws KernelException {
        checkFree(1, call);
        while (lowestFree < sockets.size() && sockets.get(lowestFree) != null) {
            lowestFree++;
        }
        if (lowestFree == sockets.size()) {
            sockets.add(socket);
        } else {
            sockets.set(lowestFree, socket);
        }
        count++;
        socket.opened(this, lowestFree + FIRST);
    }

    /** Takes a number out of use. */
    void release(int descriptor) {
        sockets.set(descriptor - FIRST, null);
        lowestFree = Math.min(lowestFree, descriptor - FIRST);
        count--;
    }

    /** Returns the socket that a descriptor stands for. */
    SimulatedSocket find(long descriptor, String call) throws KernelException {
        long index = descriptor - FIRST;
        SimulatedSocket socket = index >= 0 && index < sockets.size() ? sockets.get((int) index) : null;
        if (socket == null) {
            throw new KernelException(Fault.EBADF, 0, call);
        }
        return socket;
    }
}
