/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Isolated;

/** The moment between a thread's decision to wait and its waiting, which no user can bring about at will. */
@Tag("windows")
@EnabledOnOs(OS.WINDOWS)
@Isolated("The value of the handle that it closes must not become another pipe's.")
class SynchronousHandleTest {

    private static final int FILE_TYPE_PIPE = 3;
    private static final int DUPLEX = 3;
    private static final int BUFFER = 4096;
    private static final long TURN_NANOS = 10_000_000;

    private final WindowsSelector selector = new WindowsSelector();

    SynchronousHandleTest() throws Exception {}

    @Test
    void aReadThatBeginsOnlyAfterTheCloseIsCancelledAllTheSame() throws Exception {
        String name = PipeName.unique(false);
        long server = PipeCalls.createNamedPipe(selector.state, selector.text(name), DUPLEX, 0, 1, BUFFER, 0);
        long client = PipeCalls.openExisting(selector.state, selector.text(name), PipeAccess.READ, 0);
        assertTrue(server > 0 && client > 0);
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        SynchronousHandle handle = new SynchronousHandle(client);
        int[] answer = new int[1];
        SynchronousThread late = new SynchronousThread(
                new SynchronousPipe(selector, server, false, true, MessageMode.BYTES), handle, false) {
            @Override
            int work() {
                assertTrue(handle.enter(this, false));
                entered.countDown();
                try {
                    closed.await();
                } catch (InterruptedException unexpected) {
                    throw new AssertionError(unexpected);
                }
                long memory = selector.numbers.address();
                answer[0] = SynchronousCalls.readFile(state, client, memory, 1, memory + Long.BYTES);
                handle.leave();
                return answer[0];
            }
        };
        late.start();
        late.begin();
        entered.await();
        handle.release(selector.state);
        selector.end(handle);
        closed.countDown();
        while (!late.isDone()) {
            selector.select(TURN_NANOS);
        }
        assertEquals(WindowsErrors.OPERATION_ABORTED, answer[0]);
        selector.close();
        // The thread was the last user: it closes the handle when it has told the result.
        while (PipeCalls.fileType(selector.state, client) == FILE_TYPE_PIPE) {
            Thread.onSpinWait();
        }
        WindowsCalls.closeHandle(selector.state, server);
    }
}
