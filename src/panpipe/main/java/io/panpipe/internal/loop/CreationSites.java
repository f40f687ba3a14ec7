/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the handles of one loop were made, if {@code LoopOptions.creationSites} asked to know. It keeps neither the handles
 * nor the loop from being collected, and knows of those that were forgotten with it.
 */
final class CreationSites {

    private static final int MOST_FRAMES = 8;
    private static final String FRONT = "io.panpipe";

    private final Map<HandleCore, Throwable> sites = Collections.synchronizedMap(new WeakHashMap<>());

    /** The same ones; the message of each is the kind of handle. */
    private final Set<Throwable> open = ConcurrentHashMap.newKeySet();

    /** Remembers the caller as the one who has made a handle. */
    void add(HandleCore handle) {
        Throwable site = new Throwable(handle.handle().getClass().getSimpleName());
        open.add(site);
        sites.put(handle, site);
    }

    void remove(HandleCore handle) {
        Throwable site = sites.remove(handle);
        if (site != null) {
            forget(site);
        }
    }

    /** What was made there is closed. */
    void forget(Throwable site) {
        open.remove(site);
    }

    /** Returns where a handle was made, whose stack trace tells it; null if it is closed. */
    @Nullable Throwable of(HandleCore handle) {
        return sites.get(handle);
    }

    /** Appends the user's frames: from the one that called Panpipe to the one that Panpipe, or the JVM, called. */
    void describe(HandleCore handle, StringBuilder out) {
        Throwable site = sites.get(handle);
        if (site != null) {
            describe(site, out);
        }
    }

    /** Appends where each handle was made that was not closed. */
    void describeAll(StringBuilder out) {
        for (Throwable site : open) {
            out.append("  ").append(site.getMessage()).append('\n');
            describe(site, out);
        }
    }

    static void describe(Throwable site, StringBuilder out) {
        int shown = 0;
        for (StackTraceElement frame : site.getStackTrace()) {
            boolean ours = frame.getClassName().startsWith("io.panpipe.internal.")
                    || FRONT.equals(packageOf(frame.getClassName()));
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
