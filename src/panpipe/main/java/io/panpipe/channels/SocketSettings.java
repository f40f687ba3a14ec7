/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import java.net.SocketOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a socket was told of options. Most are TCP's, and mean nothing to a pipe; but programs set them on whatever
 * socket they get, and read back what they have set. So they are kept, and that is all.
 */
final class SocketSettings {

    /** What is told of a buffer whose size the system does not tell, such as a named pipe's. */
    static final int SOME_BUFFER = 64 * 1024;

    /** A linger time that is disabled. */
    static final int NO_LINGER = -1;

    private static final int LONGEST_LINGER = 65_535;

    volatile boolean tcpNoDelay;
    volatile boolean keepAlive;
    volatile boolean oobInline;
    volatile boolean reuseAddress;
    volatile int trafficClass;
    private final Map<SocketOption<?>, Object> others = new ConcurrentHashMap<>();
    private volatile int linger = NO_LINGER;
    private volatile int timeout;
    private volatile int sendBuffer;
    private volatile int receiveBuffer;

    /**
     * Tells whether an option is another one of TCP: the JDK has some in jdk.net, Apache HttpClient sets them on every
     * socket, and a later JDK may have more.
     */
    static boolean isOfTcp(SocketOption<?> option) {
        return option.name().startsWith("TCP_") && (option.type() == Integer.class || option.type() == Boolean.class);
    }

    /** Keeps another option of TCP. */
    void other(SocketOption<?> option, Object value) {
        others.put(option, value);
    }

    /** Returns what was kept, or what means nothing. */
    Object other(SocketOption<?> option) {
        Object kept = others.get(option);
        if (kept != null) {
            return kept;
        }
        return option.type() == Boolean.class ? (Object) false : (Object) 0;
    }

    int linger() {
        return linger;
    }

    void linger(boolean on, int seconds) {
        if (on && seconds < 0) {
            throw new IllegalArgumentException("invalid value for SO_LINGER: " + seconds);
        }
        linger = on ? Math.min(seconds, LONGEST_LINGER) : NO_LINGER;
    }

    void trafficClass(int value) {
        if (value < 0 || value > 255) {
            throw new IllegalArgumentException("the traffic class is not in 0 to 255: " + value);
        }
        trafficClass = value;
    }

    /** Returns how long a call may wait, in milliseconds; 0 for ever. */
    int timeout() {
        return timeout;
    }

    void timeout(int millis) {
        if (millis < 0) {
            throw new IllegalArgumentException("the timeout is negative: " + millis);
        }
        timeout = millis;
    }

    /** Returns what was asked for, 0 if nothing was. */
    int sendBuffer() {
        return sendBuffer;
    }

    void sendBuffer(int bytes) {
        sendBuffer = checkSize(bytes);
    }

    /** Returns what was asked for, 0 if nothing was. */
    int receiveBuffer() {
        return receiveBuffer;
    }

    void receiveBuffer(int bytes) {
        receiveBuffer = checkSize(bytes);
    }

    private static int checkSize(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("a buffer of less than one byte: " + bytes);
        }
        return bytes;
    }
}
