/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import java.util.ArrayList;
import java.util.List;

/**
 * Writes down what a loop is doing and which handles it has. It takes no lock and checks no thread, since the loop to be
 * looked at may be the one that is stuck: read from another thread, a handle may be missing or half-made.
 */
final class LoopDump {

    private static final int MOST_FRAMES = 24;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long MILLIS_PER_SECOND = 1000;

    private final LoopCore loop;
    private final StringBuilder out = new StringBuilder();

    private LoopDump(LoopCore loop) {
        this.loop = loop;
    }

    static String of(LoopCore loop) {
        LoopDump dump = new LoopDump(loop);
        dump.header();
        for (HandleCore handle : loop.handles().toList()) {
            dump.handle(handle);
        }
        dump.stack();
        return dump.out.toString();
    }

    private void header() {
        Thread thread = loop.owner().thread();
        out.append("Loop ").append(FlightReport.number(loop.loop()));
        out.append(" of thread \"").append(thread.getName()).append("\": ").append(state());
        out.append(", turn ").append(loop.counters().iterations());
        out.append(", ").append(seconds(loop.clockNanos())).append(" old\n");
        out.append("      active and referenced handles: ").append(loop.activeHandles());
        out.append(", pending requests: ").append(loop.requests());
        out.append(", queued tasks: ").append(loop.tasks().size()).append('\n');
    }

    private String state() {
        if (loop.isClosed()) {
            return "closed";
        }
        if (!loop.isRunning()) {
            return "not running";
        }
        return loop.counters().isWaiting() ? "waiting for events" : "working";
    }

    private void handle(HandleCore handle) {
        int begin = out.length();
        try {
            List<String> facts = new ArrayList<>();
            handle.describe(facts);
            facts.add(seconds(handle.ageNanos()) + " old");
            out.append('[').append(handle.isReferenced() ? 'R' : '-').append(handle.isActive() ? 'A' : '-');
            out.append(handle.isClosing() ? 'C' : '-').append("] ").append(FlightReport.number(handle.handle())).append(' ');
            out.append(handle).append(": ").append(String.join(", ", facts)).append('\n');
        } catch (NullPointerException halfMade) {
            // Only another thread sees a handle whose constructor has not ended.
            out.setLength(begin);
            out.append("[---] ").append(FlightReport.number(handle.handle())).append(' ');
            out.append(handle.handle().getClass().getSimpleName()).append(": changing just now\n");
        }
        CreationSites sites = loop.handles().creationSites();
        if (sites != null) {
            sites.describe(handle, out);
        }
    }

    /** Appends what the loop's thread is doing, which is of interest only to another one. */
    private void stack() {
        Thread thread = loop.owner().thread();
        if (thread == Thread.currentThread() || !loop.isRunning()) {
            return;
        }
        out.append("Thread \"").append(thread.getName()).append("\": ").append(thread.getState()).append('\n');
        StackTraceElement[] frames = thread.getStackTrace();
        for (int i = 0; i < Math.min(frames.length, MOST_FRAMES); i++) {
            out.append("      at ").append(frames[i]).append('\n');
        }
    }

    /** Returns a time as seconds with three decimals. */
    static String seconds(long nanos) {
        long millis = nanos / NANOS_PER_MILLI;
        String fraction = Long.toString(MILLIS_PER_SECOND + millis % MILLIS_PER_SECOND).substring(1);
        return millis / MILLIS_PER_SECOND + "." + fraction + " s";
    }
}
