/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.windows.WindowsKernel;
import io.panpipe.testbed.Patience;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Isolated;

/** The HANDLEs of loops: that the contract's count sees them all, and that none stays, of whatever kind. */
@Tag("windows")
@Isolated
@EnabledOnOs(OS.WINDOWS)
class WindowsHandlesTest {

    private static final Kernel KERNEL = new WindowsKernel();
    private static final int INSTANCES = 4;
    private static final long PATIENCE_NANOS = Patience.seconds(10).toNanos();

    private static String freshName() {
        return KERNEL.portableName("panpipe-test-" + UUID.randomUUID());
    }

    private static Map<String, Integer> kinds(Map<Long, String> handles) {
        Map<String, Integer> kinds = new TreeMap<>();
        handles.values().forEach(kind -> kinds.merge(kind, 1, Integer::sum));
        return kinds;
    }

    /** Returns how many handles of each kind there are more than before. */
    private static Map<String, Integer> more(Map<String, Integer> before, Map<String, Integer> after) {
        Map<String, Integer> more = new HashMap<>();
        after.forEach((kind, count) -> {
            int difference = count - before.getOrDefault(kind, 0);
            if (difference > 0) {
                more.put(kind, difference);
            }
        });
        return more;
    }

    /** Waits until pipes of processes that earlier tests have started are gone; the JDK closes them when it likes. */
    private static Map<Long, String> withoutPipes() {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        Map<Long, String> open = OpenHandles.ofLoops();
        while (open.containsValue("pipe") && System.nanoTime() < deadline) {
            System.gc();
            open = OpenHandles.ofLoops();
        }
        return open;
    }

    @Test
    void whatALoopOpensIsCountedAndClosed() throws Exception {
        Map<Long, String> before = withoutPipes();
        try (Loop loop = KernelAccess.loop(KERNEL)) {
            Pipe.pair(loop);
            Pipe server = new Pipe(loop);
            server.pendingInstances(INSTANCES);
            server.bind(freshName());
            server.listen((listener, error) -> {});
            assertEquals(
                    Map.of("IoCompletion", 1, "pipe", 2 + INSTANCES),
                    more(kinds(before), kinds(OpenHandles.ofLoops())));
        }
        assertEquals(before, OpenHandles.ofLoops());
    }

    @Test
    void loopsThatComeAndGoLeaveNoHandleOfAnyKind() throws Exception {
        for (int i = 0; i < 10; i++) {
            comeAndGo();
        }
        Map<String, Integer> before = kinds(OpenHandles.all());
        int rounds = 100;
        for (int i = 0; i < rounds; i++) {
            comeAndGo();
        }
        Map<String, Integer> more = more(before, kinds(OpenHandles.all()));
        // The JVM's own events, threads and files come and go; one left by each round would stand out.
        assertTrue(more.values().stream().allMatch(count -> count < rounds / 2), more::toString);
    }

    /** Accepts a client, has its end adopted anew and so driven by an event, exchanges a word, and ends in the middle. */
    private static void comeAndGo() throws Exception {
        StringBuilder received = new StringBuilder();
        try (Loop loop = KernelAccess.loop(KERNEL)) {
            String name = freshName();
            Pipe server = new Pipe(loop);
            server.bind(name);
            server.listen((listener, error) -> {
                Pipe connection = new Pipe(loop);
                listener.accept(connection);
                Pipe adopted = new Pipe(loop);
                adopted.open(connection.detach());
                adopted.peerCredentials();
                adopted.startRead((pipe, data, end) -> {
                    received.append(StandardCharsets.UTF_8.decode(data));
                    loop.stop();
                });
            });
            new Pipe(loop).connect(name, (client, error) -> client.write("word".getBytes(StandardCharsets.UTF_8)));
            loop.run();
        }
        assertEquals("word", received.toString());
    }
}
