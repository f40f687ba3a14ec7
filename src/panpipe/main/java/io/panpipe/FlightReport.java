/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.events.FlightRecording;
import io.panpipe.internal.kernel.HandleInbox;
import java.util.HexFormat;

/** Tells Flight Recorder what befalls handles; where nobody records, each question costs one read of a static field. */
final class FlightReport {

    private FlightReport() {}

    /** Loads the events of trouble with descriptors, which cannot be loaded without one. */
    static void prepare() {
        if (FlightRecording.isOn()) {
            FlightRecording.prepare();
        }
    }

    /** Returns the number that stands for a handle, or a loop, in events and dumps. */
    static String number(Object handle) {
        return HexFormat.of().toHexDigits(System.identityHashCode(handle));
    }

    static void opened(Handle handle) {
        if (FlightRecording.isOn()) {
            FlightRecording.handleOpened(handle.getClass().getSimpleName(), number(handle));
        }
    }

    static void closed(Handle handle) {
        if (FlightRecording.isOn()) {
            FlightRecording.handleClosed(handle.getClass().getSimpleName(), number(handle), nameOf(handle),
                    handle.ageNanos(), handle.bytesRead(), handle.bytesWritten());
        }
    }

    static void acceptFailed(StreamState<?> server, PanpipeException error) {
        if (FlightRecording.isOn()) {
            FlightRecording.acceptFailed(number(server), nameOf(server), error.code().name());
        }
    }

    /** Writes have taken descriptors along. */
    static void sent(StreamState<?> stream, int count) {
        if (FlightRecording.isOn()) {
            FlightRecording.handlesSent(number(stream), nameOf(stream), count);
        }
    }

    /** A read has ended; reports if it brought descriptors. */
    static void received(StreamState<?> stream, HandleInbox inbox) {
        if ((inbox.count() > 0 || inbox.isTruncated()) && FlightRecording.isOn()) {
            FlightRecording.handlesReceived(number(stream), nameOf(stream), inbox.count(), inbox.isTruncated());
        }
    }

    private static String nameOf(Handle handle) {
        return handle instanceof DescriptorHandle named ? PanpipeException.printable(named.name()) : "";
    }
}
