/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.jmh;

import java.util.concurrent.Executor;

/** A loop in a thread of its own that runs tasks of other threads, and sleeps in the kernel without any. */
interface TaskLoop extends Executor {

    /** Starts one of those that are compared. */
    static TaskLoop of(String name) throws Exception {
        return switch (name) {
            case "panpipe" -> new PanpipeTaskLoop();
            case "netty-epoll", "netty-nio" -> new NettyTaskLoop(name.equals("netty-epoll"));
            case "jdk" -> new SelectorTaskLoop();
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** Ends the loop and its thread. */
    void end() throws InterruptedException;
}
