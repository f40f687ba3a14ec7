/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.kernel.SignalSource;
import java.util.NoSuchElementException;

/**
 * The kernel that keeps the contract from being one system in disguise, and lets a test own time, chance and failure:
 * memory only, virtual time, a seeded scheduler.
 *
 * <p>One instance is one process on a machine of its own; {@link #process} adds another process to the machine, with
 * its own user and descriptors but the same names and the same time. Time moves only while every loop of the machine
 * waits.
 */
public final class SimulatedKernel implements Kernel {

    private static final int MODE_OF_STALE = 0600;
    private static final int MODE_OF_FILE = 0644;

    private final World world;
    private final SimulatedProcess process;

    /** Makes a machine that does all that a kernel may do. */
    public SimulatedKernel() {
        this(SimulatedOptions.noisy());
    }

    /** Makes a machine that does all that a kernel may do, in the way that a seed determines. */
    public SimulatedKernel(long seed) {
        this(SimulatedOptions.noisy().seed(seed));
    }

    /** Makes a machine that behaves as told. */
    public SimulatedKernel(SimulatedOptions options) {
        this(new World(options.copy()), options.credentials(), "main");
    }

    private SimulatedKernel(World world, Credentials credentials, String label) {
        this.world = world;
        process = world.call(() -> new SimulatedProcess(world, credentials, label));
    }

    /** Starts another process on this machine. */
    public SimulatedKernel process(long pid, long uid, long gid) {
        return process("process " + pid, pid, uid, gid);
    }

    /**
     * Starts another process on this machine.
     *
     * @param label what the trace calls it
     */
    public SimulatedKernel process(String label, long pid, long uid, long gid) {
        return new SimulatedKernel(world, new Credentials(pid, uid, gid, null), label);
    }

    SimulatedProcess process() {
        return process;
    }

    /** Returns what is the whole machine's, rather than this process's. */
    public SimulatedMachine machine() {
        return new SimulatedMachine(world);
    }

    /** Returns what the trace calls this process. */
    public String label() {
        return process.label();
    }

    /** Sets how many descriptors this process may have open at once from now on. */
    public void descriptorLimit(int count) {
        world.run(() -> process.descriptors().limit(count));
    }

    /** Ends this process as a signal does that it cannot catch. */
    public void kill() {
        world.run(process::kill);
    }

    /** Sends a signal to this process. */
    public void signal(int number) {
        // Without the machine's lock, since they wake loops.
        world.call(() -> process.signal(number)).forEach(Runnable::run);
    }

    /** Gives the loops of this process no turns, or turns again. */
    public void pause(boolean on) {
        world.run(() -> process.pause(on));
    }

    /** Tells whether this process was killed. */
    public boolean isDead() {
        return world.call(process::isDead);
    }

    /** Returns how the connections between this process and another one are. */
    public Link linkWith(SimulatedKernel other) {
        return world.call(() -> world.links().between(process, other.process));
    }

    @Override
    public String name() {
        return "simulated";
    }

    @Override
    public Selector openSelector() {
        return world.call(() -> new SimulatedSelector(process));
    }

    @Override
    public long nanoTime() {
        return world.clock().now();
    }

    @Override
    public boolean blocksThread() {
        return false;
    }

    @Override
    public SignalSource signals() {
        return process.signals();
    }

    @Override
    public String portableName(String simple) {
        if (simple.isEmpty() || simple.indexOf('/') >= 0 || simple.indexOf('\\') >= 0 || simple.indexOf(0) >= 0) {
            throw new IllegalArgumentException(
                    "a simple name is not empty and has no slash, backslash or NUL: \"" + simple + "\"");
        }
        return "/simulated/" + simple;
    }

    /** Returns how many descriptors this process has open, detached ones included. */
    public int openDescriptors() {
        return world.call(() -> process.descriptors().count());
    }

    /**
     * Closes a descriptor of this process that belongs to no channel, as close(2) does: a name it bound stays behind.
     *
     * @throws KernelException EBADF if it is not open
     * @throws IllegalStateException if a channel owns it
     */
    public void closeDescriptor(long descriptor) throws KernelException {
        world.run(() -> process.descriptors().closeUnclaimed(descriptor));
    }

    /**
     * Opens a file that no channel can drive, to have a descriptor of the kind OTHER.
     *
     * @throws KernelException EMFILE without a descriptor left
     */
    public long openFile() throws KernelException {
        return world.call(() -> process.descriptors().open(new PlainFile(), "open"));
    }

    /** Tells whether anything has this name: a socket, a stale one or a file. */
    public boolean exists(String name) {
        return world.call(() -> world.names().find(name) != null);
    }

    /**
     * Returns the permission bits of a name.
     *
     * @throws NoSuchElementException if nothing has this name
     */
    public int mode(String name) {
        return world.call(() -> entry(name).mode());
    }

    /** Makes a file that is no socket. */
    public void createFile(String name) {
        world.run(() -> world.names().put(NameEntry.ofFile(name, process.credentials(), MODE_OF_FILE)));
    }

    /**
     * Removes a name from under whoever has it, as rm(1) does.
     *
     * @throws NoSuchElementException if nothing has this name
     */
    public void unlink(String name) {
        world.run(() -> world.names().remove(entry(name)));
    }

    /**
     * Lets the server of a name die without unlinking it, so that a stale socket file is left: its descriptors
     * are closed, clients it has not accepted are reset, its channel answers EBADF. If nothing has the name, such a
     * server died long ago.
     */
    public void abandon(String name) {
        world.run(() -> {
            NameEntry entry = world.names().find(name);
            if (entry == null) {
                world.names().put(NameEntry.stale(name, process.credentials(), MODE_OF_STALE));
                return;
            }
            PipeSocket server = entry.socket();
            if (server != null) {
                world.closeEverywhere(server);
            }
        });
    }

    private NameEntry entry(String name) {
        NameEntry entry = world.names().find(name);
        if (entry == null) {
            throw new NoSuchElementException(name);
        }
        return entry;
    }
}
