/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.linux;

import static io.panpipe.linux.Scenario.check;
import static io.panpipe.linux.Scenario.checkEquals;
import static io.panpipe.linux.Scenario.checkFails;
import static io.panpipe.linux.Scenario.given;
import static io.panpipe.linux.Scenario.isNonBlocking;
import static io.panpipe.linux.Scenario.isOpen;
import static io.panpipe.linux.Scenario.later;
import static io.panpipe.linux.Scenario.open;
import static io.panpipe.linux.Scenario.pass;
import static io.panpipe.linux.Scenario.pump;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import io.panpipe.testbed.Patience;
import io.panpipe.testbed.ScenarioJvm;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Blocking descriptors that another user opened: /proc/self/fd refuses to open them a second time, so helper threads
 * read and write.
 */
@EnabledOnOs(OS.LINUX)
class HelperThreadTest {

    private static final String PIPE = "r, w = os.pipe(); give(r, 0); give(w, 1)";

    private static final ScenarioJvm NOBODY = new Child().asNobody().shared(Scenarios.class);

    @AfterAll
    static void end() {
        NOBODY.close();
    }

    @Test
    void dataFlowsAndTheLoopIsNotHeldUp() throws Exception {
        NOBODY.run("flow");
    }

    @Test
    void readsOfEveryLengthArrive() throws Exception {
        NOBODY.run("growingReads");
    }

    @Test
    void closeEndsThreadsThatWaitAndCancelsTheirWrites() throws Exception {
        NOBODY.run("closeWhileWaiting");
    }

    @Test
    void stopReadHoldsDataBack() throws Exception {
        NOBODY.run("stopRead");
    }

    @Test
    void detachIsPossibleUntilThreadsAreAtWork() throws Exception {
        NOBODY.run("detach");
    }

    @Test
    void aPipeWithoutReaderIsEpipe() throws Exception {
        NOBODY.run("brokenPipe");
    }

    @Test
    void aTryWriteThatFailsInFlightReachesTheHandler() throws Exception {
        NOBODY.run("brokenTryWrite");
    }

    @Test
    void aTryWriteThatFailsInFlightIsToldByTheWriteBehindIt() throws Exception {
        NOBODY.run("brokenWriteBehindTryWrite");
    }

    @Test
    void theEndOfTheLoopEndsTheThreads() throws Exception {
        NOBODY.run("closeLoop");
    }

    /** Run in the child: one after the other, in any order. */
    static final class Scenarios {

        private Scenarios() {}

        private static byte[] bytes(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }

        @Given(PIPE)
        static void flow() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe reader = open(loop, given(0));
                Pipe writer = open(loop, given(1));
                checkEquals((long) given(0), reader.fileno());
                pump(loop, writer, reader, 1_000_000);
            }
            Scenario.checkNoHelperThreadLeft();
            check(!isOpen(given(0)) && !isOpen(given(1)), "closed with their handles");
        }

        @Given(PIPE)
        static void growingReads() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe reader = open(loop, given(0));
                Pipe writer = open(loop, given(1));
                List<Integer> sizes = new ArrayList<>();
                reader.startRead((pipe, data, error) -> {
                    if (data == null) {
                        pipe.close();
                        return;
                    }
                    sizes.add(data.remaining());
                    if (sizes.size() == 5) {
                        writer.close();
                    } else {
                        writer.write(new byte[data.remaining() * 3], (p, e) -> pass(e));
                    }
                });
                writer.write(bytes("x"), (p, e) -> pass(e));
                loop.run();
                checkEquals(List.of(1, 3, 9, 27, 81), sizes);
                check(!Scenario.helperThreads().isEmpty() || loop.handles().isEmpty(), "helpers did it");
            }
        }

        @Given(PIPE)
        static void closeWhileWaiting() throws Exception {
            List<String> log = new ArrayList<>();
            try (Loop loop = Scenario.loop()) {
                Pipe reader = open(loop, given(0));
                Pipe writer = open(loop, given(1));
                Timer patience = new Timer(loop);
                // The pipe then has room for a part of a piece, for the rest of which a write of the whole would wait.
                writer.write(new byte[1], (pipe, error) -> {
                    pass(error);
                    later(loop, 10, () -> {
                        check(writer.writeQueueSize() > 0, "the pipe is full");
                        writer.close(handle -> {
                            log.add("closed");
                            patience.close();
                        });
                        checkEquals(List.of(), log);
                    });
                });
                writer.write(new byte[1_000_000], (pipe, error) -> log.add("write " + error.code()));
                writer.write(new byte[1], (pipe, error) -> log.add("write " + error.code()));
                patience.start(timer -> check(false, "a thread hangs in write: " + log), Patience.seconds(20));
                loop.run();
                checkEquals(List.of("write ECANCELED", "write ECANCELED", "closed"), log);
                reader.startRead((pipe, data, error) -> {
                    if (data == null) {
                        pipe.close();
                    }
                });
                loop.run();
                check(reader.closed(), "it saw the end");
            }
            Scenario.checkNoHelperThreadLeft();
            check(!isOpen(given(0)) && !isOpen(given(1)), "closed");
        }

        @Given(PIPE)
        static void stopRead() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe reader = open(loop, given(0));
                Pipe writer = open(loop, given(1));
                List<String> got = new ArrayList<>();
                reader.startRead((pipe, data, error) -> {
                    throw new AssertionError("called after stopRead");
                });
                reader.stopRead();
                writer.write(bytes("waits"), (pipe, error) -> pass(error));
                later(loop, 20, () -> reader.startRead((pipe, data, error) -> {
                    got.add(StandardCharsets.UTF_8.decode(data).toString());
                    pipe.close();
                    writer.close();
                }));
                loop.run();
                checkEquals(List.of("waits"), got);
            }
            Scenario.checkNoHelperThreadLeft();
        }

        @Given(PIPE)
        static void detach() throws Exception {
            try (Loop loop = Scenario.loop()) {
                checkEquals((long) given(1), open(loop, given(1)).detach());
                loop.run();
                Pipe reader = open(loop, given(0));
                reader.startRead((pipe, data, error) -> {});
                loop.run(RunMode.NOWAIT);
                checkFails(ErrorCode.EBUSY, reader::detach);
                check(!reader.closed(), "it goes on");
            }
            check(isOpen(given(1)) && !isNonBlocking(given(1)), "given back as it was");
        }

        @Given(PIPE)
        static void brokenPipe() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe writer = open(loop, given(1));
                open(loop, given(0)).close();
                loop.run();
                List<ErrorCode> codes = new ArrayList<>();
                writer.write(new byte[10_000], (pipe, error) -> codes.add(error.code()));
                writer.write(new byte[1], (pipe, error) -> codes.add(error.code()));
                loop.run();
                checkEquals(List.of(ErrorCode.EPIPE, ErrorCode.EPIPE), codes);
            }
            Scenario.checkNoHelperThreadLeft();
        }

        @Given(PIPE)
        static void brokenTryWrite() throws Exception {
            List<ErrorCode> codes = new ArrayList<>();
            try (Loop loop = Scenario.loop()) {
                loop.uncaughtExceptionHandler((itself, thrown) -> codes.add(((PanpipeException) thrown).code()));
                Pipe writer = open(loop, given(1));
                open(loop, given(0)).close();
                loop.run();
                checkEquals(4, writer.tryWrite(bytes("lost")));
                loop.run();
            }
            checkEquals(List.of(ErrorCode.EPIPE), codes);
            Scenario.checkNoHelperThreadLeft();
        }

        @Given(PIPE)
        static void brokenWriteBehindTryWrite() throws Exception {
            List<ErrorCode> codes = new ArrayList<>();
            try (Loop loop = Scenario.loop()) {
                loop.uncaughtExceptionHandler((itself, thrown) -> check(false, thrown));
                Pipe writer = open(loop, given(1));
                open(loop, given(0)).close();
                loop.run();
                checkEquals(4, writer.tryWrite(bytes("lost")));
                writer.write(bytes("also lost"), (pipe, error) -> codes.add(error.code()));
                loop.run();
            }
            checkEquals(List.of(ErrorCode.EPIPE), codes);
            Scenario.checkNoHelperThreadLeft();
        }

        @Given(PIPE)
        static void closeLoop() throws Exception {
            List<String> log = new ArrayList<>();
            var before = Scenario.descriptors();
            try (Loop loop = Scenario.loop()) {
                Pipe reader = open(loop, given(0));
                Pipe writer = open(loop, given(1));
                writer.write(new byte[1_000_000], (pipe, error) -> log.add("write " + error.code()));
                reader.startRead((pipe, data, error) -> pipe.stopRead());
                later(loop, 5, loop::stop);
                loop.run();
            }
            // EPIPE where the reader was closed first and the writer has noticed.
            check(log.equals(List.of("write ECANCELED")) || log.equals(List.of("write EPIPE")), log);
            Scenario.checkNoHelperThreadLeft();
            before.remove(given(0));
            before.remove(given(1));
            checkEquals(before, Scenario.descriptors());
        }
    }
}
