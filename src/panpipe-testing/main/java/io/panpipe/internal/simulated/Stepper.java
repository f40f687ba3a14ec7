/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets all loops of a world share one thread: whoever waits gives the others turns, and when nobody has anything to do
 * the time moves. Who is next is the scheduler's choice, so a seed is one interleaving.
 */
final class Stepper {

    /** Polls in a row in which nobody did anything, before time goes on: whoever polls for a timeout must see it. */
    private static final int IDLE_POLLS = 100;

    private static final long POLL_NANOS = 1_000_000;

    private final World world;
    private final VirtualClock clock;
    private final List<Participant> participants = new ArrayList<>();
    private final List<Participant> ready = new ArrayList<>();
    private Thread thread = Thread.currentThread();
    private int depth;
    private int idlePolls;
    private long patienceNanos;
    private long waitedNanos;

    Stepper(World world) {
        this.world = world;
        clock = world.clock();
    }

    void add(Participant participant) {
        participants.add(participant);
    }

    void remove(Participant participant) {
        participants.remove(participant);
    }

    /** Sets how long, in real time, to wait for another thread's wake-up where nothing else will ever happen. */
    void patience(long nanos) {
        patienceNanos = nanos;
    }

    private void enter() {
        world.run(() -> {
            if (depth > 0 && thread != Thread.currentThread()) {
                throw new IllegalStateException("this simulated machine is run by thread \"" + thread.getName()
                        + "\" already: all its loops share one thread");
            }
            thread = Thread.currentThread();
            depth++;
        });
    }

    private void leave() {
        world.run(() -> {
            depth--;
        });
    }

    /** Gives others turns until a participant has something to return for, or its deadline has come. */
    void await(Participant self, long deadline) {
        enter();
        try {
            boolean polls = deadline <= clock.now();
            waitedNanos = 0;
            while (true) {
                collectReady(self);
                boolean isReady = self.isReady(deadline);
                if (isReady && (ready.isEmpty() || world.scheduler().prefersWaiter(ready.size()))) {
                    if (polls) {
                        polled(self);
                    }
                    return;
                }
                if (!ready.isEmpty()) {
                    turn();
                    if (isReady && !world.options().shuffled()) {
                        return;
                    }
                } else {
                    long own = self.isHeldUp() ? VirtualClock.NEVER : deadline;
                    if (!advance(Math.min(own, horizon(self)), VirtualClock.NEVER)) {
                        waitForThreads(self);
                    }
                }
            }
        } finally {
            leave();
        }
    }

    /** Notes a poll; when many have found nothing, a little time passes. */
    private void polled(Participant self) {
        idlePolls = self.hasNews() ? 0 : idlePolls + 1;
        if (idlePolls > IDLE_POLLS) {
            long next = Math.min(horizon(self), self.nextTimer());
            clock.advanceTo(Math.min(next, clock.now() + POLL_NANOS));
        }
    }

    /**
     * Gives all loops turns until nothing more happens.
     *
     * @param until the time to stop at, or {@link VirtualClock#NEVER}
     * @param turns how many turns at the most
     * @return whether a loop is still alive
     */
    boolean run(long until, long turns) {
        enter();
        try {
            participants.forEach(Participant::restart);
            for (long left = turns; left > 0; left--) {
                collectReady(null);
                if (!ready.isEmpty()) {
                    turn();
                } else if (!advance(horizon(null), until)) {
                    world.throwMisuse();
                    return anyAlive();
                }
            }
            throw new IllegalStateException("the machine does not come to rest in " + turns + " turns");
        } finally {
            leave();
        }
    }

    private boolean anyAlive() {
        for (Participant participant : participants) {
            if (participant.isAlive()) {
                return true;
            }
        }
        return false;
    }

    private void collectReady(@Nullable Participant self) {
        ready.clear();
        clock.runDue(null);
        if (self != null && self.isClosing()) {
            return;
        }
        for (int i = 0; i < participants.size(); i++) {
            Participant participant = participants.get(i);
            if (participant != self && participant.hasWork()) {
                ready.add(participant);
            }
        }
    }

    private void turn() {
        idlePolls = 0;
        waitedNanos = 0;
        if (world.options().shuffled()) {
            clock.advanceTo(clock.now() + world.scheduler().turnNanos());
            world.scheduler().pick(ready).turn();
            return;
        }
        // Everybody once, in order: nothing is left to chance, and nobody starves.
        for (Participant participant : List.copyOf(ready)) {
            if (participant.hasWork()) {
                participant.turn();
            }
        }
    }

    /** Moves the time to when something is going to happen; tells whether that is before the end. */
    private boolean advance(long horizon, long until) {
        if (horizon == VirtualClock.NEVER || horizon > until) {
            if (until != VirtualClock.NEVER) {
                clock.advanceTo(until);
            }
            return false;
        }
        clock.advanceTo(horizon);
        return true;
    }

    private long horizon(@Nullable Participant self) {
        long earliest = clock.nextFor(null);
        for (Participant participant : participants) {
            if (participant != self) {
                earliest = Math.min(earliest, participant.nextTimer());
            }
        }
        return earliest;
    }

    /** Waits a moment for another thread, or gives up. */
    private void waitForThreads(Participant self) {
        if (waitedNanos >= patienceNanos) {
            throw new IllegalStateException(
                    "nothing will ever happen any more, and " + self.description() + "\n" + world.history());
        }
        long before = System.nanoTime();
        world.timeKeeper().awaitNews(TimeUnit.MILLISECONDS.toNanos(1));
        waitedNanos += System.nanoTime() - before;
    }
}
