/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.stream.CallerIo;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** A thread that the system does not let wait, or wakes for nothing. */
class ReadinessTest {

    /** A system that answers a wait as a test says. */
    private static final class Answering extends CallerIo {

        private final int[] answers;
        private int waits;
        private int left;
        private int woken;
        private Runnable meanwhile = () -> {};

        Answering(int... answers) {
            this.answers = answers;
        }

        @Override
        public boolean mayPark(boolean input) {
            return true;
        }

        @Override
        public int park(boolean input, long nanos) {
            if (waits == answers.length) {
                throw new AssertionError("asked once more");
            }
            meanwhile.run();
            return answers[waits++];
        }

        @Override
        public void parked(boolean input) {
            left++;
        }

        @Override
        public void wake(boolean input) {
            woken++;
        }

        @Override
        public int read(ByteBuffer[] targets, int from, int end) {
            return CLOSED;
        }

        @Override
        public int write(ByteBuffer[] sources, int from, int end) {
            return CLOSED;
        }

        @Override
        public int available() {
            return 0;
        }

        @Override
        public void watchRead(boolean on) {}

        @Override
        public void awaitWrite() {}

        @Override
        public void loopMayRead(boolean may) {}

        @Override
        public void end() {}
    }

    private final Readiness ready = new Readiness(null, true);

    private boolean block(Answering system) throws Exception {
        ready.start(system);
        boolean waited = ready.block(system, "read", 0, Operation.FOREVER, 0);
        assertEquals(system.answers.length, system.waits);
        assertEquals(1, system.left);
        return waited;
    }

    /** Such as poll(2) with ENOMEM: it would refuse the next wait as well, and at once. */
    @Test
    void aWaitThatTheSystemRefusesIsTheLoops() throws Exception {
        assertFalse(block(new Answering(CallerIo.UNABLE)));
        assertFalse(block(new Answering(CallerIo.WOKEN, CallerIo.UNABLE)));
        assertTrue(block(new Answering(CallerIo.READY)), "the next one may be possible");
    }

    /** What the loop tells may have been meant for the wait before, by when the thread blocks for the next one. */
    @Test
    void aThreadThatBlocksIsWokenByWhatTheLoopTells() throws Exception {
        Answering system = new Answering(CallerIo.WOKEN);
        system.meanwhile = () -> assertTrue(ready.told());
        assertTrue(block(system));
        assertEquals(1, system.woken);
        assertFalse(ready.told(), "nobody waits");
        assertEquals(1, system.woken);
    }

    @Test
    void aThreadThatIsWokenForNothingWaitsOn() throws Exception {
        assertTrue(block(new Answering(CallerIo.WOKEN, CallerIo.WOKEN, CallerIo.READY)));
    }

    /** What stops a wait may come just before it: nothing else would end it. */
    @Test
    void aWaitThatWasStoppedBeforeDoesNotBegin() throws Exception {
        Answering system = new Answering();
        ready.start(system);
        ready.stop();
        assertTrue(block(system));
        assertTrue(block(new Answering()), "and none after it");
    }
}
