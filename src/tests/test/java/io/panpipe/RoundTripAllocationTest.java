/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.testbed.ChildProcess;
import io.panpipe.testbed.QuickJvm;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A round trip allocates nothing once its code is compiled. That hangs on how deep the compiler brings calls into one method:
 * with a few frames more between a callback and a system call, each call leaves an object of the JDK's linker to the heap.
 */
@Tag("slow")
@EnabledOnOs(OS.LINUX)
class RoundTripAllocationTest {

    /** What counting itself, and a compiler that is at work still, may take. */
    private static final double NOTHING = 1;

    /**
     * Two ends in one loop.
     *
     * @param tripsOfARun how many round trips each call of run has: the compiler makes another whole of few than of many
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 1000, 200_000})
    void aCompiledRoundTripAllocatesNothing(int tripsOfARun) throws Exception {
        List<String> command = List.of(QuickJvm.java(), "-Xmx256m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED",
                "-cp", QuickJvm.jar().toString(), Pair.class.getName(), Integer.toString(tripsOfARun));
        try (ChildProcess pair = new ChildProcess(new ProcessBuilder(command))) {
            String told = pair.output();
            assertTrue(told.endsWith("nothing\n"), told);
        }
    }

    /** Prints what a round trip has allocated, until it is nothing, or for too long. */
    public static final class Pair {

        private static final int TRIPS = 200_000;
        private static final int ROUNDS = 30;

        private static int left;

        private Pair() {}

        public static void main(String[] arguments) throws Exception {
            int tripsOfARun = Integer.parseInt(arguments[0]);
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            try (Loop loop = new Loop()) {
                Pipe[] ends = Pipe.pair(loop);
                ByteBuffer message = ByteBuffer.allocateDirect(64);
                ends[1].startRead((end, data, error) -> {
                    if (data != null) {
                        end.write(data);
                    }
                });
                ends[0].startRead((end, data, error) -> {
                    left--;
                    if (left > 0) {
                        end.write(message);
                    } else {
                        loop.stop();
                    }
                });
                for (int round = 0; round < ROUNDS; round++) {
                    long before = threads.getCurrentThreadAllocatedBytes();
                    for (int trips = 0; trips < TRIPS; trips += tripsOfARun) {
                        left = tripsOfARun;
                        ends[0].write(message);
                        loop.run();
                    }
                    double bytes = (threads.getCurrentThreadAllocatedBytes() - before) / (double) TRIPS;
                    System.out.println(bytes + " bytes a round trip");
                    if (bytes < NOTHING) {
                        System.out.println("nothing");
                        return;
                    }
                }
            }
        }
    }
}
