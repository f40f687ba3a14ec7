/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Pipe;
import io.panpipe.Timer;
import io.panpipe.contract.Contract;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;

/** What Flight Recorder tells of a loop. */
abstract class EventsContract extends Contract {

    private static final Duration LONG = Duration.ofMillis(30);

    private static void workFor(Duration time) {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < time.toNanos()) {
            Thread.onSpinWait();
        }
    }

    /** Returns the time that something takes: of a busy machine's pauses nothing else is known beforehand. */
    private static Duration timeOf(Runnable action) {
        long begin = System.nanoTime();
        action.run();
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    @Test
    void aTurnThatTakesLongIsRecorded() throws Exception {
        try (FlightRecord record = FlightRecord.byDefault("LoopTurn")) {
            new Timer(loop).start(timer -> workFor(LONG), Duration.ofMillis(1));
            run();
            List<RecordedEvent> turns = record.events("LoopTurn");
            assertTrue(turns.stream().anyMatch(turn -> FlightRecord.isLongerThan(turn, LONG)), turns::toString);
        }
    }

    @Test
    void everyTurnIsRecordedWhereNoThresholdIsSet() throws Exception {
        Ends ends = ends();
        try (FlightRecord record = FlightRecord.of("LoopTurn")) {
            assertTalks(ends);
            List<RecordedEvent> turns = record.events("LoopTurn");
            assertTrue(turns.stream().anyMatch(turn -> turn.getInt("events") > 0), turns::toString);
            assertEquals(loop.metrics().iterations(), turns.getLast().getLong("turn"), turns::toString);
        }
    }

    @Test
    void aTurnIsRecordedWithTheNumberThatItsCallbacksSee() throws Exception {
        List<Long> seen = new ArrayList<>();
        try (FlightRecord record = FlightRecord.of("LoopTurn")) {
            for (int i = 0; i < 3; i++) {
                loop.execute(() -> {
                    seen.add(loop.metrics().iterations());
                    workFor(LONG);
                });
                settle();
            }
            List<Long> recorded = record.events("LoopTurn").stream()
                    .filter(turn -> FlightRecord.isLongerThan(turn, LONG.dividedBy(2)))
                    .map(turn -> turn.getLong("turn"))
                    .toList();
            assertEquals(seen, recorded.stream().filter(seen::contains).toList(), recorded::toString);
        }
    }

    @Test
    void waitingIsNoWork() throws Exception {
        Duration wait = Duration.ofMillis(400);
        new Timer(loop).start(notes("fired"), wait);
        try (FlightRecord record = FlightRecord.byDefault("LoopTurn")) {
            Duration whole = timeOf(this::run);
            // Virtual time passes in none.
            Duration rest = kernel.kernel().blocksThread() ? whole.minus(wait) : whole;
            List<RecordedEvent> turns = record.events("LoopTurn");
            assertFalse(turns.stream().anyMatch(turn -> FlightRecord.isLongerThan(turn, rest)), turns::toString);
        }
    }

    @Test
    void theTimeBetweenTwoRunsBelongsToNoTurn() throws Exception {
        try (FlightRecord record = FlightRecord.of("LoopTurn")) {
            Duration between = LONG.multipliedBy(10);
            Duration whole = timeOf(() -> {
                settle();
                workFor(between);
                settle();
            });
            Duration rest = whole.minus(between);
            List<RecordedEvent> turns = record.events("LoopTurn");
            assertFalse(turns.isEmpty());
            assertFalse(turns.stream().anyMatch(turn -> FlightRecord.isLongerThan(turn, rest)), turns::toString);
        }
    }

    @Test
    void aHandlesLifeIsRecorded() throws Exception {
        try (FlightRecord record = FlightRecord.of("HandleOpened", "HandleClosed")) {
            Ends ends = ends();
            assertTalks(ends);
            run();
            // The second counts as its own bytes, whatever was sent before it.
            Ends second = ends();
            assertTalks(second);
            run();
            RecordedEvent later = single(FlightRecord.about(second.a(), record.events("HandleClosed")));
            assertEquals("hello".length(), later.getLong("bytesWritten"));
            RecordedEvent opened = single(FlightRecord.about(ends.a(), record.events("HandleOpened")));
            assertEquals("Pipe", opened.getString("type"));
            assertTrue(opened.getStackTrace().getFrames().stream().anyMatch(frame ->
                    frame.getMethod().getName().equals("aHandlesLifeIsRecorded")), opened::toString);
            List<RecordedEvent> closed = record.events("HandleClosed");
            RecordedEvent writer = single(FlightRecord.about(ends.a(), closed));
            assertEquals("Pipe", writer.getString("type"));
            assertEquals("hello".length(), writer.getLong("bytesWritten"));
            assertEquals(0, writer.getLong("bytesRead"));
            assertFalse(writer.getDuration("lifetime").isNegative());
            RecordedEvent reader = single(FlightRecord.about(ends.b(), closed));
            assertEquals("hello".length(), reader.getLong("bytesRead"));
            assertEquals(0, reader.getLong("bytesWritten"));
        }
    }

    @Test
    void aHandleThatWasMadeBeforeTheRecordingTellsItsWholeLife() throws Exception {
        Timer old = new Timer(loop);
        new Timer(loop).start(timer -> old.close(), LONG);
        try (FlightRecord record = FlightRecord.of("HandleClosed")) {
            run();
            RecordedEvent closed = single(FlightRecord.about(old, record.events("HandleClosed")));
            assertEquals("Timer", closed.getString("type"));
            assertTrue(closed.getDuration("lifetime").compareTo(LONG) >= 0, closed::toString);
        }
    }

    @Test
    void aClosedServerIsToldByName() throws Exception {
        Pipe server = listening(kernel.freshName(), (listener, error) -> {});
        String name = server.localName().replace('\0', '@');
        try (FlightRecord record = FlightRecord.of("HandleClosed")) {
            server.close();
            run();
            assertEquals(name, single(FlightRecord.about(server, record.events("HandleClosed"))).getString("name"));
        }
    }

    @Test
    void aWriteThatWaitsForItsReaderIsAStall() throws Exception {
        Ends ends = ends();
        try (FlightRecord record = FlightRecord.of("WriteStall")) {
            block(ends.a());
            long queued = ends.a().writeQueueSize();
            receive(ends.b());
            ends.a().shutdown();
            runUntil(() -> ends.a().writeQueueSize() == 0);
            List<RecordedEvent> stalls = FlightRecord.about(ends.a(), record.events("WriteStall"));
            assertFalse(stalls.isEmpty());
            assertTrue(stalls.stream().allMatch(stall -> stall.getLong("waiting") > 0), stalls::toString);
            assertTrue(stalls.stream().allMatch(stall -> stall.getLong("waiting") <= queued), stalls::toString);
        }
        ends.close();
    }

    @Test
    void aStallEndsWithItsHandle() throws Exception {
        Ends ends = ends();
        try (FlightRecord record = FlightRecord.of("WriteStall")) {
            block(ends.a());
            ends.close();
            run();
            assertFalse(FlightRecord.about(ends.a(), record.events("WriteStall")).isEmpty());
        }
    }

    @Test
    void handlesThatArePassedAreRecordedAtBothEnds() throws Exception {
        Pipe[] ipc = Pipe.pair(loop, true);
        Ends passed = ends();
        try (FlightRecord record = FlightRecord.of("HandlesSent", "HandlesReceived")) {
            ipc[0].write(ByteBuffer.wrap(bytes("two")), (pipe, error) -> throwIfAny(error), passed.a(), passed.b());
            ipc[1].startRead2((pipe, data, pending, error) -> {
                while (pipe.pendingCount() > 0) {
                    Pipe taken = pipe();
                    pipe.accept(taken);
                    taken.close();
                    log.add("taken");
                }
            });
            runUntil(() -> log.size() == 2);
            assertEquals(2, single(FlightRecord.about(ipc[0], record.events("HandlesSent"))).getInt("count"));
            RecordedEvent received = single(FlightRecord.about(ipc[1], record.events("HandlesReceived")));
            assertEquals(2, received.getInt("count"));
            assertFalse(received.getBoolean("truncated"));
        }
    }

    private static RecordedEvent single(List<RecordedEvent> events) {
        assertEquals(1, events.size(), events::toString);
        return events.getFirst();
    }
}
