/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.LoopMemory;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.Selector;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Messages that carry descriptors beside their bytes (SCM_RIGHTS, unix(7)): the structures for sending and receiving
 * them, laid out once per loop.
 *
 * <p>The control buffer has room for as many descriptors as one message can carry, so that none is lost for want of room
 * in it.
 */
final class HandleMessages {

    private static final int SCM_RIGHTS = 1;
    private static final int MSG_CTRUNC = 8;
    private static final long DATA = UnixLayouts.CMSGHDR.byteSize();
    private static final int ALIGNMENT = 8;

    /** Room for control data that came unasked: credentials, where somebody has set SO_PASSCRED on the socket. */
    private static final long OTHERS = 128;

    private final UnixSelector selector;
    private final MemorySegment message;
    private final MemorySegment vector;
    private final MemorySegment control;

    HandleMessages(UnixSelector selector, LoopMemory memory) {
        this.selector = selector;
        message = memory.allocate(UnixLayouts.MSGHDR.byteSize());
        vector = memory.allocate(UnixLayouts.IOVEC.byteSize());
        control = memory.allocate(align(DATA + 4L * Selector.MOST_HANDLES) + OTHERS);
        message.set(ValueLayout.JAVA_LONG, UnixLayouts.MSG_CONTROL, control.address());
    }

    private static long align(long bytes) {
        return bytes + ALIGNMENT - 1 & -ALIGNMENT;
    }

    /** Sends bytes with descriptors; bytes sent or the negated errno. */
    int send(int fd, Gather data, long[] descriptors, int count) {
        message.set(ValueLayout.JAVA_LONG, UnixLayouts.MSG_IOV, selector.scratch.vectors(data));
        message.set(ValueLayout.JAVA_LONG, UnixLayouts.MSG_IOVLEN, data.count());
        long length = DATA + 4L * count;
        message.set(ValueLayout.JAVA_LONG, UnixLayouts.MSG_CONTROLLEN, align(length));
        control.set(ValueLayout.JAVA_LONG, 0, length);
        control.set(ValueLayout.JAVA_INT, UnixLayouts.CMSG_LEVEL, selector.system.numbers().solSocket());
        control.set(ValueLayout.JAVA_INT, UnixLayouts.CMSG_TYPE, SCM_RIGHTS);
        for (int i = 0; i < count; i++) {
            control.set(ValueLayout.JAVA_INT, DATA + 4L * i, (int) descriptors[i]);
        }
        UnixSystem.Numbers numbers = selector.system.numbers();
        return UnixCalls.sendmsg(
                selector.state, fd, message.address(), numbers.msgDontwait() | numbers.msgNosignal());
    }

    /** Receives bytes and the descriptors that come with them; bytes received or the negated errno. */
    int receive(int fd, Region into, int offset, int length, HandleInbox inbox) {
        inbox.clear();
        vector.set(ValueLayout.JAVA_LONG, UnixLayouts.IOV_BASE, into.address() + offset);
        vector.set(ValueLayout.JAVA_LONG, UnixLayouts.IOV_LEN, length);
        message.set(ValueLayout.JAVA_LONG, UnixLayouts.MSG_IOV, vector.address());
        message.set(ValueLayout.JAVA_LONG, UnixLayouts.MSG_IOVLEN, 1);
        message.set(ValueLayout.JAVA_LONG, UnixLayouts.MSG_CONTROLLEN, control.byteSize());
        int result = UnixCalls.recvmsg(selector.state, fd, message.address(), selector.system.receiveFlags());
        if (result >= 0) {
            collect(message, control, selector.system.numbers().solSocket(), inbox);
        }
        return result;
    }

    /**
     * Takes the control data of a received message apart.
     *
     * @param message the struct msghdr, as recvmsg(2) has left it
     * @param control where its control data is
     * @param socketLevel SOL_SOCKET of this system
     */
    static void collect(MemorySegment message, MemorySegment control, int socketLevel, HandleInbox inbox) {
        long received = Math.min(message.get(ValueLayout.JAVA_LONG, UnixLayouts.MSG_CONTROLLEN), control.byteSize());
        for (long at = 0; at + DATA <= received; ) {
            long length = control.get(ValueLayout.JAVA_LONG, at);
            // Behind the end is what an earlier message has left there.
            if (length < DATA || length > received - at) {
                break;
            }
            boolean rights = control.get(ValueLayout.JAVA_INT, at + UnixLayouts.CMSG_TYPE) == SCM_RIGHTS
                    && control.get(ValueLayout.JAVA_INT, at + UnixLayouts.CMSG_LEVEL) == socketLevel;
            for (long item = at + DATA; rights && item + 4 <= at + length; item += 4) {
                inbox.add(control.get(ValueLayout.JAVA_INT, item));
            }
            at += align(length);
        }
        // Linux truncates where the process has no descriptor left (EMFILE), and tells it by this flag alone.
        if ((message.get(ValueLayout.JAVA_INT, UnixLayouts.MSG_FLAGS) & MSG_CTRUNC) != 0) {
            inbox.markTruncated();
        }
    }
}
