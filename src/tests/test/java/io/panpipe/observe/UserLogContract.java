/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Handle;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.contract.Contract;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a user is told by the log. */
abstract class UserLogContract extends Contract {

    @Test
    void receivedHandlesThatNobodyAcceptsAreTold() throws Exception {
        Pipe[] ipc = Pipe.pair(loop, true);
        Ends passed = ends();
        ipc[0].write(ByteBuffer.wrap(bytes("two")), (pipe, error) -> {}, passed.a(), passed.b());
        ipc[1].startRead((pipe, data, error) -> throwIfAny(error));
        runUntil(() -> ipc[1].pendingCount() == 2);
        try (LogWatch watch = new LogWatch()) {
            ipc[1].close();
            run(RunMode.NOWAIT);
            assertEquals(1, watch.lines().size(), watch.lines()::toString);
            assertTrue(watch.lines().getFirst().matches(
                    "WARNING Pipe.* is closed, and with it received handles that nobody has accepted: 2"),
                    watch.lines()::toString);
        }
    }

    @Test
    void whatACloseThrowsAwayOfWritesWithoutACallbackIsTold() throws Exception {
        Ends ends = ends();
        try (LogWatch watch = new LogWatch()) {
            ends.a().write(new byte[5 << 20]);
            ends.a().write(new byte[1 << 20], logs("written"));
            ends.a().close();
            run();
            assertEquals(List.of("written ECANCELED"), log);
            assertEquals(1, watch.lines().size(), watch.lines()::toString);
            assertTrue(watch.lines().getFirst().matches("WARNING Pipe.* is closed, and with it [0-9]+ bytes thrown away.*"),
                    watch.lines()::toString);
            long lost = Long.parseLong(watch.lines().getFirst().replaceFirst(".* with it ([0-9]+) bytes.*", "$1"));
            long[] received = new long[1];
            ends.b().startRead((b, data, end) -> received[0] += data == null ? 0 : data.remaining());
            run();
            assertEquals(5 << 20, lost + received[0]);
        }
    }

    @Test
    void smallWritesThatACloseThrowsAwayAreCountedToTheLast() throws Exception {
        Ends ends = ends();
        try (LogWatch watch = new LogWatch()) {
            ends.a().write(new byte[5 << 20], logs("written"));
            for (int i = 0; i < 10; i++) {
                ends.a().write(new byte[16]);
            }
            ends.a().close();
            run();
            assertEquals(List.of("written ECANCELED"), log);
            assertEquals(1, watch.lines().size(), watch.lines()::toString);
            assertTrue(watch.lines().getFirst().contains(" is closed, and with it 160 bytes thrown away"),
                    watch.lines()::toString);
        }
    }

    @Test
    void whatACallbackTellsTheLogDoesNot() throws Exception {
        Ends ends = ends();
        try (LogWatch watch = new LogWatch()) {
            ends.a().write(new byte[5 << 20], logs("written"));
            ends.a().close();
            run();
            assertEquals(List.of("written ECANCELED"), log);
            assertEquals(List.of(), watch.lines());
        }
    }

    @Test
    void anOrdinaryLifeIsNotWorthALine() throws Exception {
        try (LogWatch watch = new LogWatch()) {
            Pipe[] ipc = Pipe.pair(loop, true);
            Ends passed = ends();
            ipc[0].write(ByteBuffer.wrap(bytes("one")), (pipe, error) -> throwIfAny(error), passed.a());
            ipc[1].startRead2((pipe, data, pending, error) -> {
                throwIfAny(error);
                pipe.accept(pipe());
            });
            runUntil(() -> loop.handles().size() == 5);
            loop.handles().forEach(Handle::close);
            run();
            assertEquals(List.of(), watch.lines());
        }
    }

    /** Runs a loop that has no handler of its own. */
    private void onLoggingLoop(Work work) throws Exception {
        try (Loop logging = KernelAccess.loop(kernel.kernel())) {
            work.on(logging);
        }
    }

    private interface Work {
        void on(Loop logging) throws Exception;
    }

    @Test
    void aLogThatThrowsEndsNothing() throws Exception {
        for (Throwable trouble : List.of(new IllegalStateException("disk full"), new OutOfMemoryError("no line"))) {
            Handler broken = new BrokenLog(trouble);
            Logger logger = Logger.getLogger("io.panpipe");
            logger.addHandler(broken);
            try {
                onLoggingLoop(logging -> {
                    logging.execute(() -> {
                        throw new IllegalArgumentException("a bug in a task");
                    });
                    logging.execute(() -> log.add("next"));
                    logging.run();
                });
            } finally {
                logger.removeHandler(broken);
            }
        }
        assertEquals(List.of("next", "next"), log);
    }

    private static final class BrokenLog extends Handler {

        private final Throwable trouble;

        BrokenLog(Throwable trouble) {
            this.trouble = trouble;
        }

        @Override
        public void publish(LogRecord line) {
            switch (trouble) {
                case Error error -> throw error;
                case RuntimeException exception -> throw exception;
                default -> throw new IllegalStateException(trouble);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    void aFloodOfFailuresIsCutShortAndCounted() throws Exception {
        Logger logger = Logger.getLogger("io.panpipe");
        boolean showed = logger.getUseParentHandlers();
        logger.setUseParentHandlers(false);
        try (LogWatch watch = new LogWatch()) {
            onLoggingLoop(logging -> {
                for (int i = 0; i < 1000; i++) {
                    logging.execute(() -> {
                        throw new IllegalArgumentException("a stranger's doing");
                    });
                }
                logging.run();
            });
            List<String> lines = watch.lines();
            // More than 16 only if it takes longer than a second.
            assertTrue(lines.size() >= 17 && lines.size() < 500, lines::toString);
            int told = 0;
            for (String line : lines) {
                told += line.startsWith("SEVERE") ? 1 : 0;
                Matcher omitted = Pattern.compile(": (\\d+) before this one were not logged").matcher(line);
                told += omitted.find() ? Integer.parseInt(omitted.group(1)) : 0;
            }
            assertEquals(1000, told, lines::toString);
        } finally {
            logger.setUseParentHandlers(showed);
        }
    }

    @Test
    void handlesThatStrangersSendDoNotFillTheLog() throws Exception {
        Logger logger = Logger.getLogger("io.panpipe");
        boolean showed = logger.getUseParentHandlers();
        logger.setUseParentHandlers(false);
        try (LogWatch watch = new LogWatch()) {
            onLoggingLoop(logging -> {
                Pipe[] sent = Pipe.pair(logging);
                for (int i = 0; i < 100; i++) {
                    Pipe[] ipc = Pipe.pair(logging, true);
                    ipc[0].write(ByteBuffer.wrap(bytes("one")), (pipe, error) -> throwIfAny(error), sent[0]);
                    ipc[1].startRead((pipe, data, error) -> pipe.close());
                    while (!ipc[1].closed()) {
                        logging.run(RunMode.ONCE);
                    }
                    ipc[0].close();
                }
            });
            // At least 16, the one at the end, and one a second.
            assertTrue(watch.lines().size() >= 17 && watch.lines().size() < 80, watch.lines()::toString);
            assertTrue(watch.lines().getLast().matches("WARNING .*: \\d+ before this one were not logged.*"),
                    watch.lines()::toString);
        } finally {
            logger.setUseParentHandlers(showed);
        }
    }

    @Test
    void thatTheOtherEndHasGoneIsCountedAndADetail() throws Exception {
        Logger logger = Logger.getLogger("io.panpipe");
        Level before = logger.getLevel();
        try (LogWatch watch = new LogWatch()) {
            onLoggingLoop(logging -> {
                assertEquals(0, lostWrites(logging));
                assertEquals(List.of(), watch.lines());
                logger.setLevel(Level.FINE);
                assertEquals(1, lostWrites(logging));
                assertEquals(1, watch.lines().size(), watch.lines()::toString);
                assertTrue(watch.lines().getFirst().matches("FINE a request without a callback failed: .*\\((EPIPE|ECONNRESET)\\).*"),
                        watch.lines()::toString);
            });
        } finally {
            logger.setLevel(before);
        }
    }

    /** Writes to an end whose other one is gone, and returns how many such writes there were before. */
    private static long lostWrites(Loop logging) throws Exception {
        Pipe[] ends = Pipe.pair(logging);
        ends[1].close();
        logging.run();
        ends[0].write(bytes("to nobody"));
        logging.run();
        ends[0].close();
        logging.run();
        return logging.metrics().lostWrites() - 1;
    }
}
