/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.Selector;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simulated")
class TaskQueueTest {

    private final List<String> calls = new ArrayList<>();
    private final TaskQueue tasks = new TaskQueue((Selector) Proxy.newProxyInstance(
            Selector.class.getClassLoader(), new Class<?>[] {Selector.class}, (proxy, method, arguments) -> {
                calls.add(method.getName());
                return null;
            }));

    private void addMany() {
        for (int i = 0; i < 100; i++) {
            tasks.add(() -> {});
        }
    }

    @Test
    void aLoopThatIsAwakeIsNotWoken() {
        addMany();
        tasks.wake();
        assertEquals(List.of(), calls);
        assertFalse(tasks.sleep(), "there is something to do");
        addMany();
        assertEquals(List.of(), calls);
    }

    @Test
    void aLoopThatSleepsIsWokenOnce() {
        assertTrue(tasks.sleep());
        addMany();
        tasks.wake();
        addMany();
        assertEquals(List.of("wakeup"), calls);
        tasks.awake();
        addMany();
        assertEquals(List.of("wakeup"), calls);
    }

    @Test
    void aStopKeepsTheLoopFromFallingAsleepOnce() {
        tasks.wake();
        assertTrue(tasks.hasNews());
        assertFalse(tasks.sleep());
        tasks.awake();
        assertTrue(tasks.sleep());
        assertEquals(List.of(), calls);
        tasks.wake();
        assertEquals(List.of("wakeup"), calls);
    }
}
