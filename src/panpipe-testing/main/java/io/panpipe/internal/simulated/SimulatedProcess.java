/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.KernelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Who a selector works for: its user, its open descriptors, its loops, and whether it runs at all. */
final class SimulatedProcess {

    /** What nobody needs to hear of: SIGCHLD, SIGCONT, SIGURG, SIGWINCH, by Linux's numbers. */
    private static final Set<Integer> HARMLESS = Set.of(17, 18, 23, 28);

    private final World world;
    private final Credentials credentials;
    private final String label;
    private final DescriptorTable descriptors;
    private final List<SimulatedSelector> selectors = new ArrayList<>(1);
    private final Signals signals;
    private boolean paused;
    private boolean dead;

    /**
     * Starts a process.
     *
     * @param credentials who it is, to its peers and to the permissions of names
     * @param label what the trace calls it
     */
    SimulatedProcess(World world, Credentials credentials, String label) {
        this.world = world;
        this.credentials = credentials;
        this.label = label;
        descriptors = world.newDescriptorTable(this);
        signals = new Signals(world);
    }

    Signals signals() {
        return signals;
    }

    World world() {
        return world;
    }

    Credentials credentials() {
        return credentials;
    }

    String label() {
        return label;
    }

    DescriptorTable descriptors() {
        return descriptors;
    }

    /** Counts a selector; returns how many there were before. */
    int add(SimulatedSelector selector) {
        selectors.add(selector);
        return selectors.size() - 1;
    }

    /**
     * Asks what befalls an operation. What is to happen beside it has happened when this returns.
     *
     * @param about the server that it is about, or empty
     * @param call what it is called in a refusal
     * @throws KernelException if it is refused
     */
    Effect befalling(Operation operation, String about, String call) throws KernelException {
        Effect effect = world.faults().befalling(operation, this, about);
        if (!effect.is(Effect.Kind.NONE)) {
            world.trace().add(label, "FAULT in " + call + ":", effect.description());
            Runnable action = effect.action();
            if (action != null) {
                action.run();
            }
            effect.throwIfRefused(call);
        }
        return effect;
    }

    boolean isDead() {
        return dead;
    }

    /** Tells whether its loops get turns. */
    boolean isRunning() {
        return !paused && !dead;
    }

    void pause(boolean on) {
        if (paused == on) {
            return;
        }
        paused = on;
        world.trace().add(label, on ? "is paused" : "goes on", "");
        world.changed();
    }

    /**
     * Takes a signal: returns who in the process hears of it. If nobody does it ends the process, unless it is one that does
     * nothing by itself.
     */
    List<Runnable> signal(int number) {
        List<Runnable> told = signals.hearersOf(number);
        if (!dead) {
            world.trace().add(label, "gets signal", Integer.toString(number));
            if (told.isEmpty() && !HARMLESS.contains(number)) {
                kill();
            }
        }
        return dead ? List.of() : told;
    }

    /**
     * Ends the process as a signal does that it cannot catch: its descriptors are closed, its names stay behind, and no
     * code of its runs any more.
     */
    void kill() {
        if (dead) {
            return;
        }
        dead = true;
        world.trace().add(label, "is killed", "");
        selectors.forEach(SimulatedSelector::abandonChannels);
        descriptors.closeAll();
        world.changed();
    }
}
