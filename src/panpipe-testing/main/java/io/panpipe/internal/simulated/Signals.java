/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.SignalSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who in a simulated process hears of which signal. */
final class Signals implements SignalSource {

    /** No program can have these: SIGKILL, SIGSTOP. */
    private static final int KILL = 9;
    private static final int STOP = 19;
    private static final int LAST = 31;

    private final World world;
    private final Map<Integer, List<Hearer>> hearers = new HashMap<>();

    /** One that hears of a signal; two with the same task are two. */
    private record Hearer(Object identity, Runnable told) {}

    Signals(World world) {
        this.world = world;
    }

    @Override
    public Registration hear(int number, Runnable told) {
        check(number);
        if (number == KILL || number == STOP) {
            throw new IllegalArgumentException("signal " + number + " cannot be had: it is the system's alone");
        }
        Hearer hearer = new Hearer(new Object(), told);
        world.run(() -> hearers.computeIfAbsent(number, none -> new ArrayList<>(1)).add(hearer));
        return () -> world.run(() -> end(number, hearer));
    }

    private void end(int number, Hearer hearer) {
        List<Hearer> present = hearers.get(number);
        if (present != null && present.remove(hearer) && present.isEmpty()) {
            hearers.remove(number);
        }
    }

    /** Returns who is to be told of a signal; nobody if the process does what the system has it do. */
    List<Runnable> hearersOf(int number) {
        check(number);
        return hearers.getOrDefault(number, List.of()).stream().map(Hearer::told).toList();
    }

    private static void check(int number) {
        if (number < 1 || number > LAST) {
            throw new IllegalArgumentException("this system has no signal " + number);
        }
    }
}
