/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Credentials;

/**
 * Says how a {@link SimulatedKernel} behaves where kernels may differ, so that a test can ask for one behaviour or
 * for all.
 *
 * <p>Every setter answers this object. A kernel takes a copy.
 */
public final class SimulatedOptions {

    private static final long DEFAULT_SEED = 20_260_101;

    /** What Linux gives a socket unless told otherwise (net.core.wmem_default). */
    private static final int DEFAULT_BUFFER_SIZE = 212_992;

    private long seed = DEFAULT_SEED;
    private int bufferSize = DEFAULT_BUFFER_SIZE;
    private double inFlightShare;
    private double pendingConnectShare;
    private double spuriousShare;
    private double transferShare;
    private boolean shortTransfers;
    private boolean shuffled;
    private boolean stepped;
    private int descriptorLimit = 65_536;
    private int backlogLimit = 4096;
    private boolean pipesHalfClose = true;
    private Credentials credentials = new Credentials(1000, 1000, 1000, null);

    private SimulatedOptions() {}

    /** Returns the options of a kernel that does all that a kernel may do: what code is to be tested against. */
    public static SimulatedOptions noisy() {
        return quiet().inFlightShare(0.25)
                .pendingConnectShare(0.25)
                .spuriousShare(0.02)
                .transferShare(0.5)
                .shortTransfers(true)
                .shuffled(true);
    }

    /** Returns the options of a kernel in which nothing is left to chance: whole transfers, events in channel order. */
    public static SimulatedOptions quiet() {
        return new SimulatedOptions();
    }

    SimulatedOptions copy() {
        SimulatedOptions copy = new SimulatedOptions();
        copy.seed = seed;
        copy.bufferSize = bufferSize;
        copy.inFlightShare = inFlightShare;
        copy.pendingConnectShare = pendingConnectShare;
        copy.spuriousShare = spuriousShare;
        copy.transferShare = transferShare;
        copy.shortTransfers = shortTransfers;
        copy.shuffled = shuffled;
        copy.stepped = stepped;
        copy.descriptorLimit = descriptorLimit;
        copy.backlogLimit = backlogLimit;
        copy.pipesHalfClose = pipesHalfClose;
        copy.credentials = credentials;
        return copy;
    }

    /** Sets what all chance comes from: one seed, driven by one thread in the same way, gives one schedule. */
    public SimulatedOptions seed(long value) {
        seed = value;
        return this;
    }

    /** Sets the bytes that fit into each direction of a new connection. */
    public SimulatedOptions bufferSize(int bytes) {
        bufferSize = atLeast(1, bytes);
        return this;
    }

    /** Sets the share, 0 to 1, of the writes that answer in flight. */
    public SimulatedOptions inFlightShare(double share) {
        inFlightShare = share(share);
        return this;
    }

    /** Sets the share, 0 to 1, of the connects that are completed later, by a CONNECT event. */
    public SimulatedOptions pendingConnectShare(double share) {
        pendingConnectShare = share(share);
        return this;
    }

    /** Sets the share, 0 to 1, of the selects that report a readiness that is not so. */
    public SimulatedOptions spuriousShare(double share) {
        spuriousShare = share(share);
        return this;
    }

    /**
     * Sets the share, 0 to 1, of what one stream copies to another that is moved inside the kernel, which 0 never does.
     */
    public SimulatedOptions transferShare(double share) {
        transferShare = share(share);
        return this;
    }

    /** Sets whether reads and writes may move fewer bytes than they could. */
    public SimulatedOptions shortTransfers(boolean value) {
        shortTransfers = value;
        return this;
    }

    /** Sets whether the events of a select come in random order rather than in that of the channels. */
    public SimulatedOptions shuffled(boolean value) {
        shuffled = value;
        return this;
    }

    /** Sets whether all loops share one thread, on which a loop that waits gives the others turns. */
    public SimulatedOptions stepped(boolean value) {
        stepped = value;
        return this;
    }

    /** Sets how many descriptors the process may have open at once. */
    public SimulatedOptions descriptorLimit(int count) {
        descriptorLimit = atLeast(0, count);
        return this;
    }

    /** Sets what the backlog of a listener is lowered to, as Linux does by net.core.somaxconn. */
    public SimulatedOptions backlogLimit(int count) {
        backlogLimit = atLeast(0, count);
        return this;
    }

    /** Sets whether the outgoing direction of a pipe can be ended by itself, as on Windows it cannot. */
    public SimulatedOptions pipesHalfClose(boolean value) {
        pipesHalfClose = value;
        return this;
    }

    /** Sets who the process is. */
    public SimulatedOptions credentials(long pid, long uid, long gid) {
        credentials = new Credentials(pid, uid, gid, null);
        return this;
    }

    long seed() {
        return seed;
    }

    int bufferSize() {
        return bufferSize;
    }

    double inFlightShare() {
        return inFlightShare;
    }

    double pendingConnectShare() {
        return pendingConnectShare;
    }

    double spuriousShare() {
        return spuriousShare;
    }

    double transferShare() {
        return transferShare;
    }

    boolean shortTransfers() {
        return shortTransfers;
    }

    boolean shuffled() {
        return shuffled;
    }

    boolean stepped() {
        return stepped;
    }

    int descriptorLimit() {
        return descriptorLimit;
    }

    int backlogLimit() {
        return backlogLimit;
    }

    boolean pipesHalfClose() {
        return pipesHalfClose;
    }

    Credentials credentials() {
        return credentials;
    }

    private static double share(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("a share is 0 to 1, not " + share);
        }
        return share;
    }

    private static int atLeast(int least, int value) {
        if (value < least) {
            throw new IllegalArgumentException("must be at least " + least + ", not " + value);
        }
        return value;
    }
}
