/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.Timer;
import io.panpipe.testing.Call;
import io.panpipe.testing.SimulatedKernel;
import io.panpipe.testing.SimulatedProcess;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is told when a process runs out of descriptors. */
@Tag("simulated")
class ShortageTest {

    private final SimulatedKernel kernel = SimulatedKernel.quiet();
    private final SimulatedProcess process = kernel.process("server");
    private final Loop serving = process.loop();
    private final Loop clients = kernel.process("client").loop();
    private final String name = kernel.freshName();
    private final List<String> log = new ArrayList<>();

    @AfterEach
    void close() {
        kernel.close();
        assertEquals(List.of(), kernel.misuses());
    }

    private Pipe serve() throws Exception {
        Pipe server = new Pipe(serving);
        server.bind(name);
        server.listen((listener, error) -> {
            if (error == null) {
                Pipe connection = new Pipe(serving);
                listener.accept(connection);
                connection.close();
            }
            log.add(error == null ? "served" : error.code().name());
        });
        return server;
    }

    private void connect() {
        new Pipe(clients).connect(name, (client, error) -> client.close());
    }

    @Test
    void eachRefusedAcceptIsRecorded() throws Exception {
        Pipe server = serve();
        kernel.when(Call.ACCEPT).by(process).first(3).fails(ErrorCode.ENFILE);
        connect();
        try (FlightRecord record = FlightRecord.of("AcceptFailed")) {
            kernel.run();
            List<RecordedEvent> refused = FlightRecord.about(server, record.events("AcceptFailed"));
            assertEquals(3, refused.size(), refused::toString);
            assertEquals("ENFILE", refused.getFirst().getString("code"));
            assertEquals(name.replace('\0', '@'), refused.getFirst().getString("name"));
        }
        assertEquals(List.of("ENFILE", "served"), log);
    }

    @Test
    void aShortageIsOneLineOfTheTraceAndNotOfTheLog() throws Exception {
        serve();
        kernel.when(Call.ACCEPT).by(process).first(3).fails(ErrorCode.EMFILE);
        connect();
        try (LogWatch watch = new LogWatch()) {
            kernel.run();
            assertEquals(List.of(), watch.lines());
        }
        List<String> warnings = warnings();
        assertEquals(1, warnings.size(), warnings::toString);
        assertTrue(warnings.getFirst().contains("server: is warned: clients wait"), warnings::toString);
        assertTrue(warnings.getFirst().contains("EMFILE"), warnings::toString);
    }

    /** Returns what a real loop would have logged. */
    private List<String> warnings() {
        return kernel.trace(100_000).lines().filter(line -> line.contains("is warned: ")).toList();
    }

    @Test
    void shortagesInARowAreToldOnceAMinute() throws Exception {
        serve();
        // Every other connection of one in ten seconds meets a shortage.
        for (int number = 1; number < 40; number += 3) {
            kernel.when(Call.ACCEPT).by(process).number(number).fails(ErrorCode.EMFILE);
        }
        int[] left = {20};
        new Timer(clients).start(timer -> {
            connect();
            if (--left[0] == 0) {
                timer.close();
            }
        }, Duration.ZERO, Duration.ofSeconds(10));
        kernel.run();
        long shortages = log.stream().filter("EMFILE"::equals).count();
        assertTrue(shortages > 8, log::toString);
        List<String> warnings = warnings();
        assertTrue(warnings.size() >= 3 && warnings.size() <= 4, warnings::toString);
    }

    @Test
    void theDumpTellsOfAShortage() throws Exception {
        serve();
        kernel.when(Call.ACCEPT).by(process).fails(ErrorCode.EMFILE);
        connect();
        kernel.run(Duration.ofSeconds(1));
        assertTrue(serving.dump().contains("the system refuses further connections for now"), serving::dump);
    }

    @Test
    void lostHandlesAreRecordedAndLogged() throws Exception {
        Pipe[] ipc = Pipe.pair(clients, true);
        Pipe[] passed = Pipe.pair(clients);
        ipc[0].write(ByteBuffer.wrap(new byte[5]), (pipe, error) -> log.add("written"), passed);
        ipc[1].startRead2((pipe, data, pending, error) -> log.add(data != null ? "data" : error.code().name()));
        kernel.when(Call.RECEIVE_HANDLES).number(1).losesIt();
        try (FlightRecord record = FlightRecord.of("HandlesReceived")) {
            kernel.run();
            List<RecordedEvent> received = FlightRecord.about(ipc[1], record.events("HandlesReceived"));
            assertTrue(received.getFirst().getBoolean("truncated"), received::toString);
            List<String> warnings = warnings();
            assertEquals(1, warnings.size(), warnings::toString);
            assertTrue(warnings.getFirst().contains("were lost"), warnings::toString);
        }
        assertTrue(log.contains("EMFILE"), log::toString);
    }
}
