/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.internal.kernel.CallerStream;
import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.unix.CallerPoll;
import io.panpipe.internal.unix.UnixChannel;
import io.panpipe.internal.unix.UnixSelector;
import io.panpipe.testbed.Patience;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Threads that wait for a descriptor themselves, in an order that they meet only by chance. */
@EnabledOnOs(OS.LINUX)
class CallerWaitTest {

    /** Notes what it is told, and does what a test has for it. */
    private static final class Told implements CallerStream.Listener {

        private int readable;
        private Runnable refused = () -> {};

        @Override
        public void readable() {
            readable++;
        }

        @Override
        public void writable() {}

        @Override
        public void unplaced(ByteBuffer rest) {
            refused.run();
        }
    }

    private LinuxSelector selector;
    private PipeChannel[] pair;
    private final Told told = new Told();

    @BeforeEach
    void open() throws KernelException {
        selector = LinuxSelector.open();
        pair = selector.pair();
    }

    @AfterEach
    void close() {
        pair[0].close();
        pair[1].close();
        selector.close();
    }

    private CallerStream callers(Channel channel) throws KernelException {
        CallerStream made = ((PipeChannel) channel).callers(told);
        assertNotNull(made);
        return made;
    }

    /** Be it that whoever woke it meant the thread that had the same descriptor to be woken by before. */
    @Test
    void aThreadThatWasWokenForNothingBlocksAgain() throws Exception {
        CallerStream reader = callers(pair[0]);
        assertTrue(reader.mayPark(true));
        reader.wake(true);
        assertEquals(CallerStream.WOKEN, reader.park(true, 0));
        long nanos = TimeUnit.MILLISECONDS.toNanos(20);
        long begin = System.nanoTime();
        assertEquals(CallerStream.WOKEN, reader.park(true, nanos));
        assertTrue(System.nanoTime() - begin >= nanos, "it did not block");
        reader.wake(true);
        assertEquals(CallerStream.WOKEN, reader.park(true, 0), "it can be woken again");
        reader.parked(true);
    }

    /** It is ready: the call that it tries next tells it that there is no stream any more. */
    @Test
    void aThreadWhoseDescriptorIsClosedBlocksNoMore() throws Exception {
        CallerStream reader = callers(pair[0]);
        assertTrue(reader.mayPark(true));
        pair[0].close();
        for (int i = 0; i < 3; i++) {
            assertEquals(CallerStream.READY, reader.park(true, TimeUnit.MILLISECONDS.toNanos(1)));
        }
        reader.parked(true);
        assertEquals(CallerStream.CLOSED, reader.read(new ByteBuffer[] {ByteBuffer.allocate(1)}, 0, 1));
    }

    /** A detach that is refused has done nothing: no call of another thread finds the stream closed in the meantime. */
    @Test
    void aDetachThatIsRefusedLetsOthersIn() throws Exception {
        CallerStream stream = callers(pair[0]);
        callers(pair[1]).write(new ByteBuffer[] {ByteBuffer.allocate(1)}, 0, 1);
        int[] found = {0};
        boolean[] over = {false};
        Thread other = Thread.ofPlatform().unstarted(() -> {
            try {
                boolean last = false;
                while (found[0] != CallerStream.CLOSED && !last) {
                    synchronized (over) {
                        last = over[0];
                    }
                    found[0] = stream.write(new ByteBuffer[] {ByteBuffer.allocate(1)}, 0, 1);
                }
            } catch (KernelException refused) {
                throw new AssertionError(refused);
            }
        });
        Fault[] fault = {null};
        // A reader that is in the middle of a call, for as long as this lasts.
        told.refused = () -> {
            other.start();
            fault[0] = assertThrows(KernelException.class, pair[0]::detach).fault();
        };
        ByteBuffer[] refusing = {ByteBuffer.allocate(1).asReadOnlyBuffer()};
        assertThrows(RuntimeException.class, () -> stream.read(refusing, 0, 1));
        synchronized (over) {
            over[0] = true;
        }
        other.join();
        assertEquals(Fault.EBUSY, fault[0]);
        assertFalse(found[0] == CallerStream.CLOSED, "closed, although nothing was detached");
    }

    /** A duplicate keeps what the epoll knows under the number, which comes back with the same file. */
    @Test
    void aNumberIsWatchedAgainThatIsKnownStill() throws Exception {
        CallerStream before = callers(pair[0]);
        before.watchRead(true);
        before.awaitWrite();
        long number = pair[0].descriptor();
        long copy = selector.duplicate(number);
        pair[0].close();
        long again = selector.duplicate(copy);
        selector.closeDescriptor(copy);
        if (again != number) {
            selector.closeDescriptor(again);
        }
        assumeTrue(again == number, "somebody else has opened something meanwhile");
        pair[0] = selector.adopt(number);
        told.readable = 0;
        CallerStream anew = callers(pair[0]);
        anew.watchRead(true);
        anew.awaitWrite();
        callers(pair[1]).write(new ByteBuffer[] {ByteBuffer.allocate(1)}, 0, 1);
        for (int events = selector.select(Patience.seconds(60).toNanos()); events > 0; events--) {
            selector.dispatch(events - 1);
        }
        assertEquals(1, told.readable, "told as the new registration");
    }

    /** A loop whose epoll is not told of a descriptor before a thread may close it. */
    private static final class Watched extends UnixSelector {

        private final CallerPoll poll = LinuxCallerPoll.open(state);
        private final List<String> files = new ArrayList<>();
        private Runnable leave = () -> {};

        Watched() {
            super(LinuxSystem.INSTANCE);
        }

        @Override
        protected CallerPoll callerPoll() {
            return poll;
        }

        @Override
        protected void watch(UnixChannel channel) {
            channel.watched(channel.wanted());
        }

        @Override
        protected void unwatch(UnixChannel channel) {
            if (channel.watched() != 0 && channel.isShared()) {
                leave.run();
                files.add(fileOf(channel.fd()));
            }
        }

        @Override
        protected void lost(UnixChannel channel) {}

        @Override
        public int select(long timeoutNanos) {
            return 0;
        }

        @Override
        public void dispatch(int index) {}

        @Override
        public void wakeup() {}

        @Override
        public void close() {
            ((LinuxCallerPoll) poll).close(state);
            super.close();
        }
    }

    private static String fileOf(long fd) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
        } catch (IOException gone) {
            return "nothing";
        }
    }

    /** Once its number is closed, epoll_ctl(2) cannot end the watching of a file that lives on in a duplicate. */
    @Test
    void theWatchingEndsBeforeAThreadMayCloseTheDescriptor() throws Exception {
        Watched watched = new Watched();
        PipeChannel[] ends = watched.pair();
        try {
            ends[0].interest(Channel.READ);
            CallerStream reader = callers(ends[0]);
            String file = fileOf(ends[0].descriptor());
            assertTrue(reader.mayPark(true));
            watched.leave = () -> reader.parked(true);
            ends[0].close();
            assertEquals(List.of(file), watched.files);
        } finally {
            ends[1].close();
            watched.close();
        }
    }
}
