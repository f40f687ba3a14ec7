/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.observe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** A recording of this JVM, of which only the events of one thread count: other tests run beside this one. */
final class FlightRecord implements AutoCloseable {

    private final Recording recording = new Recording();
    private final long thread = Thread.currentThread().threadId();

    private FlightRecord() {}

    /** Begins to record events however short they are. */
    static FlightRecord of(String... names) {
        FlightRecord record = new FlightRecord();
        for (String name : names) {
            record.recording.enable("io.panpipe." + name).withoutThreshold();
        }
        record.recording.start();
        return record;
    }

    /** Begins to record one kind of event as it is recorded by default. */
    static FlightRecord byDefault(String name) {
        FlightRecord record = new FlightRecord();
        record.recording.enable("io.panpipe." + name);
        record.recording.start();
        return record;
    }

    /** Returns what was recorded so far, in order. */
    List<RecordedEvent> events(String name) throws IOException {
        Path file = Files.createTempFile("panpipe", ".jfr");
        try {
            recording.dump(file);
            return RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().equals("io.panpipe." + name))
                    .filter(event -> event.getThread() != null && event.getThread().getJavaThreadId() == thread)
                    .toList();
        } finally {
            Files.delete(file);
        }
    }

    /** Returns the events that tell of one handle. */
    static List<RecordedEvent> about(Object handle, List<RecordedEvent> events) {
        String number = String.format("%08x", System.identityHashCode(handle));
        return events.stream().filter(event -> event.getString("handle").equals(number)).toList();
    }

    static boolean isLongerThan(RecordedEvent event, Duration time) {
        return event.getDuration().compareTo(time) >= 0;
    }

    @Override
    public void close() {
        recording.close();
    }
}
