/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The sockets that systemd, or whoever else follows its protocol, has opened for this process before starting it
 * (sd_listen_fds(3)).
 *
 * <p>A service that is started so needs no right to bind its address, misses no connection while it starts or restarts,
 * and can be started by the first connection.
 *
 * @since 0.1
 */
public final class SocketActivation {

    private static final String PID = "LISTEN_PID";
    private static final String COUNT = "LISTEN_FDS";
    private static final String NAMES = "LISTEN_FDNAMES";

    /** SD_LISTEN_FDS_START: the first number behind the standard streams. */
    private static final long FIRST = 3;

    /** Linux's default of fs.nr_open, the most descriptors that a process can have: a larger number is a mistake. */
    private static final long MOST = 1_048_576;

    private static final SocketActivation OURS =
            new SocketActivation(System.getenv(), ProcessHandle.current().pid());

    private final Map<String, String> environment;
    private final long pid;
    private boolean taken;

    SocketActivation(Map<String, String> environment, long pid) {
        this.environment = environment;
        this.pid = pid;
    }

    /**
     * Takes the descriptors that this process was started with. They are handed out once: a second call returns an empty
     * list. May be called from any thread.
     *
     * <p>Read are the environment variables LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES. Where LISTEN_PID is not this
     * process, the descriptors were meant for another one, from which the variables were inherited.
     *
     * @return the descriptors in order, from 3 on; empty if this process was not started so
     * @throws IllegalStateException if a variable is malformed, which the message names
     */
    public static List<ActivatedDescriptor> take() {
        return OURS.takeOnce();
    }

    synchronized List<ActivatedDescriptor> takeOnce() {
        if (taken) {
            return List.of();
        }
        List<ActivatedDescriptor> descriptors = read();
        taken = true;
        return descriptors;
    }

    private List<ActivatedDescriptor> read() {
        String count = environment.get(COUNT);
        if (!isForThisProcess() || count == null) {
            return List.of();
        }
        int length = (int) number(COUNT, count, MOST);
        String[] names = names(length);
        List<ActivatedDescriptor> descriptors = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            descriptors.add(new ActivatedDescriptor(names.length == 0 ? "unknown" : names[i], FIRST + i));
        }
        return List.copyOf(descriptors);
    }

    private boolean isForThisProcess() {
        String meant = environment.get(PID);
        return meant != null && number(PID, meant, Integer.MAX_VALUE) == pid;
    }

    private static long number(String variable, String value, long most) {
        // At most ten digits, so that the number fits; parseLong alone would take signs and other scripts' digits.
        if (value.matches("[0-9]{1,10}")) {
            long number = Long.parseLong(value);
            if (number >= 1 && number <= most) {
                return number;
            }
        }
        throw new IllegalStateException(variable + " is not a number from 1 to " + most + ": \"" + value + "\"");
    }

    /** Returns the names, or none at all where there are none. */
    private String[] names(int count) {
        String joined = environment.get(NAMES);
        if (joined == null) {
            return new String[0];
        }
        String[] names = joined.split(":", -1);
        if (names.length != count) {
            throw new IllegalStateException(NAMES + " has " + names.length + " names for the " + count + " descriptors of "
                    + COUNT + ": \"" + joined + "\"");
        }
        return names;
    }
}
