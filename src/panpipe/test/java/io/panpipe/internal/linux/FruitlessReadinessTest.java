/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.Selector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Readiness that no operation makes use of is told some times, and then only when something has happened. */
@EnabledOnOs(OS.LINUX)
class FruitlessReadinessTest {

    private static final int TURNS = 1000;

    /** More than it takes to see that nothing comes of it. */
    private static final int SOME = 50;

    private Selector selector;
    private PipeChannel[] pair;
    private Region region;
    private int told;
    private boolean reads;
    private int got;

    @BeforeEach
    void open() throws KernelException {
        selector = new LinuxKernel().openSelector();
        pair = selector.pair();
        region = selector.allocate(100);
        pair[0].listener(operations -> {
            told++;
            try {
                if (reads && (operations & Channel.READ) != 0) {
                    got += Math.max(0, pair[0].read(region, 0, 1));
                }
            } catch (KernelException refused) {
                throw new AssertionError(refused);
            }
        });
    }

    @AfterEach
    void close() {
        pair[0].close();
        pair[1].close();
        selector.close();
    }

    private void turns(int count) throws KernelException {
        for (int i = 0; i < count; i++) {
            int events = selector.select(0);
            for (int j = 0; j < events; j++) {
                selector.dispatch(j);
            }
        }
    }

    private void send(int bytes) throws KernelException {
        Gather data = new Gather();
        data.add(region, 0, bytes);
        assertEquals(bytes, pair[1].write(data));
    }

    @Test
    void itIsToldSomeTimesOnly() throws KernelException {
        pair[0].interest(Channel.READ);
        send(3);
        turns(TURNS);
        assertTrue(told > 1 && told < SOME, () -> told + " times");
    }

    @Test
    void itIsToldAgainWhenMoreComes() throws KernelException {
        pair[0].interest(Channel.READ);
        send(3);
        turns(TURNS);
        for (int i = 0; i < 5; i++) {
            int before = told;
            send(1);
            turns(TURNS);
            assertTrue(told > before && told <= before + SOME, () -> told + " times after " + before);
        }
    }

    @Test
    void onceSomethingIsMadeOfItAllIsToldAgain() throws KernelException {
        pair[0].interest(Channel.READ);
        send(3);
        turns(TURNS);
        reads = true;
        send(100);
        turns(TURNS);
        assertEquals(103, got);
    }

    @Test
    void interestThatComesAndGoesIsNotForgotten() throws KernelException {
        pair[0].interest(Channel.READ);
        send(3);
        turns(TURNS);
        // What happens now is met without interest, which is back before the selector hears of it.
        send(1);
        int events = selector.select(0);
        pair[0].interest(0);
        for (int i = 0; i < events; i++) {
            selector.dispatch(i);
        }
        pair[0].interest(Channel.READ);
        reads = true;
        turns(TURNS);
        assertEquals(4, got);
    }

    @Test
    void interestThatComesAndGoesBesideAnotherIsNotForgotten() throws KernelException {
        pair[0].interest(Channel.READ | Channel.WRITE);
        turns(TURNS);
        send(1);
        int events = selector.select(0);
        pair[0].interest(Channel.WRITE);
        for (int i = 0; i < events; i++) {
            selector.dispatch(i);
        }
        pair[0].interest(Channel.READ | Channel.WRITE);
        reads = true;
        turns(TURNS);
        assertEquals(1, got);
    }

    @Test
    void whatIsWritableAndNotWrittenIsNotToldForEver() throws KernelException {
        pair[0].interest(Channel.WRITE);
        turns(TURNS);
        assertTrue(told > 1 && told < SOME, () -> told + " times");
        pair[0].interest(Channel.WRITE | Channel.READ);
        int before = told;
        send(1);
        turns(TURNS);
        assertTrue(told > before, "not told of what came");
    }
}
