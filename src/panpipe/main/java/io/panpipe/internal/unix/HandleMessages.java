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
    private static final int NO_TYPE = -1;

    /**
     * Room for control data that comes unasked, before the handles, where another holder of the socket has set SO_PASSCRED,
     * SO_PASSPIDFD or SO_PASSSEC: credentials, a pidfd, and a label, which may be long. What finds no room takes the handles
     * with it.
     */
    private static final long OTHERS = 4096;

    private final UnixSelector selector;
    private final SocketLayouts layouts;
    private final MemorySegment message;
    private final MemorySegment vector;
    private final MemorySegment control;
    private final HandleInbox unasked = new HandleInbox();

    HandleMessages(UnixSelector selector, LoopMemory memory) {
        this.selector = selector;
        layouts = selector.system.layouts();
        message = memory.allocate(layouts.msgSize());
        vector = memory.allocate(UnixLayouts.IOVEC.byteSize());
        control = memory.allocate(layouts.align(layouts.cmsgData() + 4L * Selector.MOST_HANDLES) + OTHERS);
        message.set(ValueLayout.JAVA_LONG, layouts.msgControl(), control.address());
    }

    /** Sends bytes with descriptors; bytes sent or the negated errno. */
    int send(int fd, Gather data, long[] descriptors, int count) {
        message.set(ValueLayout.JAVA_LONG, layouts.msgIov(), selector.scratch.vectors(data));
        layouts.count(message, layouts.msgIovlen(), data.count());
        return send(fd, descriptors, count);
    }

    /** Sends at most so many bytes of the first piece, with descriptors; bytes sent or the negated errno. */
    int sendSome(int fd, Gather data, int most, long[] descriptors, int count) {
        vector.set(ValueLayout.JAVA_LONG, UnixLayouts.IOV_BASE, Scratch.addressOf(data, 0));
        vector.set(ValueLayout.JAVA_LONG, UnixLayouts.IOV_LEN, Math.min(most, data.length(0)));
        message.set(ValueLayout.JAVA_LONG, layouts.msgIov(), vector.address());
        layouts.count(message, layouts.msgIovlen(), 1);
        return send(fd, descriptors, count);
    }

    /** Returns the length of the control message with so many descriptors, without what is added to align the next one. */
    long controlBytes(int count) {
        return layouts.cmsgData() + 4L * count;
    }

    private int send(int fd, long[] descriptors, int count) {
        UnixSystem system = selector.system;
        long length = controlBytes(count);
        layouts.count(message, layouts.msgControllen(), layouts.align(length));
        layouts.count(control, 0, length);
        control.set(ValueLayout.JAVA_INT, layouts.cmsgLevel(), system.numbers().solSocket());
        control.set(ValueLayout.JAVA_INT, layouts.cmsgType(), SCM_RIGHTS);
        for (int i = 0; i < count; i++) {
            control.set(ValueLayout.JAVA_INT, layouts.cmsgData() + 4L * i, (int) descriptors[i]);
        }
        UnixSystem.Numbers numbers = system.numbers();
        int result = UnixCalls.sendmsg(
                selector.state, fd, message.address(), numbers.msgDontwait() | numbers.msgNosignal());
        return result >= 0 ? result : system.refusedHandles(selector.state, selector.scratch, fd, length, result);
    }

    /** Receives bytes and the descriptors that come with them; bytes received or the negated errno. */
    int receive(int fd, Region into, int offset, int length, HandleInbox inbox) {
        inbox.clear();
        vector.set(ValueLayout.JAVA_LONG, UnixLayouts.IOV_BASE, into.address() + offset);
        vector.set(ValueLayout.JAVA_LONG, UnixLayouts.IOV_LEN, length);
        message.set(ValueLayout.JAVA_LONG, layouts.msgIov(), vector.address());
        layouts.count(message, layouts.msgIovlen(), 1);
        UnixSystem system = selector.system;
        int result = receive(fd);
        boolean lost = result < 0 && system.hasLostDescriptors(system.fault(-result));
        if (lost) {
            result = receive(fd);
        }
        if (result >= 0) {
            unasked.clear();
            collect(system, message, control, inbox, unasked);
            for (int i = 0; i < unasked.count(); i++) {
                UnixCalls.close(selector.state, (int) unasked.descriptor(i));
            }
            for (int i = 0; system.receivesInheritable() && i < inbox.count(); i++) {
                system.keepFromChildren(selector.state, (int) inbox.descriptor(i));
            }
        }
        if (lost) {
            inbox.markTruncated();
        }
        return result;
    }

    private int receive(int fd) {
        layouts.count(message, layouts.msgControllen(), control.byteSize());
        return UnixCalls.recvmsg(selector.state, fd, message.address(), selector.system.receiveFlags());
    }

    /**
     * Takes the control data of a received message apart.
     *
     * @param system whose numbers and layouts they are
     * @param message the struct msghdr, as recvmsg(2) has left it
     * @param control where its control data is
     * @param inbox takes the descriptors that were sent
     * @param unasked takes those that nobody has sent, which are open in this process all the same
     */
    static void collect(
            UnixSystem system, MemorySegment message, MemorySegment control, HandleInbox inbox, HandleInbox unasked) {
        SocketLayouts layouts = system.layouts();
        int socketLevel = system.numbers().solSocket();
        int pidfds = system.scmPidfd();
        long data = layouts.cmsgData();
        long received = Math.min(layouts.count(message, layouts.msgControllen()), control.byteSize());
        for (long at = 0; at + data <= received; ) {
            long length = layouts.count(control, at);
            // Behind the end is what an earlier message has left there.
            if (length < data || length > received - at) {
                break;
            }
            int type = control.get(ValueLayout.JAVA_INT, at + layouts.cmsgLevel()) == socketLevel
                    ? control.get(ValueLayout.JAVA_INT, at + layouts.cmsgType())
                    : NO_TYPE;
            HandleInbox taker = type == SCM_RIGHTS ? inbox : type == pidfds ? unasked : null;
            for (long item = at + data; taker != null && item + 4 <= at + length; item += 4) {
                taker.add(control.get(ValueLayout.JAVA_INT, item));
            }
            at += layouts.align(length);
        }
        // Linux truncates where the process has no descriptor left (EMFILE), and tells it by this flag alone.
        if ((message.get(ValueLayout.JAVA_INT, layouts.msgFlags()) & system.numbers().msgCtrunc()) != 0) {
            inbox.markTruncated();
        }
    }
}
