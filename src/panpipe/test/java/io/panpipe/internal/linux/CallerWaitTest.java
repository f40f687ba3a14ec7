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

import io.panpipe.internal.kernel.CallerStream;
import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import java.nio.ByteBuffer;
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

        private Runnable refused = () -> {};

        @Override
        public void readable() {}

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
        assertEquals(CallerStream.READY, reader.park(true, true, 0));
        reader.wake(true);
        assertEquals(CallerStream.WOKEN, reader.park(true, false, 0));
        long nanos = TimeUnit.MILLISECONDS.toNanos(20);
        long begin = System.nanoTime();
        assertEquals(CallerStream.WOKEN, reader.park(true, false, nanos));
        assertTrue(System.nanoTime() - begin >= nanos, "it did not block");
        reader.wake(true);
        assertEquals(CallerStream.WOKEN, reader.park(true, false, 0), "it can be woken again");
        reader.parked(true);
    }

    /** It is ready: the call that it tries next tells it that there is no stream any more. */
    @Test
    void aThreadWhoseDescriptorIsClosedBlocksNoMore() throws Exception {
        CallerStream reader = callers(pair[0]);
        assertEquals(CallerStream.READY, reader.park(true, true, 0));
        pair[0].close();
        for (int i = 0; i < 3; i++) {
            assertEquals(CallerStream.READY, reader.park(true, false, TimeUnit.MILLISECONDS.toNanos(1)));
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
}
