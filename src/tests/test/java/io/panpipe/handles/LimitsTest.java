/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static io.panpipe.handles.Scenario.check;
import static io.panpipe.handles.Scenario.checkEquals;
import static io.panpipe.handles.Scenario.pass;
import static io.panpipe.handles.Scenario.runUntil;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.panpipe.ErrorCode;
import io.panpipe.Handle;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.PendingType;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import io.panpipe.testbed.ScenarioJvm;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Handles in a process that has few descriptors, or none left. */
@EnabledOnOs(OS.LINUX)
class LimitsTest {

    private static final String LIMIT = "ulimit -n 100";

    private static final ScenarioJvm FEW = Scenario.shared(LIMIT, Scenarios.class);
    private static ScenarioJvm anybody;

    @BeforeAll
    static void begin() {
        anybody = Scenario.shared(asAnybody(), Scenarios.class);
    }

    @AfterAll
    static void end() {
        FEW.close();
        anybody.close();
    }

    private static void run(ScenarioJvm child, String scenario) throws Exception {
        assertEquals("", withoutWarnings(child.run(scenario)));
    }

    /** Leaves out what the log says of handles that were lost or that nobody accepted, each with a line of its own before it. */
    private static String withoutWarnings(String output) {
        return output.replaceAll(".* io\\.panpipe\\.internal\\.loop\\.UserLog \\w+\\RWARNING: .*\\R?", "");
    }

    /** Returns shell code for limits that hold: root may have any number of descriptors on their way. */
    private static String asAnybody() {
        if (!System.getProperty("user.name").equals("root")) {
            return LIMIT;
        }
        String setpriv = Programs.required("setpriv");
        return LIMIT + "\nset -- " + setpriv + " --reuid=65534 --regid=65534 --clear-groups \"$@\"";
    }

    @Test
    void handlesThatAreTooManyOnTheirWayWaitAndAllArrive() throws Exception {
        run(anybody, "onTheirWay");
    }

    @Test
    void handlesThatAreTooManyBehindAFullBufferDoNotMakeTheLoopSpin() throws Exception {
        run(anybody, "onTheirWayBehindData");
    }

    @Test
    void handlesThatWaitSinceTooManyAreOnTheirWayAreClosedWithThePipe() throws Exception {
        run(anybody, "closedOnTheirWay");
    }

    @Test
    void handlesLostForWantOfDescriptorsAreReportedAndThePipeGoesOn() throws Exception {
        run(FEW, "lost");
    }

    @Test
    void handlesThatCameBeforeTheShortageAreStillThere() throws Exception {
        run(FEW, "earlier");
    }

    @Test
    void aHandleThatCannotBeDuplicatedIsNotSentAndNothingIsWritten() throws Exception {
        run(FEW, "duplicate");
    }

    @Test
    void aRawDescriptorIsSentWithoutADescriptorLeft() throws Exception {
        run(FEW, "lend");
    }

    /** What the process with few descriptors does. */
    static final class Scenarios {

        private static final int MANY = 10;

        private Scenarios() {}

        /** What a pipe read: data as it is, errors by their code. */
        private static final class Log {
            final List<String> entries = new ArrayList<>();

            void read(Pipe pipe) throws PanpipeException {
                pipe.startRead2((itself, data, pending, error) -> entries.add(error != null
                        ? error.code().name()
                        : StandardCharsets.UTF_8.decode(data) + " " + pending));
            }
        }

        private static RawDescriptor file(Loop loop) throws PanpipeException {
            RawDescriptor file = new RawDescriptor(loop);
            file.open(Libc.memoryFile("here"));
            return file;
        }

        /** Sends a handle several times with one message, and waits until it has left. */
        private static void send(Pipe pipe, String data, Handle handle, int times) throws PanpipeException {
            Handle[] handles = new Handle[times];
            Arrays.fill(handles, handle);
            boolean[] sent = new boolean[1];
            pipe.write(ByteBuffer.wrap(data.getBytes(StandardCharsets.UTF_8)), (itself, error) -> {
                pass(error);
                sent[0] = true;
            }, handles);
            runUntil(pipe.loop(), () -> sent[0]);
        }

        /** Opens files until only so many descriptors are left. */
        private static List<FileInputStream> exhaust(int left) throws IOException {
            List<FileInputStream> files = new ArrayList<>();
            try {
                while (true) {
                    files.add(new FileInputStream("/dev/null"));
                }
            } catch (IOException none) {
                check(none.getMessage().contains("Too many open files"), none);
            }
            for (int i = 0; i < left; i++) {
                files.removeLast().close();
            }
            return files;
        }

        /** Returns how many descriptors are left: fewer than there were, if some were not closed. */
        private static int countLeft() throws IOException {
            List<FileInputStream> files = exhaust(0);
            free(files);
            return files.size();
        }

        private static void free(List<FileInputStream> files) throws IOException {
            for (FileInputStream file : files) {
                file.close();
            }
        }

        static void lost(String... none) throws Exception {
            for (int left : new int[] {5, 0, MANY - 1, 1}) {
                lost(left);
            }
        }

        private static void lost(int left) throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe[] pair = Pipe.pair(loop, true);
                RawDescriptor file = file(loop);
                send(pair[0], "abc", file, MANY);
                send(pair[0], "de", file, 1);
                Log log = new Log();
                List<FileInputStream> files = exhaust(left);
                log.read(pair[1]);
                runUntil(loop, () -> log.entries.size() == 2);
                checkEquals(List.of("abc NONE", "EMFILE"), log.entries);
                checkEquals(0, pair[1].pendingCount());
                checkEquals(PendingType.NONE, pair[1].pendingType());
                checkEquals(left, countLeft());
                free(files);
            }
        }

        static void earlier(String... none) throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe[] pair = Pipe.pair(loop, true);
                RawDescriptor file = file(loop);
                Log log = new Log();
                send(pair[0], "early", file, 2);
                log.read(pair[1]);
                runUntil(loop, () -> log.entries.size() == 1);
                pair[1].stopRead();
                send(pair[0], "late", file, MANY);
                List<FileInputStream> files = exhaust(1);
                log.read(pair[1]);
                runUntil(loop, () -> log.entries.size() == 3);
                checkEquals(List.of("early DESCRIPTOR", "late DESCRIPTOR", "EMFILE"), log.entries);
                checkEquals(2, pair[1].pendingCount());
                free(files);
                for (int i = 0; i < 2; i++) {
                    RawDescriptor received = new RawDescriptor(loop);
                    pair[1].accept(received);
                    checkEquals("here", Libc.content(received.fileno()));
                }
                send(pair[0], "again", file, 1);
                log.read(pair[1]);
                runUntil(loop, () -> log.entries.size() == 4);
                checkEquals("again DESCRIPTOR", log.entries.getLast());
            }
        }

        static void duplicate(String... none) throws Exception {
            for (int left : new int[] {3, 0}) {
                try (Loop loop = Scenario.loop()) {
                    Pipe[] pair = Pipe.pair(loop, true);
                    Pipe sent = Pipe.pair(loop)[0];
                    Log log = new Log();
                    log.read(pair[1]);
                    List<FileInputStream> files = exhaust(left);
                    Handle[] handles = new Handle[MANY];
                    Arrays.fill(handles, sent);
                    ByteBuffer data = ByteBuffer.wrap(new byte[] {'x'});
                    checkFailsWithEmfile(() -> pair[0].write(data, (pipe, error) -> log.entries.add("?"), handles));
                    checkFailsWithEmfile(() -> pair[0].tryWrite(data, handles));
                    checkEquals(left, countLeft());
                    free(files);
                    checkEquals(0L, pair[0].writeQueueSize());
                    send(pair[0], "y", sent, 1);
                    runUntil(loop, () -> !log.entries.isEmpty());
                    checkEquals(List.of("y PIPE"), log.entries);
                    pair[1].accept(new Pipe(loop));
                }
            }
        }

        static void lend(String... none) throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe[] pair = Pipe.pair(loop, true);
                RawDescriptor file = file(loop);
                Log log = new Log();
                List<FileInputStream> files = exhaust(0);
                send(pair[0], "x", file, MANY);
                pair[0].write(ByteBuffer.wrap(new byte[] {'y'}), (pipe, error) -> pass(error), file);
                checkFailsWithEmfile(file::detach);
                check(!file.closed(), "closed");
                file.close();
                free(files);
                log.read(pair[1]);
                runUntil(loop, () -> log.entries.size() == 2);
                checkEquals(List.of("x DESCRIPTOR", "y DESCRIPTOR"), log.entries);
                checkEquals(MANY + 1, pair[1].pendingCount());
                while (pair[1].pendingCount() > 0) {
                    pair[1].accept(new RawDescriptor(loop));
                }
            }
        }

        /** Writes handles that nobody reads, more than may be on their way; returns what their callbacks get. */
        private static List<String> overfill(Loop loop, Pipe pipe, Handle handle) throws Exception {
            List<String> results = new ArrayList<>();
            Handle[] handles = new Handle[MANY];
            Arrays.fill(handles, handle);
            // What waits holds descriptors of this process, which has few as well.
            for (int i = 0; i < 14; i++) {
                pipe.write(ByteBuffer.wrap(new byte[] {'x'}),
                        (itself, error) -> results.add(error == null ? "sent" : error.code().name()), handles);
                loop.run(RunMode.NOWAIT);
            }
            check(!results.isEmpty() && results.size() < 14, "sent " + results);
            try {
                pipe.tryWrite(ByteBuffer.wrap(new byte[] {'x'}), handle);
                throw new AssertionError("sent at once behind what waits");
            } catch (PanpipeException error) {
                checkEquals(ErrorCode.EAGAIN, error.code());
            }
            return results;
        }

        static void onTheirWay(String... none) throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe[] pair = Pipe.pair(loop, true);
                RawDescriptor file = file(loop);
                int before = countLeft();
                List<String> results = overfill(loop, pair[0], file);
                int[] arrived = new int[1];
                pair[1].startRead2((pipe, data, pending, error) -> {
                    pass(error);
                    while (pipe.pendingCount() > 0) {
                        RawDescriptor received = new RawDescriptor(loop);
                        pipe.accept(received);
                        received.close();
                        arrived[0]++;
                    }
                });
                runUntil(loop, () -> arrived[0] == 14 * MANY && results.size() == 14);
                checkEquals(14, (int) results.stream().filter("sent"::equals).count());
                checkEquals(before, countLeft());
            }
        }

        static void onTheirWayBehindData(String... none) throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe[] full = Pipe.pair(loop, true);
                Pipe[] others = Pipe.pair(loop, true);
                RawDescriptor file = file(loop);
                List<String> results = overfill(loop, others[0], file);
                // Waits for room first, and once there is room for the system to take more handles.
                full[0].write(ByteBuffer.allocate(400_000), (itself, error) -> pass(error));
                loop.run(RunMode.NOWAIT);
                check(full[0].writeQueueSize() > 0, "no room");
                List<String> behind = new ArrayList<>();
                full[0].write(ByteBuffer.allocate(1), (itself, error) -> {
                    pass(error);
                    behind.add("sent");
                }, file);
                long[] got = new long[1];
                full[1].startRead2((pipe, data, pending, error) -> {
                    pass(error);
                    got[0] += data.remaining();
                });
                runUntil(loop, () -> got[0] == 400_000);
                long before = loop.metrics().iterations();
                new Timer(loop).start(timer -> loop.stop(), Duration.ofMillis(300));
                loop.run();
                long turns = loop.metrics().iterations() - before;
                check(turns < 60, "the loop spins: " + turns + " turns");
                checkEquals(List.of(), behind);
                others[1].startRead2((pipe, data, pending, error) -> {
                    pass(error);
                    while (pipe.pendingCount() > 0) {
                        RawDescriptor received = new RawDescriptor(loop);
                        pipe.accept(received);
                        received.close();
                    }
                });
                runUntil(loop, () -> got[0] == 400_001 && results.size() == 14);
                checkEquals(List.of("sent"), behind);
            }
        }

        static void closedOnTheirWay(String... none) throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe[] pair = Pipe.pair(loop, true);
                RawDescriptor file = file(loop);
                int before = countLeft();
                List<String> results = overfill(loop, pair[0], file);
                int sent = results.size();
                pair[0].close();
                runUntil(loop, () -> results.size() == 14);
                checkEquals(14 - sent, (int) results.stream().filter("ECANCELED"::equals).count());
                checkEquals(before + 1, countLeft());
            }
        }

        private interface Call {
            void run() throws Exception;
        }

        private static void checkFailsWithEmfile(Call call) throws Exception {
            try {
                call.run();
            } catch (PanpipeException error) {
                checkEquals(ErrorCode.EMFILE, error.code());
                return;
            }
            throw new AssertionError("no EMFILE");
        }
    }
}
