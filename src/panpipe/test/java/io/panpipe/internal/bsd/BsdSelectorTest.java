/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.bsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.NativeFunctions;
import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.kernel.UdpChannel;
import io.panpipe.internal.unix.UnixCalls;
import io.panpipe.testbed.DarwinDouble;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * What the selector of kqueue makes of what the system says at a moment that a program meets only by chance: on macOS, or on the
 * double of its C library, which also refuses what a test wants refused.
 */
@EnabledIf("io.panpipe.testbed.DarwinDouble#isThere")
@Isolated
class BsdSelectorTest {

    private static final String DOUBLED = "io.panpipe.testbed.DarwinDouble#isDoubled";

    private static final long A_WHILE = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int F_DUPFD = 0;
    private static final int EVFILT_READ = -1;
    private static final int EVFILT_WRITE = -2;
    private static final int A_SEND = 0;
    private static final int ENOMEM = 12;
    private static final int EPIPE = 32;
    private static final int EPROTOTYPE = 41;
    private static final int ENOBUFS = 55;

    /** The most that PassedSockets holds at once, for all channels of a loop. */
    private static final int MOST_HELD = 1024;

    /** The double's own function, which says what is refused next. */
    private static final class Refusals {
        static final MethodHandle REFUSE = NativeFunctions.C.six("double_refuse");
    }

    /** Counts what it is told. */
    private static class Told implements ChannelListener {
        int times;
        int operations;

        @Override
        public void ready(int ready) {
            times++;
            operations |= ready;
        }
    }

    private final List<Channel> opened = new ArrayList<>();
    private CallState state;
    private BsdSelector selector;

    @BeforeEach
    void open() throws KernelException {
        DarwinDouble.prepare();
        state = new CallState();
        selector = BsdSelector.open(MacSystem.INSTANCE);
    }

    @AfterEach
    void close() {
        opened.forEach(Channel::close);
        selector.close();
    }

    private PipeChannel[] pair() throws KernelException {
        PipeChannel[] pair = selector.pair();
        opened.addAll(List.of(pair));
        return pair;
    }

    private static Told watch(Channel channel) throws KernelException {
        Told told = new Told();
        channel.listener(told);
        channel.interest(Channel.READ);
        return told;
    }

    /** Dispatches what is ready now; returns how many events that was. */
    private int turn() throws KernelException {
        return turn(0);
    }

    private int turn(long timeout) throws KernelException {
        int events = selector.select(timeout);
        for (int i = 0; i < events; i++) {
            selector.dispatch(i);
        }
        return events;
    }

    private Gather oneByte() {
        Gather data = new Gather();
        data.add(selector.allocate(1), 0, 1);
        return data;
    }

    private void write(PipeChannel by) throws KernelException {
        assertEquals(1, by.write(oneByte()));
    }

    private void refuse(Channel channel, int kind, int number) {
        UnixCalls.call(Refusals.REFUSE, state, channel.descriptor(), kind, number, 0);
    }

    // Wake-ups and waits.

    @Test
    void aWakeUpEndsOneWait() throws KernelException {
        selector.wakeup();
        assertEquals(0, selector.select(Selector.FOREVER));
        long begin = System.nanoTime();
        assertEquals(0, selector.select(A_WHILE));
        assertTrue(System.nanoTime() - begin >= A_WHILE, "it did not wait any more");
    }

    @Test
    void wakeUpsBeforeAWaitAreOne() throws KernelException {
        selector.wakeup();
        selector.wakeup();
        assertEquals(0, selector.select(Selector.FOREVER));
        long begin = System.nanoTime();
        assertEquals(0, selector.select(A_WHILE));
        assertTrue(System.nanoTime() - begin >= A_WHILE, "it did not wait any more");
    }

    @Test
    void aWakeUpBesideEventsIsNoneOfThem() throws KernelException {
        PipeChannel[] pair = pair();
        Told told = watch(pair[0]);
        selector.wakeup();
        write(pair[1]);
        assertEquals(1, turn());
        assertEquals(1, told.times);
    }

    @Test
    void aWakeUpBehindTheCloseHarmsNobody() throws KernelException {
        BsdSelector other = BsdSelector.open(MacSystem.INSTANCE);
        other.close();
        // It has the number of the kqueue that was closed, or a lower one.
        pair();
        other.wakeup();
        assertEquals(0, turn());
    }

    /** The system takes no more than three years or so. */
    @Test
    void aWaitMayBeOfAnyLength() throws KernelException {
        selector.wakeup();
        assertEquals(0, selector.select(Long.MAX_VALUE));
    }

    // Events and registrations.

    @Test
    void anEventOfAClosedChannelIsNotToldToTheNextOneWithItsNumber() throws KernelException {
        PipeChannel[] one = pair();
        PipeChannel[] other = pair();
        Told next = new Told();
        // Whichever is told first: the other one's event is in the same batch.
        for (PipeChannel[] each : List.of(one, other)) {
            each[0].listener(ready -> replace(each == one ? other[0] : one[0], next));
            each[0].interest(Channel.READ);
        }
        write(one[1]);
        write(other[1]);
        assertEquals(2, turn());
        assertEquals(0, next.times, "told of what the closed one could read");
    }

    /** Closes a channel, and has the next one with its number tell what it is told. */
    private void replace(PipeChannel gone, Told next) {
        long number = gone.descriptor();
        gone.close();
        try {
            for (int tries = 0; tries < 100; tries++) {
                for (PipeChannel fresh : pair()) {
                    if (fresh.descriptor() == number) {
                        fresh.listener(next);
                        fresh.interest(Channel.READ);
                        return;
                    }
                }
            }
        } catch (KernelException failed) {
            throw new AssertionError(failed);
        }
        throw new AssertionError("no channel gets the number " + number);
    }

    /** Closing a number ends its notes, though its file lives on in a duplicate; to end them again is ENOENT. */
    @Test
    void aNoteThatHasEndedByItselfIsEnded() throws KernelException {
        PipeChannel[] pair = pair();
        Told told = watch(pair[0]);
        assertEquals(0, turn());
        int number = (int) pair[0].descriptor();
        int copy = MacSystem.INSTANCE.duplicate(state, number);
        UnixCalls.close(state, number);
        assertEquals(number, UnixCalls.fcntl(state, copy, F_DUPFD, number));
        UnixCalls.close(state, copy);
        pair[0].interest(0);
        assertEquals(0, turn());
        assertEquals(number, pair[0].descriptor(), "given up for a note that is not there");
        pair[0].interest(Channel.READ);
        write(pair[1]);
        assertEquals(1, turn());
        assertEquals(1, told.times);
    }

    /** More than one call has room for, so that what does not fit is told before. */
    @Test
    @EnabledIf(DOUBLED)
    void moreChangesThanACallTakesAreAllTold() throws KernelException {
        List<PipeChannel> all = new ArrayList<>();
        List<Told> told = new ArrayList<>();
        for (int i = 0; i < 520; i++) {
            all.addAll(List.of(pair()));
        }
        for (PipeChannel each : all) {
            told.add(watch(each));
        }
        assertEquals(0, turn());
        PipeChannel refused = all.get(7);
        refuse(refused, EVFILT_WRITE, ENOMEM);
        for (PipeChannel each : all) {
            each.interest(Channel.READ | Channel.WRITE);
        }
        // All can be written at once, and what a turn has no room for comes in the next.
        for (int turns = 0; turns < 100 && told.stream().anyMatch(each -> each.times == 0); turns++) {
            turn();
        }
        assertTrue(told.stream().allMatch(each -> each.times > 0), "a change was not made, and its channel not told");
        assertEquals(-1, refused.descriptor());
        for (PipeChannel each : all) {
            each.interest(0);
        }
        turn();
        assertEquals(0, turn(), "nobody is interested any more");
    }

    // Refusals.

    @Test
    @EnabledIf(DOUBLED)
    void ofAFirstInterestThatIsRefusedInPartNothingStays() throws KernelException {
        PipeChannel[] pair = pair();
        Told told = new Told();
        pair[0].listener(told);
        refuse(pair[0], EVFILT_WRITE, ENOMEM);
        KernelException refused =
                assertThrows(KernelException.class, () -> pair[0].interest(Channel.READ | Channel.WRITE));
        assertEquals(Fault.ENOMEM, refused.fault());
        write(pair[1]);
        assertEquals(0, turn(), "the note that was taken is there");
        pair[0].interest(Channel.READ | Channel.WRITE);
        turn();
        assertEquals(Channel.READ | Channel.WRITE, told.operations);
    }

    @Test
    @EnabledIf(DOUBLED)
    void aChannelWhoseChangeIsRefusedIsToldOfIt() throws KernelException {
        PipeChannel[] pair = pair();
        Told told = watch(pair[0]);
        assertEquals(0, turn());
        refuse(pair[0], EVFILT_WRITE, ENOMEM);
        pair[0].interest(Channel.READ | Channel.WRITE);
        assertEquals(1, turn());
        assertEquals(1, told.times);
        assertEquals(-1, pair[0].descriptor());
        assertEquals(Fault.EBADF, assertThrows(KernelException.class, () -> pair[0].write(oneByte())).fault());
    }

    /** Of a pipe whose other end has gone, old systems say EPIPE, and watch it all the same. */
    @Test
    @EnabledIf(DOUBLED)
    void anEpipeOfANoteMeansNothing() throws KernelException {
        PipeChannel[] pair = pair();
        Told told = new Told();
        pair[0].listener(told);
        refuse(pair[0], EVFILT_READ, EPIPE);
        pair[0].interest(Channel.READ);
        write(pair[1]);
        assertEquals(1, turn());
        refuse(pair[0], EVFILT_WRITE, EPIPE);
        pair[0].interest(Channel.READ | Channel.WRITE);
        turn();
        assertEquals(Channel.READ | Channel.WRITE, told.operations);
    }

    /** So write answers now and then while a connection is being torn down. */
    @Test
    @EnabledIf(DOUBLED)
    void anEprototypeOfASendIsAReset() throws KernelException {
        PipeChannel[] pair = pair();
        refuse(pair[0], A_SEND, EPROTOTYPE);
        assertEquals(Fault.ECONNRESET, assertThrows(KernelException.class, () -> pair[0].write(oneByte())).fault());
    }

    @Test
    @EnabledIf(DOUBLED)
    void handlesForWhichThereIsNoBufferAreTriedAgain() throws KernelException {
        PipeChannel[] pair = pair();
        long[] handles = {pair[1].descriptor()};
        refuse(pair[0], A_SEND, ENOBUFS);
        assertEquals(Channel.WOULD_BLOCK, pair[0].writeWithHandles(oneByte(), handles, 1));
        assertEquals(1, pair[0].writeWithHandles(oneByte(), handles, 1));
    }

    // What is passed.

    /** A receiver that does not read takes no more of the sender's descriptors. */
    @Test
    @EnabledIf(DOUBLED)
    void noMoreThanSoManySocketsAreHeld() throws Exception {
        PipeChannel[] pair = pair();
        int each = 250;
        int messages = MOST_HELD / each + 1;
        List<PipeChannel> passed = new ArrayList<>();
        while (passed.size() < messages * each) {
            passed.addAll(List.of(pair()));
        }
        long[] handles = passed.stream().mapToLong(Channel::descriptor).toArray();
        int before = sockets();
        for (int i = 0; i < messages; i++) {
            long[] some = Arrays.copyOfRange(handles, i * each, (i + 1) * each);
            assertEquals(1, pair[0].writeWithHandles(oneByte(), some, each));
            assertEquals(before + Math.min(MOST_HELD, each * (i + 1)), sockets());
        }
        // What is held already is held on, for a later message.
        assertEquals(1, pair[0].writeWithHandles(oneByte(), handles, each));
        assertEquals(before + MOST_HELD, sockets());
        pair[1].close();
        pair[0].close();
        assertEquals(before - 2, sockets());
    }

    private static int sockets() throws IOException {
        int sockets = 0;
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            for (Path each : open.toList()) {
                sockets += Files.exists(each, LinkOption.NOFOLLOW_LINKS)
                        && Files.readSymbolicLink(each).toString().startsWith("socket:") ? 1 : 0;
            }
        }
        return sockets;
    }

    // Datagrams.

    /** MSG_TRUNC asks for nothing there, and only the message's flags tell. */
    @Test
    void aDatagramThatIsLongerThanItsRoomSaysSo() throws Exception {
        UdpChannel receiver = selector.newUdp();
        UdpChannel sender = selector.newUdp();
        opened.addAll(List.of(receiver, sender));
        receiver.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), 0);
        Told told = watch(receiver);
        Region room = selector.allocate(3);
        for (int length : new int[] {3, 10, 2}) {
            assertEquals(length, sender.send(ByteBuffer.allocate(length), 0, length, receiver.localAddress()));
            int before = told.times;
            while (told.times == before) {
                turn(Selector.FOREVER);
            }
            UdpChannel.Arrival arrival = new UdpChannel.Arrival();
            assertEquals(Math.min(3, length), receiver.receive(room, 0, 3, arrival));
            assertEquals(length > 3, arrival.isTruncated(), length + " bytes");
            assertEquals(sender.localAddress().getPort(), arrival.sender().getPort());
        }
        assertFalse(turn() > 0, "nothing is left of what was cut");
    }
}
