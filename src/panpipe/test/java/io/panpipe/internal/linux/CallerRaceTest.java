/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.CallerStream;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.testbed.Patience;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Connections are closed under threads that read and write them, and others get their numbers at once. Each has bytes of its
 * own kind: a call that used a number too late would put its kind into another connection, or take that one's.
 */
@EnabledOnOs(OS.LINUX)
class CallerRaceTest {

    /** One connection, at its two ends. */
    private record Connection(CallerStream writer, CallerStream reader, byte kind) {}

    private static final CallerStream.Listener DEAF = new CallerStream.Listener() {

        @Override
        public void readable() {}

        @Override
        public void writable() {}

        @Override
        public void unplaced(ByteBuffer rest) {
            throw new AssertionError("a buffer of this test takes everything");
        }
    };

    private static final int LONG = 48 * 1024;

    private static final ByteBuffer[] KINDS = new ByteBuffer[4];

    static {
        for (int kind = 0; kind < KINDS.length; kind++) {
            byte[] bytes = new byte[LONG];
            Arrays.fill(bytes, (byte) kind);
            KINDS[kind] = ByteBuffer.wrap(bytes);
        }
    }

    private volatile Connection present;
    private volatile boolean over;
    private volatile Throwable fault;

    @Test
    void noByteReachesAnotherConnectionWhereCloseRacesReadAndWrite() throws Exception {
        race(50_000);
    }

    @Tag("slow")
    @Test
    void noByteReachesAnotherConnectionInManyMoreRaces() throws Exception {
        race(500_000);
    }

    /** Closes both ends of so many connections. */
    private void race(int connections) throws Exception {
        List<FutureTask<Void>> tasks = new ArrayList<>();
        long moved = 0;
        Selector selector = LinuxSelector.open();
        try {
            for (int i = 0; i < 2; i++) {
                tasks.add(started(this::write));
                tasks.add(started(this::read));
            }
            for (int i = 0; i < connections && fault == null; i++) {
                PipeChannel[] ends = selector.pair();
                Connection made =
                        new Connection(ends[0].callers(DEAF), ends[1].callers(DEAF), (byte) (i & 3));
                present = made;
                if (i % 2 == 0) {
                    // Until a thread has begun with it, or after a while.
                    for (int look = 0; look < 200 && made.writer.bytesWritten() == 0; look++) {
                        Thread.onSpinWait();
                    }
                }
                ends[i % 3 == 0 ? 1 : 0].close();
                ends[i % 3 == 0 ? 0 : 1].close();
                moved += made.writer.bytesWritten();
            }
        } finally {
            over = true;
            for (FutureTask<Void> task : tasks) {
                task.get(Patience.seconds(60).toMillis(), TimeUnit.MILLISECONDS);
            }
            selector.close();
        }
        if (fault != null) {
            throw new AssertionError(fault);
        }
        assertTrue(moved > 0, "nothing was written at all");
    }

    private FutureTask<Void> started(Runnable work) {
        FutureTask<Void> task = new FutureTask<>(() -> {
            try {
                while (!over && fault == null) {
                    work.run();
                }
            } catch (Throwable thrown) {
                fault = thrown;
            }
            return null;
        });
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    private void write() {
        Connection connection = present;
        if (connection == null) {
            return;
        }
        // Copied before it is sent, so that there is time between the two.
        ByteBuffer data = KINDS[connection.kind & 3].duplicate();
        synchronized (connection.writer) {
            try {
                connection.writer.write(new ByteBuffer[] {data}, 0, 1);
                connection.writer.awaitWrite();
            } catch (KernelException closed) {
                // The other end.
            }
        }
    }

    private void read() {
        Connection connection = present;
        if (connection == null) {
            return;
        }
        ByteBuffer into = ByteBuffer.allocate(LONG);
        synchronized (connection.reader) {
            try {
                connection.reader.read(new ByteBuffer[] {into}, 0, 1);
                connection.reader.watchRead(true);
            } catch (KernelException closed) {
                // The other end.
            }
        }
        for (int i = 0; i < into.position(); i += 16) {
            assertEquals(connection.kind, into.get(i), "a byte of another connection");
        }
    }
}
