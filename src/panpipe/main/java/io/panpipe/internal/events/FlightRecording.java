/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.events;

import jdk.jfr.FlightRecorder;

/**
 * Emits the events of single moments, where somebody records them.
 *
 * <p>Nothing of JDK Flight Recorder but one class is loaded before {@link #isOn} is first true: event classes cost time
 * to load, which a program that is not recorded must not pay. Handles are told apart by {@code handle}, the number that
 * {@code Loop.dump} shows.
 */
public final class FlightRecording {

    /** False in a run-time image without jdk.jfr. */
    private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    private FlightRecording() {}

    /**
     * Tells whether this JVM has been recorded at any time: if not, no event is worth preparing. One read of a static
     * field, since a recording may begin at any time.
     */
    public static boolean isOn() {
        return PRESENT && FlightRecorder.isInitialized();
    }

    /** Loads the classes of events that may come when no class file can be opened. */
    public static void prepare() {
        new AcceptFailed().isEnabled();
        new HandlesReceived().isEnabled();
    }

    /** A handle was made. */
    public static void handleOpened(String type, String handle) {
        HandleOpened event = new HandleOpened();
        if (event.shouldCommit()) {
            event.type = type;
            event.handle = handle;
            event.commit();
        }
    }

    /**
     * A handle is closed and its close callback due.
     *
     * @param lifetime nanoseconds since it was made
     * @param bytesRead bytes that it has read
     * @param bytesWritten bytes that the system has taken from it
     */
    public static void handleClosed(
            String type, String handle, String name, long lifetime, long bytesRead, long bytesWritten) {
        HandleClosed event = new HandleClosed();
        if (event.shouldCommit()) {
            event.type = type;
            event.handle = handle;
            event.name = name;
            event.lifetime = lifetime;
            event.bytesRead = bytesRead;
            event.bytesWritten = bytesWritten;
            event.commit();
        }
    }

    /**
     * The system has refused to accept a connection that waits.
     *
     * @param code the portable code's name
     */
    public static void acceptFailed(String handle, String name, String code) {
        AcceptFailed event = new AcceptFailed();
        if (event.shouldCommit()) {
            event.handle = handle;
            event.name = name;
            event.code = code;
            event.commit();
        }
    }

    /** Open handles have left with the bytes of a stream. */
    public static void handlesSent(String handle, String name, int count) {
        HandlesSent event = new HandlesSent();
        if (event.shouldCommit()) {
            event.handle = handle;
            event.name = name;
            event.count = count;
            event.commit();
        }
    }

    /**
     * Open handles have come with the bytes of a stream.
     *
     * @param truncated whether there were more than this process has room for
     */
    public static void handlesReceived(String handle, String name, int count, boolean truncated) {
        HandlesReceived event = new HandlesReceived();
        if (event.shouldCommit()) {
            event.handle = handle;
            event.name = name;
            event.count = count;
            event.truncated = truncated;
            event.commit();
        }
    }
}
