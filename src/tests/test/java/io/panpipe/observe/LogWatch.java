/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.observe;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What this thread tells the logger io.panpipe while this is open. */
final class LogWatch extends Handler implements AutoCloseable {

    private static final Logger LOGGER = Logger.getLogger("io.panpipe");

    private final Thread thread = Thread.currentThread();
    private final List<String> lines = new ArrayList<>();

    LogWatch() {
        LOGGER.addHandler(this);
    }

    /** Returns level and text of each message. */
    List<String> lines() {
        return lines;
    }

    @Override
    public void publish(LogRecord line) {
        if (Thread.currentThread() == thread) {
            lines.add(line.getLevel() + " " + line.getMessage());
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        LOGGER.removeHandler(this);
    }
}
