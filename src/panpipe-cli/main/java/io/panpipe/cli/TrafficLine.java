/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.Timer;
import java.time.Duration;
import java.util.Locale;

/** Counts bytes and shows them in a live line, for a transfer that says nothing looks like one that hangs. */
final class TrafficLine {

    private static final Duration INTERVAL = Duration.ofMillis(500);
    private static final double NANOS_PER_SECOND = 1e9;
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private final Messages messages;
    private final boolean shown;
    private final long begun = System.nanoTime();
    private long sent;
    private long received;
    private long lastTime = begun;
    private long lastSent;
    private long lastReceived;

    private TrafficLine(Messages messages, boolean shown) {
        this.messages = messages;
        this.shown = shown;
    }

    /**
     * Makes a line for a command whose data does not go through standard input and output.
     *
     * @param wanted whether to show it where standard error is a terminal
     */
    static TrafficLine start(Session session, boolean wanted) {
        TrafficLine line = new TrafficLine(session.messages(), wanted && Terminal.is(2));
        if (line.shown) {
            Timer timer = new Timer(session.loop());
            timer.start(due -> line.show(), INTERVAL, INTERVAL);
            timer.unref();
            session.onClose(line::end);
        }
        return line;
    }

    /** Makes a line for a command that copies standard streams: in a terminal they would run through each other. */
    static TrafficLine startBesideStreams(Session session, boolean wanted) {
        return start(session, wanted && !Terminal.is(0) && !Terminal.is(1));
    }

    boolean isShown() {
        return shown;
    }

    void sent(int bytes) {
        sent += bytes;
    }

    void received(int bytes) {
        received += bytes;
    }

    private void show() {
        long time = System.nanoTime();
        double seconds = (time - lastTime) / NANOS_PER_SECOND;
        messages.live(text((sent - lastSent) / seconds, (received - lastReceived) / seconds));
        lastTime = time;
        lastSent = sent;
        lastReceived = received;
    }

    /** Leaves the totals, with the rates of the whole time. */
    private void end() {
        double seconds = (System.nanoTime() - begun) / NANOS_PER_SECOND;
        messages.live(text(sent / seconds, received / seconds));
        messages.endLive();
    }

    private String text(double sendRate, double receiveRate) {
        return "sent " + bytes(sent) + " (" + bytes(sendRate) + "/s), received " + bytes(received) + " ("
                + bytes(receiveRate) + "/s)";
    }

    static String bytes(double count) {
        int unit = 0;
        double value = count;
        while (value >= 1000 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, UNITS[unit]);
    }
}
