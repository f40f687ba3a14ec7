/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What a user must see, told to {@link System.Logger} {@code io.panpipe}, which is looked up when there is a message:
 * that costs tens of milliseconds.
 *
 * <p>The first message of a JVM opens files: libraries, the configuration, time zones. Without a descriptor left that
 * fails, and the JDK never tries again: java.util.logging stays silent, and java.nio.file is broken. Yet a shortage of
 * descriptors is just what there is to tell. So messages are held back until a file can be opened; after the first one
 * they need none.
 */
final class UserLog {

    private static final String NAME = "io.panpipe";

    private static final int MOST_HELD = 32;

    private static final ArrayDeque<Message> HELD = new ArrayDeque<>();
    private static volatile boolean holds;
    private static volatile boolean usable;

    private record Message(System.Logger.Level level, String text, @Nullable Throwable thrown) {}

    private UserLog() {}

    /** Loads the classes of a message, which cannot be loaded without a descriptor. */
    static void prepare() {
        new Message(System.Logger.Level.WARNING, "", null);
    }

    static void error(String text, Throwable thrown) {
        tell(System.Logger.Level.ERROR, text, thrown);
    }

    static void warning(String text) {
        tell(System.Logger.Level.WARNING, text, null);
    }

    /** Tells what only somebody who looks for it wants to know; it is not held back. */
    static void debug(String text, Throwable thrown) {
        try {
            if (!holds && isUsable()) {
                System.Logger logger = System.getLogger(NAME);
                if (logger.isLoggable(System.Logger.Level.DEBUG)) {
                    logger.log(System.Logger.Level.DEBUG, text + ": " + thrown.getMessage());
                }
            }
        } catch (Throwable broken) {
            // As below.
        }
    }

    private static void tell(System.Logger.Level level, String text, @Nullable Throwable thrown) {
        try {
            log(new Message(level, text, thrown));
        } catch (Throwable broken) {
            // A full disk, an appender that throws, no memory for a line: that a log is broken ends no loop, whose callbacks are
            // others' as well, and there is nobody left to tell.
        }
    }

    private static void log(Message message) {
        if (usable && !holds) {
            // By the thread whose loop has something to tell, not by whichever finds it among what is held.
            System.getLogger(NAME).log(message.level, message.text, message.thrown);
            return;
        }
        synchronized (HELD) {
            if (HELD.size() < MOST_HELD) {
                HELD.add(message);
            }
            holds = true;
        }
        tellHeld();
    }

    /** Tells what is held back, if it can be told now. */
    static void retry() {
        try {
            tellHeld();
        } catch (Throwable broken) {
            // As above.
        }
    }

    private static void tellHeld() {
        if (!holds || !isUsable()) {
            return;
        }
        System.Logger logger = System.getLogger(NAME);
        for (Message next = take(); next != null; next = take()) {
            logger.log(next.level, next.text, next.thrown);
            usable = true;
        }
    }

    private static @Nullable Message take() {
        synchronized (HELD) {
            Message first = HELD.poll();
            holds = !HELD.isEmpty();
            return first;
        }
    }

    private static boolean isUsable() {
        if (usable) {
            return true;
        }
        // A native image has no home and no such file, and its log needs none. A look at whether it exists takes no descriptor.
        String home = System.getProperty("java.home");
        File modules = new File(home + "/lib/modules");
        if (home == null || !modules.exists()) {
            return true;
        }
        try (FileInputStream opened = new FileInputStream(modules)) {
            return opened.getFD().valid();
        } catch (IOException noDescriptor) {
            return false;
        }
    }
}
