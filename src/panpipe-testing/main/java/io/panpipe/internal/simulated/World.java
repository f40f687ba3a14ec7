/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Region;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What all simulated processes of one machine share: names, ports, time, chance, and the lock that guards it all. */
final class World {

    private static final int HISTORY_LINES = 40;

    private final SimulatedOptions options;
    private final Scheduler scheduler;
    private final VirtualClock clock = new VirtualClock();
    private final TimeKeeper timeKeeper = new TimeKeeper(clock);
    private final NameSpace names = new NameSpace();
    private final PortTable<TcpSocket> tcpPorts;
    private final PortTable<UdpSocket> udpPorts;
    /** What selectors have allocated, known by the array behind it, and whose it is. */
    private final Map<byte[], SimulatedSelector> regions = new IdentityHashMap<>();
    private final List<DescriptorTable> tables = new ArrayList<>();
    private final FaultRules faults;
    private final Links links = new Links();
    private final Trace trace = new Trace(clock);
    private final @Nullable Stepper stepper;
    private final List<String> misuses = new ArrayList<>(0);
    private long longestCallbackNanos = Long.MAX_VALUE;
    private boolean watchesWrites;
    private int misusesThrown;
    private int sockets;
    private @Nullable Throwable unclaimed;

    World(SimulatedOptions options) {
        this.options = options;
        faults = new FaultRules(options.seed());
        watchesWrites = options.stepped();
        stepper = options.stepped() ? new Stepper(this) : null;
        scheduler = new Scheduler(options);
        tcpPorts = new PortTable<>(options.seed(), TcpSocket::mayShare);
        udpPorts = new PortTable<>(options.seed(), UdpSocket::mayShare);
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

    PortTable<TcpSocket> tcpPorts() {
        return tcpPorts;
    }

    PortTable<UdpSocket> udpPorts() {
        return udpPorts;
    }

    FaultRules faults() {
        return faults;
    }

    Links links() {
        return links;
    }

    Trace trace() {
        return trace;
    }

    /** Returns who gives loops their turns, or null where each has its own thread. */
    @Nullable Stepper stepper() {
        return stepper;
    }

    /** Allocates memory that is a selector's until it frees all it has. */
    Region allocate(int size, SimulatedSelector owner) {
        // On the heap, so that borrows() tells parts of a region from the user's direct buffers.
        Region region = new Region(ByteBuffer.allocate(size), 0);
        regions.put(region.bytes().array(), owner);
        return region;
    }

    boolean isOwner(SimulatedSelector selector, Region region) {
        return regions.get(region.bytes().array()) == selector;
    }

    /** Tells whether a buffer is a view of what some loop reads into: it changes soon, and whoever keeps it copies it. */
    boolean isRegion(ByteBuffer data) {
        return data.hasArray() && call(() -> regions.containsKey(data.array()));
    }

    /** Frees a region, which is then nobody's: whoever still uses it is found out. */
    void free(Region region) {
        regions.remove(region.bytes().array());
    }

    void free(SimulatedSelector owner) {
        regions.values().removeIf(selector -> selector == owner);
    }

    /** Numbers a socket, so that the trace can name it. */
    int nextSocket() {
        return ++sockets;
    }

    long longestCallbackNanos() {
        return longestCallbackNanos;
    }

    /** Sets how long a callback may take, in real time. */
    void longestCallback(long nanos) {
        longestCallbackNanos = nanos;
    }

    boolean watchesWrites() {
        return watchesWrites;
    }

    void watchWrites(boolean on) {
        watchesWrites = on;
    }

    /** Notes a misuse, from any thread; the next wait of a loop is refused with it. */
    void misused(String what) {
        run(() -> {
            trace.add("misuse", what.lines().findFirst().orElse(""), "");
            misuses.add(what);
        });
    }

    List<String> misuses() {
        return call(() -> List.copyOf(misuses));
    }

    /** Returns the misuses that nobody was told of, who now is. */
    List<String> takeMisuses() {
        return call(() -> {
            List<String> news = List.copyOf(misuses.subList(misusesThrown, misuses.size()));
            misusesThrown = misuses.size();
            return news;
        });
    }

    /** Ends the run of a loop for a misuse, once for each. */
    void throwMisuse() {
        String news = call(() -> misusesThrown < misuses.size() ? misuses.get(misusesThrown++) : null);
        if (news != null) {
            throw new IllegalStateException(news);
        }
    }

    /** Remembers a failure that its handle's user had no callback for. */
    void failedUnclaimed(Throwable failure) {
        unclaimed = failure;
    }

    /** Tells whether an exception is the failure of a request that had no callback, rather than thrown by user code. */
    boolean isUnclaimed(Throwable thrown) {
        return unclaimed == thrown;
    }

    /** Says how to come here again, and what happened last. */
    String history() {
        return call(() -> "seed " + options.seed() + "; the last that happened:\n" + trace.text(HISTORY_LINES));
    }

    /** Makes the descriptors of one more process. */
    DescriptorTable newDescriptorTable(SimulatedProcess process) {
        DescriptorTable table = new DescriptorTable(process, options.descriptorLimit());
        tables.add(table);
        return table;
    }

    /** Closes a file in whichever process has it open, and in every message. */
    void closeEverywhere(OpenFile file) {
        for (DescriptorTable table : tables) {
            table.closeAll(file);
        }
        file.close();
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
