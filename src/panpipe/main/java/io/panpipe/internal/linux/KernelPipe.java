/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.unix.UnixCalls;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A pipe(7) that only passes bytes on between two splice(2) calls.
 *
 * @param output the end that is read
 * @param input the end that is written
 */
record KernelPipe(int output, int input) {

    /** Bytes that fit, unless they come in more than 16 pieces: what pipe(7) gives without asking. */
    static final int CAPACITY = 64 * 1024;

    private void close(CallState state) {
        UnixCalls.close(state, output);
        UnixCalls.close(state, input);
    }

    /**
     * The empty pipes of one loop. A transfer has one only while there are bytes in it, so that ten thousand idle
     * connections hold none.
     */
    static final class Pool {

        /** More than are in use at once only where many sinks are slow at the same time. */
        private static final int MOST = 16;

        private final CallState state;
        private final MemorySegment two;
        private final ArrayDeque<KernelPipe> free = new ArrayDeque<>(MOST);

        /**
         * Makes an empty pool.
         *
         * @param two room for two ints
         */
        Pool(CallState state, MemorySegment two) {
            this.state = state;
            this.two = two;
        }

        /** Lends an empty pipe; null when the process or the system has no descriptors left. */
        @Nullable KernelPipe take() {
            KernelPipe pipe = free.poll();
            if (pipe != null) {
                return pipe;
            }
            if (LinuxCalls.pipe2(state, two.address(), LinuxCalls.O_CLOEXEC | LinuxCalls.O_NONBLOCK) < 0) {
                return null;
            }
            return new KernelPipe(two.get(ValueLayout.JAVA_INT, 0), two.get(ValueLayout.JAVA_INT, 4));
        }

        /** Takes a pipe that is empty again. */
        void giveBack(KernelPipe pipe) {
            if (free.size() < MOST) {
                free.push(pipe);
            } else {
                pipe.close(state);
            }
        }

        /** Closes a pipe together with what is in it. */
        void discard(KernelPipe pipe) {
            pipe.close(state);
        }

        void close() {
            free.forEach(pipe -> pipe.close(state));
            free.clear();
        }
    }
}
