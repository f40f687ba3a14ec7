/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.util.List;
import java.util.Optional;

/**
 * Who is compared with whom, told by names: {@code libuv-gather} is libuv, in another manner. What polls is compared
 * with what polls, and what splices with what splices.
 */
final class Peers {

    static final String FLOOR = Server.FLOOR.label();
    static final String PANPIPE = Server.PANPIPE.label();
    static final String BUSY = "-busy";
    static final String SPLICE = "-splice";
    /** What brings more bytes into a call than one block has. */
    private static final String GATHER = "-gather";
    /** What brings more datagrams into a call than one. */
    private static final String MANY = "-many";

    private static final String NETTY = Server.NETTY.label();
    private static final String BEFORE = "-before";

    private Peers() {}

    /** The name of the library in the name of a contestant. */
    static String library(String contestant) {
        int manner = contestant.indexOf('-');
        return manner < 0 ? contestant : contestant.substring(0, manner);
    }

    static boolean isFloor(String contestant) {
        return library(contestant).equals(FLOOR);
    }

    /** Whether it is Panpipe as it is, and not an earlier one that is measured beside it. */
    static boolean isOurs(String contestant) {
        return library(contestant).equals(PANPIPE) && !contestant.endsWith(BEFORE);
    }

    /** Whether it polls. Its processor time is that of polling, and says nothing; its round trips do. */
    static boolean isBusy(String contestant) {
        return contestant.endsWith(BUSY);
    }

    /** Whether it is another library that works in the same manner as {@code ours}: both sleep, or both poll. */
    static boolean isPeer(String ours, String contestant) {
        return !isFloor(contestant) && !library(contestant).equals(PANPIPE) && isBusy(contestant) == isBusy(ours);
    }

    /** The floor that does a work as a contestant does it, if it was measured; else the floor. Who polls has none. */
    static Optional<String> floorOf(List<String> all, String contestant) {
        if (isBusy(contestant)) {
            return Optional.empty();
        }
        String splicing = FLOOR + SPLICE;
        if (all.contains(splicing) && (contestant.equals(PANPIPE) || contestant.endsWith(SPLICE))) {
            // pipeTo, where the system splices.
            return Optional.of(splicing);
        }
        // Netty does both without being asked, and Panpipe gathers what is queued.
        boolean netty = library(contestant).equals(NETTY);
        if (all.contains(FLOOR + GATHER) && (netty || contestant.equals(PANPIPE) || contestant.endsWith(GATHER))) {
            return Optional.of(FLOOR + GATHER);
        }
        if (all.contains(FLOOR + MANY) && (netty || contestant.endsWith(MANY))) {
            return Optional.of(FLOOR + MANY);
        }
        return Optional.of(FLOOR).filter(all::contains);
    }
}
