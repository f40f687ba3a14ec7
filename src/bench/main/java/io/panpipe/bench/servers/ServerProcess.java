/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the command line of a server says, and how its process talks to the one that measures: it prints
 * {@code ready}, and ends when its standard input does.
 *
 * @param work what is asked for, such as {@code echo}
 * @param path where to listen
 * @param upstream what a proxy connects to
 */
record ServerProcess(String work, Path path, @Nullable Path upstream) {

    static final int READ_SIZE = 64 * 1024;
    /** A turn of the work {@code writes} makes so many writes of so many bytes for each byte that came. */
    static final int SMALL_WRITES = 1000;
    static final int SMALL_SIZE = 16;
    /** No datagram is larger. */
    static final int DATAGRAM_SIZE = 2048;
    /** What a connection of the work {@code remote} may have under way. */
    static final int ANSWER_SIZE = 4096;
    /** So long may a connection of the work {@code timers} be silent. */
    static final Duration SILENCE = Duration.ofSeconds(10);

    private static final int WRONG_USE = 2;

    static ServerProcess of(String[] args) {
        if (args.length < 2) {
            System.err.println("usage: WORK PATH [UPSTREAM]");
            System.exit(WRONG_USE);
        }
        return new ServerProcess(args[0], Path.of(args[1]), args.length > 2 ? Path.of(args[2]) : null);
    }

    /** What each of the small writes is, as the load expects it. */
    static ByteBuffer smallMessage() {
        byte[] text = "0123456789abcde".getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocateDirect(SMALL_SIZE).put(text).clear();
    }

    Path requiredUpstream() {
        if (upstream == null) {
            throw new IllegalArgumentException(work + " needs an UPSTREAM to connect to");
        }
        return upstream;
    }

    /**
     * Whether the loop asks for events again and again instead of sleeping. It does so as long as there is a client:
     * between its turns a server leaves the processor to the others.
     */
    static boolean busy() {
        return Boolean.getBoolean("bench.busy");
    }

    /** Says that clients may come, and ends this process when standard input does. */
    void ready() {
        readyAt("");
    }

    /** Says that clients may come to a port of the loopback, by {@code tcp} or {@code udp}. */
    void ready(String protocol, int port) {
        readyAt(" " + protocol + ":" + port);
    }

    private void readyAt(String address) {
        Thread.ofPlatform().daemon().name("stdin").start(this::awaitEnd);
        System.out.println("ready" + address);
    }

    private void awaitEnd() {
        int status = 0;
        try {
            while (System.in.read() >= 0) {
                // Nothing is said there.
            }
            Files.deleteIfExists(path);
        } catch (IOException unexpected) {
            unexpected.printStackTrace();
            status = 1;
        }
        System.exit(status);
    }

    /** Ends this process because the library cannot do what is asked for. */
    IllegalStateException unsupported() {
        return unsupported("");
    }

    /** The same where it could on another machine, with the reason in one line. */
    IllegalStateException unsupported(String reason) {
        System.out.println(("unsupported " + reason).strip());
        System.exit(WRONG_USE);
        return new IllegalStateException("exited");
    }
}
