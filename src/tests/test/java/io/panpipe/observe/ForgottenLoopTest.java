/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.LoopOptions;
import io.panpipe.Pipe;
import io.panpipe.contract.SimulatedKernelUnderTest;
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.testbed.Patience;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A loop that nobody has closed and nobody can close any more is told of. */
@Tag("simulated")
class ForgottenLoopTest {

    private static final Logger LOGGER = Logger.getLogger("io.panpipe");

    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Handler listener = new Handler() {
        @Override
        public void publish(LogRecord line) {
            if (line.getMessage().startsWith("a loop")) {
                lines.add(line.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOGGER.addHandler(listener);
    }

    @AfterEach
    void leave() {
        LOGGER.removeHandler(listener);
    }

    /** Something that looks like a system, and of which nothing is lost when it is forgotten. */
    private static Kernel kernel() {
        Kernel simulated = SimulatedKernelUnderTest.quiet().kernel();
        return (Kernel) Proxy.newProxyInstance(
                Kernel.class.getClassLoader(), new Class<?>[] {Kernel.class}, (proxy, method, arguments) -> {
                    try {
                        return method.getName().equals("blocksThread") ? true : method.invoke(simulated, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }

    private static void makeAndForget(LoopOptions options) throws Exception {
        Loop forgotten = KernelAccess.loop(kernel(), options);
        Pipe.pair(forgotten);
        new Pipe(forgotten).close();
        forgotten.run();
    }

    /** Collects until something is told. */
    private String told() throws InterruptedException {
        long deadline = System.nanoTime() + Patience.seconds(60).toNanos();
        String line = null;
        while (line == null && System.nanoTime() < deadline) {
            System.gc();
            line = lines.poll(10, TimeUnit.MILLISECONDS);
        }
        assertNotNull(line, "nothing was told");
        return line;
    }

    @Test
    void aForgottenLoopIsToldOfWithItsHandles() throws Exception {
        makeAndForget(LoopOptions.defaults());
        String line = told();
        assertTrue(line.contains("was never closed"), line);
        assertTrue(line.contains("those of 2 handles"), line);
        assertTrue(line.contains("creationSites"), line);
    }

    @Test
    void whereTheyWereMadeIsToldWhereThatWasAskedFor() throws Exception {
        makeAndForget(LoopOptions.defaults().creationSites(true));
        String line = told();
        assertEquals(3, line.split("makeAndForget", -1).length - 1, line);
        assertTrue(line.contains("  Pipe\n      made at "), line);
    }

    @Test
    void aLoopThatWasClosedIsNot() throws Exception {
        KernelAccess.loop(kernel()).close();
        makeAndForget(LoopOptions.defaults());
        assertTrue(told().contains("those of 2 handles"));
        assertFalse(lines.stream().anyMatch(line -> line.contains("those of 0 handles")), lines::toString);
    }
}
