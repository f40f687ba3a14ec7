/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Waits by poll(2). */
final class PollWait implements DescriptorWait {

    private static final short POLLIN = 1;
    private static final short POLLOUT = 4;

    private final MemorySegment polled = Arena.ofAuto().allocate(UnixLayouts.POLLFD.byteSize() * 2, 8);

    @Override
    public int await(CallState state, int fd, boolean writes, int second) {
        long other = UnixLayouts.POLLFD.byteSize();
        polled.set(ValueLayout.JAVA_INT, 0, fd);
        polled.set(ValueLayout.JAVA_SHORT, UnixLayouts.POLL_EVENTS, writes ? POLLOUT : POLLIN);
        polled.set(ValueLayout.JAVA_SHORT, UnixLayouts.POLL_REVENTS, (short) 0);
        polled.set(ValueLayout.JAVA_INT, other, second);
        polled.set(ValueLayout.JAVA_SHORT, other + UnixLayouts.POLL_EVENTS, POLLIN);
        int ready = UnixCalls.poll(state, polled.address(), 2, -1);
        return ready < 0 ? ready : polled.get(ValueLayout.JAVA_SHORT, UnixLayouts.POLL_REVENTS);
    }
}
