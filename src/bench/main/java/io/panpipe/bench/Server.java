/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The programs that are compared. */
enum Server {
    FLOOR("floor", "C floor"),
    LIBUV("libuv", "libuv"),
    NIO("NioServer", "JDK NIO"),
    NETTY("NettyServer", "Netty epoll"),
    JUNIXSOCKET("JunixsocketServer", "junixsocket"),
    JNR("JnrServer", "jnr-unixsocket"),
    PANPIPE("PanpipeServer", "Panpipe");

    private static final String PACKAGE = "io.panpipe.bench.servers.";

    private final String program;
    private final String title;

    Server(String program, String title) {
        this.program = program;
        this.title = title;
    }

    /** As on the command line and in the results. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As in the report. */
    String title() {
        return title;
    }

    boolean isJava() {
        return this != FLOOR && this != LIBUV;
    }

    /** A peer that fails is left out of what is measured; without these two there would be nothing to compare. */
    boolean isIndispensable() {
        return this == FLOOR || this == PANPIPE;
    }

    /**
     * Whether it closes what is accepted and ended. junixsocket 2.11.1 keeps the descriptors: 11,000 after seconds, and
     * then it cannot accept.
     */
    boolean freesConnections() {
        return this != JUNIXSOCKET;
    }

    static Server of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }

    /** How the program is started. */
    List<String> command(Environment environment, List<String> jvmOptions) {
        if (!isJava()) {
            return List.of(environment.program(program));
        }
        List<String> command = new ArrayList<>(environment.java());
        command.addAll(jvmOptions);
        command.add(PACKAGE + program);
        return command;
    }
}
