/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

/**
 * Makes threads that nobody sees and that may outlive whoever happened to need them first: they keep nothing of that
 * thread, neither its class loader and thread-locals, which would never be freed, nor its priority and group.
 */
public final class InternalThreads {

    private InternalThreads() {}

    /** Makes a thread that does not keep the program from ending, and does not start it. */
    public static Thread daemon(String name, Runnable task) {
        // Its class loader then is the system's.
        return Thread.ofPlatform()
                .daemon()
                .name(name)
                .group(outermostGroup())
                .priority(Thread.NORM_PRIORITY)
                .inheritInheritableThreadLocals(false)
                .unstarted(task);
    }

    private static ThreadGroup outermostGroup() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        for (ThreadGroup outer = group; outer != null; outer = outer.getParent()) {
            group = outer;
        }
        return group;
    }
}
