/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads that keep nothing of the one that needed them first. */
class InternalThreadsTest {

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingIsInherited(boolean madeByAVirtualThread) throws Exception {
        InheritableThreadLocal<Object> tenant = new InheritableThreadLocal<>();
        AtomicReference<Object> seen = new AtomicReference<>();
        AtomicReference<Thread> made = new AtomicReference<>();
        Runnable maker = () -> {
            tenant.set("secret");
            Thread.currentThread().setPriority(Thread.MIN_PRIORITY);
            Thread.currentThread().setContextClassLoader(new ClassLoader(null) {});
            made.set(InternalThreads.daemon("panpipe-test", () -> seen.set(tenant.get())));
        };
        Thread user = madeByAVirtualThread
                ? Thread.ofVirtual().start(maker)
                : Thread.ofPlatform().group(new ThreadGroup("tenant")).start(maker);
        user.join();
        Thread thread = made.get();
        assertEquals("panpipe-test", thread.getName());
        assertTrue(thread.isDaemon());
        assertEquals(Thread.NORM_PRIORITY, thread.getPriority());
        assertSame(ClassLoader.getSystemClassLoader(), thread.getContextClassLoader());
        assertNull(thread.getThreadGroup().getParent(), "the outermost group");
        thread.start();
        thread.join();
        assertNull(seen.get());
    }
}
