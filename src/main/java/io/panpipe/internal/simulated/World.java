/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import org.jspecify.annotations.Nullable;

/** What all simulated processes of one machine share: names, time, chance, and the one lock that guards everything. */
final class World {

    private final SimulatedOptions options;
    private final Scheduler scheduler;
    private final VirtualClock clock = new VirtualClock();
    private final TimeKeeper timeKeeper = new TimeKeeper(clock);
    private final NameSpace names = new NameSpace();

    World(SimulatedOptions options) {
        this.options = options;
        scheduler = new Scheduler(options);
    }

    SimulatedOptions options() {
        return options;
    }

    Scheduler scheduler() {
        return scheduler;
    }

    VirtualClock clock() {
        return clock;
    }

    TimeKeeper timeKeeper() {
        return timeKeeper;
    }

    NameSpace names() {
        return names;
    }

    /** What is done under the lock and answers something. */
    interface Call<T extends @Nullable Object, X extends Exception> {
        T call() throws X;
    }

    /** What is done under the lock. */
    interface Change<X extends Exception> {
        void run() throws X;
    }

    /** Answers a question while nothing else happens in the world. */
    <T extends @Nullable Object, X extends Exception> T call(Call<T, X> question) throws X {
        timeKeeper.lock();
        try {
            return question.call();
        } finally {
            timeKeeper.unlock();
        }
    }

    /** Does something while nothing else happens in the world. */
    <X extends Exception> void run(Change<X> change) throws X {
        timeKeeper.lock();
        try {
            change.run();
        } finally {
            timeKeeper.unlock();
        }
    }

    /** Notes that channels may have become ready. */
    void changed() {
        timeKeeper.changed();
    }
}
