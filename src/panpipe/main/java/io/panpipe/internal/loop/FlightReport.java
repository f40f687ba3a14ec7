/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.events.FlightRecording;
import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.NameBytes;
import java.util.HexFormat;

/** Tells Flight Recorder what befalls handles; where nobody records, each question costs one read of a static field. */
public final class FlightReport {

    private FlightReport() {}

    /** Loads the events of trouble with descriptors, which cannot be loaded without one. */
    static void prepare() {
        if (FlightRecording.isOn()) {
            FlightRecording.prepare();
        }
    }

    /** Returns the number that stands for a handle, or a loop, in events and dumps. */
    public static String number(Object handle) {
        return HexFormat.of().toHexDigits(System.identityHashCode(handle));
    }

    static void opened(HandleCore handle) {
        if (FlightRecording.isOn()) {
            FlightRecording.handleOpened(kind(handle), number(handle.handle()));
        }
    }

    static void closed(HandleCore handle) {
        if (FlightRecording.isOn()) {
            FlightRecording.handleClosed(kind(handle), number(handle.handle()), printable(handle),
                    handle.ageNanos(), handle.bytesRead(), handle.bytesWritten());
        }
    }

    /** A server could not accept a connection. */
    public static void acceptFailed(HandleCore server, Failure failure) {
        if (FlightRecording.isOn()) {
            FlightRecording.acceptFailed(number(server.handle()), printable(server), failure.fault().name());
        }
    }

    /** Writes have taken descriptors along. */
    public static void sent(HandleCore stream, int count) {
        if (FlightRecording.isOn()) {
            FlightRecording.handlesSent(number(stream.handle()), printable(stream), count);
        }
    }

    /** A read has ended; reports if it brought descriptors. */
    public static void received(HandleCore stream, HandleInbox inbox) {
        if ((inbox.count() > 0 || inbox.isTruncated()) && FlightRecording.isOn()) {
            FlightRecording.handlesReceived(number(stream.handle()), printable(stream), inbox.count(), inbox.isTruncated());
        }
    }

    private static String kind(HandleCore handle) {
        return handle.handle().getClass().getSimpleName();
    }

    /** Returns the name of a handle as it can be printed. */
    public static String printable(HandleCore handle) {
        return NameBytes.printable(handle.name());
    }
}
