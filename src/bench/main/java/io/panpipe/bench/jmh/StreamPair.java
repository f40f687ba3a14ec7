/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.jmh;

/**
 * Two connected Unix sockets in one loop, which the calling thread runs: one sends messages, the other one answers. All
 * time is that of the library and the kernel.
 */
interface StreamPair {

    int MESSAGE_SIZE = 64;
    /** So many writes of so many bytes are the answer to a burst's request. */
    int BURST_WRITES = 1000;
    int BURST_SIZE = 16;

    /** Makes a pair as one of the libraries has it; either one that echoes or one that answers in bursts. */
    static StreamPair of(String name, boolean burst) throws Exception {
        return switch (name) {
            case "panpipe" -> new PanpipePair(burst);
            case "jdk" -> new ChannelPair(burst, false);
            case "jdk-copy" -> new ChannelPair(burst, true);
            case "netty" -> new NettyPair(burst);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** Sends a message and waits for the answer, so many times, without leaving the loop. */
    void roundTrips(int count) throws Exception;

    void end() throws Exception;
}
