/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;

/** What Netty documents as faster than its defaults; to be set before any of its classes is loaded. */
public final class NettySettings {

    private NettySettings() {}

    /** Sets the system properties, and has Netty log as the JDK does, whatever else is on the class path. */
    public static void apply() {
        // Buffers are not sampled for leaks, and their bounds and reference counts not checked on each access.
        System.setProperty("io.netty.leakDetection.level", "disabled");
        System.setProperty("io.netty.buffer.checkBounds", "false");
        System.setProperty("io.netty.buffer.checkAccessible", "false");
        // Direct buffers without cleaners, as before Java 24 by default.
        System.setProperty("io.netty.noUnsafe", "false");
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    }
}
