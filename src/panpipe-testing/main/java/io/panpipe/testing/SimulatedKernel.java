/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import io.panpipe.Loop;
import io.panpipe.internal.simulated.SimulatedMachine;
import io.panpipe.internal.simulated.SimulatedOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A machine that exists in memory only: processes, pipes, TCP, UDP and time, all on one thread, and the same in every
 * run of a seed. Code under test is given its loops and does not know the difference.
 *
 * <p>Time is virtual and moves when no loop has anything to do, to the next timer or arrival: an hour of timeouts
 * takes milliseconds. {@link Loop#run()} on a loop of this machine gives all the others their turns while it waits,
 * and {@link #run()} all of them. Where nothing could ever happen any more, {@code Loop.run} throws an {@code
 * IllegalStateException} that says what it waits for, instead of waiting.
 *
 * <p>With a seed, the machine does all that a system may do: it chooses who is next, cuts reads and writes short,
 * leaves writes and connects in progress, reports events in any order and now and then for no reason. {@link #quiet()}
 * does nothing of that. Misuse of the API that a real system would answer with corrupted data ends the run with an
 * {@code IllegalStateException}: see {@link #misuses()}.
 *
 * @since 0.1
 */
public final class SimulatedKernel implements AutoCloseable {

    private static final long MOST_TURNS = 10_000_000;
    private static final long DEFAULT_LONGEST_CALLBACK_NANOS = 2_000_000_000;
    private static final int EVERYTHING = Integer.MAX_VALUE;

    private final long seed;
    private final io.panpipe.internal.simulated.SimulatedKernel kernel;
    private final SimulatedMachine machine;
    private final SimulatedProcess main;
    private final List<SimulatedProcess> processes = new ArrayList<>();
    private int names;

    /**
     * Makes a machine that does all that a system may do.
     *
     * @param seed what all chance comes from
     */
    public SimulatedKernel(long seed) {
        this(seed, SimulatedOptions.noisy());
    }

    private SimulatedKernel(long seed, SimulatedOptions options) {
        this.seed = seed;
        kernel = new io.panpipe.internal.simulated.SimulatedKernel(
                options.seed(seed).stepped(true).credentials(1, 1000, 1000));
        machine = kernel.machine();
        machine.longestCallback(DEFAULT_LONGEST_CALLBACK_NANOS);
        main = new SimulatedProcess(kernel);
        processes.add(main);
    }

    /**
     * Makes a machine in which nothing is left to chance: whole transfers, loops and events in the order of their
     * making.
     *
     * @return the machine
     */
    public static SimulatedKernel quiet() {
        return new SimulatedKernel(0, SimulatedOptions.quiet());
    }

    /**
     * Returns the seed.
     *
     * @return what was given at construction; 0 for a quiet machine
     */
    public long seed() {
        return seed;
    }

    // Who runs on it.

    /**
     * Makes a loop of the process that the machine begins with, which is called {@code main}.
     *
     * @return the loop
     */
    public Loop loop() {
        return main.loop();
    }

    /**
     * Returns the process that the machine begins with.
     *
     * @return the process
     */
    public SimulatedProcess main() {
        return main;
    }

    /**
     * Starts another process, of the same user.
     *
     * @param name what the trace is to call it
     * @return the process
     */
    public SimulatedProcess process(String name) {
        return process(name, 1000, 1000);
    }

    /**
     * Starts another process, of any user.
     *
     * @param name what the trace is to call it
     * @param uid its user; 0 may connect to everything
     * @param gid its group
     * @return the process
     */
    public SimulatedProcess process(String name, long uid, long gid) {
        Objects.requireNonNull(name, "name");
        SimulatedProcess process = new SimulatedProcess(kernel.process(name, processes.size() + 1L, uid, gid));
        processes.add(process);
        return process;
    }

    /**
     * Makes a pipe name that nobody has.
     *
     * @return a name for {@code bind} and {@code connect}
     */
    public String freshName() {
        return kernel.portableName("pipe-" + ++names);
    }

    // Time.

    /**
     * Gives all loops turns until nothing more happens: none is alive, or those that are wait for what never comes,
     * such as a server for clients. Timers that repeat for ever keep this going; see {@link #run(Duration)}.
     *
     * @return whether a loop is still alive
     * @throws IllegalStateException if there is no end after ten million turns
     */
    public boolean run() {
        return told(-1);
    }

    /**
     * Gives all loops turns until nothing more happens, or a time has passed.
     *
     * @param time of the machine's clock; zero for what can happen now
     * @return whether a loop is still alive
     */
    public boolean run(Duration time) {
        checkNotNegative(time);
        return told(time.toNanos());
    }

    static void checkNotNegative(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("a negative time: " + time);
        }
    }

    private boolean told(long nanos) {
        try {
            return machine.run(nanos, MOST_TURNS);
        } catch (RuntimeException | Error failure) {
            SimulatedHistory.addTo(failure, machine);
            throw failure;
        }
    }

    /**
     * Returns the time since the machine was made.
     *
     * @return of its own clock
     */
    public Duration time() {
        return Duration.ofNanos(machine.nanos());
    }

    /**
     * Lets a loop that waits for what no loop of this machine will ever do wait for other threads, which may call
     * {@code execute} and {@code send}. At first it does not wait, and what other threads do when is not part of a
     * seed.
     *
     * @param realTime how long at the most, zero or more
     */
    public void waitForThreads(Duration realTime) {
        checkNotNegative(realTime);
        machine.waitForThreads(realTime.toNanos());
    }

    // Faults.

    /**
     * Begins a sentence about a fault, such as {@code kernel.when(ACCEPT).by(server).first(2).fails(EMFILE)}.
     *
     * @param call what goes wrong
     * @return the beginning; its last word puts the fault into effect
     */
    public FaultClause when(Call call) {
        return new FaultClause(machine, Objects.requireNonNull(call, "call"));
    }

    /**
     * Returns the connections with a server, to make them slow.
     *
     * @param server the name that its pipe is or will be bound to, or an address such as {@code 127.0.0.1:80}
     * @return the link
     */
    public SimulatedLink linkTo(String server) {
        return new SimulatedLink(machine, machine.linkTo(server));
    }

    /**
     * Returns the connections with a server, to make them slow.
     *
     * @param server its address
     * @return the link
     */
    public SimulatedLink linkTo(InetSocketAddress server) {
        return linkTo(text(server));
    }

    /**
     * Returns the connections between two processes, or inside one, to make them slow; those with a server that has a
     * link of its own are not among them.
     *
     * @param one a process
     * @param other another process, or the same
     * @return the link
     */
    public SimulatedLink linkBetween(SimulatedProcess one, SimulatedProcess other) {
        return new SimulatedLink(machine, one.kernel().linkWith(other.kernel()));
    }

    static String text(InetSocketAddress address) {
        InetAddress host = Objects.requireNonNull(address.getAddress(), () -> address + " is not resolved");
        return (host.getAddress().length == 4 ? host.getHostAddress() : "[" + host.getHostAddress() + "]") + ":"
                + address.getPort();
    }

    // History, misuse, leaks.

    /**
     * Returns what happened, a line for each event: the same text for the same seed and program. Of a very long
     * history it is the end.
     *
     * @return lines of text
     */
    public String trace() {
        return machine.trace(EVERYTHING);
    }

    /**
     * Returns the end of the trace.
     *
     * @param lines how many events at the most, 0 or more
     * @return lines of text
     */
    public String trace(int lines) {
        if (lines < 0) {
            throw new IllegalArgumentException("a negative number of lines: " + lines);
        }
        return machine.trace(lines);
    }

    /**
     * Adds a line to the trace.
     *
     * @param text what happened, in the test's own words
     */
    public void note(String text) {
        machine.note(Objects.requireNonNull(text, "text"));
    }

    /**
     * Returns what was done that must not be done: a buffer given to {@code write} was changed before its callback;
     * another thread used a loop; a callback took too long. The first {@code run} or wait of a loop after each ends
     * with an {@code IllegalStateException}. The loop's read buffer is overwritten when its callback has returned, so
     * that code which keeps it reads rubbish.
     *
     * @return descriptions, in order
     */
    public List<String> misuses() {
        return machine.misuses();
    }

    /**
     * Sets how long a callback may take, at first two seconds: more for a test that is looked at with a debugger.
     *
     * @param realTime of the JVM's clock, zero or more
     */
    public void longestCallback(Duration realTime) {
        checkNotNegative(realTime);
        machine.longestCallback(realTime.toNanos());
    }

    /**
     * Fails if something was left: an open handle, a callback that never ran, a descriptor, a misuse that nobody was
     * told of. Handles that are closed may finish before. What is left stays, until {@link #close()}.
     *
     * @throws AssertionError if so, with the list
     */
    public void checkNothingLeft() {
        List<String> left = new ArrayList<>(machine.takeMisuses());
        machine.run(0, MOST_TURNS);
        processes.forEach(process -> process.addLeaks(left));
        if (left.isEmpty()) {
            for (SimulatedProcess process : processes) {
                if (process.openDescriptors() > 0) {
                    left.add(process + " has " + process.openDescriptors() + " descriptors that no handle owns");
                }
            }
        }
        left.addAll(machine.takeMisuses());
        if (!left.isEmpty()) {
            AssertionError failure = new AssertionError("left behind:\n  " + String.join("\n  ", left));
            SimulatedHistory.addTo(failure, machine);
            throw failure;
        }
    }

    /**
     * Closes all loops, and with them what is left open. Idempotent. What a callback throws meanwhile is thrown when
     * all are closed.
     */
    @Override
    public void close() {
        machine.takeMisuses();
        List<Throwable> failures = new ArrayList<>(0);
        for (SimulatedProcess process : processes) {
            for (Loop loop : process.loopsToClose()) {
                try {
                    loop.close();
                } catch (RuntimeException | Error failure) {
                    failures.add(failure);
                }
            }
        }
        throwFirst(failures);
    }

    private static void throwFirst(List<Throwable> failures) {
        if (failures.isEmpty()) {
            return;
        }
        Throwable first = failures.getFirst();
        failures.stream().skip(1).filter(other -> other != first).forEach(first::addSuppressed);
        if (first instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) first;
    }
}
