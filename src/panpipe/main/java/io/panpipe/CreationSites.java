/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Where the handles of one loop were made, if {@link LoopOptions#creationSites} asked to know. */
final class CreationSites {

    private static final int MOST_FRAMES = 8;

    private final Map<Handle, Throwable> sites = new ConcurrentHashMap<>();

    /** Remembers the caller as the one who has made a handle. */
    void add(Handle handle) {
        sites.put(handle, new Throwable());
    }

    void remove(Handle handle) {
        sites.remove(handle);
    }

    /** Appends the user's frames: from the one that called Panpipe to the one that Panpipe, or the JVM, called. */
    void describe(Handle handle, StringBuilder out) {
        Throwable site = sites.get(handle);
        if (site == null) {
            return;
        }
        int shown = 0;
        for (StackTraceElement frame : site.getStackTrace()) {
            boolean ours = frame.getClassName().startsWith("io.panpipe.internal.")
                    || Handle.class.getPackageName().equals(packageOf(frame.getClassName()));
            if (ours && shown > 0 || shown == MOST_FRAMES) {
                return;
            }
            if (!ours) {
                out.append(shown++ == 0 ? "      made at " : "           at ").append(frame).append('\n');
            }
        }
    }

    private static String packageOf(String className) {
        return className.substring(0, Math.max(0, className.lastIndexOf('.')));
    }
}
