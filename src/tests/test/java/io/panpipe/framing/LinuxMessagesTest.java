/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.panpipe.Pipe;
import io.panpipe.contract.ContractKernel;
import io.panpipe.contract.LinuxKernelUnderTest;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Messages on Linux. */
@EnabledOnOs(OS.LINUX)
class LinuxMessagesTest extends MessagesContract {

    @Override
    public ContractKernel newKernel() {
        return new LinuxKernelUnderTest(false);
    }

    @Test
    void smallMessagesAllocateNextToNothing() throws Exception {
        Ends ends = ends();
        int count = 500;
        int[] received = {0};
        MessageReader.start(ends.b(), Framing.length(4), (pipe, message, error) -> {
            assertEquals(20, message.remaining());
            received[0]++;
        });
        MessageWriter<Pipe> writer = new MessageWriter<>(ends.a(), Framing.length(4));
        ByteBuffer message = ByteBuffer.allocateDirect(20);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().threadId();
        long least = Long.MAX_VALUE;
        for (int round = 1; round <= 20; round++) {
            int expected = round * count;
            long before = threads.getThreadAllocatedBytes(self);
            for (int i = 0; i < count; i++) {
                writer.write(message);
            }
            runUntil(() -> received[0] == expected);
            least = Math.min(least, threads.getThreadAllocatedBytes(self) - before);
        }
        long bytes = least;
        assertTrue(bytes < count * 40L, () -> bytes + " bytes for " + count + " messages");
    }
}
