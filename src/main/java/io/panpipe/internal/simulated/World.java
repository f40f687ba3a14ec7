/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What all simulated processes of one machine share: names, ports, time, chance, and the lock that guards it all. */
final class World {

    private final SimulatedOptions options;
    private final Scheduler scheduler;
    private final VirtualClock clock = new VirtualClock();
    private final TimeKeeper timeKeeper = new TimeKeeper(clock);
    private final NameSpace names = new NameSpace();
    private final PortTable<TcpSocket> tcpPorts;
    private final PortTable<UdpSocket> udpPorts;
    private final List<DescriptorTable> tables = new ArrayList<>();

    World(SimulatedOptions options) {
        this.options = options;
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

    /** Makes the descriptors of one more process. */
    DescriptorTable newDescriptorTable() {
        DescriptorTable table = new DescriptorTable(options.descriptorLimit());
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
