/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.PeerCredentials;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import io.panpipe.internal.simulated.SimulatedKernel;
import io.panpipe.internal.simulated.SimulatedOptions;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Situations of the contract that only a simulated machine can be put into at will. */
@Tag("simulated")
class SimulatedKernelTest extends Contract {

    private static final int LIMIT = 12;

    private final SimulatedOptions options = SimulatedOptions.quiet();

    @Override
    public ContractKernel newKernel() {
        options.descriptorLimit(LIMIT).credentials(7, 1000, 1000);
        return SimulatedKernelUnderTest.quiet(options);
    }

    private SimulatedKernel machine() {
        return (SimulatedKernel) kernel.kernel();
    }

    private List<Pipe> exhaust() throws Exception {
        List<Pipe> all = new ArrayList<>();
        while (machine().openDescriptors() < LIMIT) {
            Pipe pipe = pipe();
            pipe.bind("");
            all.add(pipe);
        }
        return all;
    }

    @Test
    void aServerWithoutDescriptorsReportsItOnceAndServesLater() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, (listener, error) -> {
            if (error != null) {
                log.add(error.code().name());
            } else {
                listener.accept(pipe());
                log.add("served");
            }
        });
        List<Pipe> others = exhaust();
        SimulatedKernel elsewhere = machine().process(8, 1000, 1000);
        try (Loop clients = KernelAccess.loop(elsewhere)) {
            for (int i = 0; i < 2; i++) {
                new Pipe(clients).connect(name, (pipe, error) -> throwIfAny(error));
            }
            clients.run(RunMode.NOWAIT);
            long[] turns = new long[1];
            new Timer(loop).start(timer -> {
                turns[0] = loop.metrics().iterations();
                assertEquals(List.of("EMFILE"), log);
                others.forEach(Pipe::close);
            }, Duration.ofSeconds(1));
            runUntil(() -> log.size() == 3);
            assertEquals(List.of("EMFILE", "served", "served"), log);
            assertTrue(turns[0] < 50, () -> turns[0] + " turns in a second");
            server.close();
        }
    }

    @Test
    void aSecondShortageIsReportedAgain() throws Exception {
        String name = kernel.freshName();
        listening(name, (listener, error) -> {
            if (error != null) {
                log.add(error.code().name());
            } else {
                listener.accept(pipe());
                log.add("served");
            }
        });
        SimulatedKernel elsewhere = machine().process(8, 1000, 1000);
        try (Loop clients = KernelAccess.loop(elsewhere)) {
            for (int round = 0; round < 2; round++) {
                List<Pipe> others = exhaust();
                new Pipe(clients).connect(name, (pipe, error) -> throwIfAny(error));
                clients.run(RunMode.NOWAIT);
                int told = 2 * round;
                runUntil(() -> log.size() == told + 1);
                others.forEach(Pipe::close);
                runUntil(() -> log.size() == told + 2);
            }
            assertEquals(List.of("EMFILE", "served", "EMFILE", "served"), log);
        }
    }

    @Test
    void closeOfAServerThatIsShortOfDescriptorsWorks() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, (listener, error) -> log.add(error.code().name()));
        exhaust();
        try (Loop clients = KernelAccess.loop(machine().process(8, 1000, 1000))) {
            new Pipe(clients).connect(name, (pipe, error) -> throwIfAny(error));
            clients.run(RunMode.NOWAIT);
            runUntil(() -> !log.isEmpty());
            server.close(notes("closed"));
            run();
            assertEquals(List.of("EMFILE", "closed"), log);
        }
    }

    @Test
    void nothingOpensWithoutDescriptors() throws Exception {
        exhaust();
        assertFails(ErrorCode.EMFILE, () -> Pipe.pair(loop));
        assertFails(ErrorCode.EMFILE, () -> pipe().bind(kernel.freshName()));
        pipe().connect(kernel.freshName(), logs("connect"));
        run();
        assertEquals(List.of("connect EMFILE"), log);
    }

    @Test
    void anotherUserConnectsOnlyIfPermitted() throws Exception {
        String name = kernel.freshName();
        Pipe accepted = pipe();
        Pipe server = listening(name, (listener, error) -> listener.accept(accepted));
        try (Loop other = KernelAccess.loop(machine().process(9, 2000, 2000))) {
            new Pipe(other).connect(name, logs("stranger"));
            other.run();
            server.permissions(PosixFilePermissions.fromString("rw-rw-rw-"));
            new Pipe(other).connect(name, logs("guest"));
            other.run();
            settle();
            assertEquals(List.of("stranger EACCES", "guest"), log);
            assertEquals(new PeerCredentials(9, 2000, 2000, null), accepted.peerCredentials());
        }
    }

    @Test
    void aServerThatDiesResetsWhoWaits() throws Exception {
        String name = kernel.freshName();
        Pipe client = pipe();
        try (Loop other = KernelAccess.loop(machine().process(9, 1000, 1000))) {
            Pipe server = new Pipe(other);
            server.bind(name);
            server.listen(logs("never"));
            client.connect(name, logs("connected"));
            run();
            Received received = receive(client);
            machine().abandon(name);
            run();
            assertEquals(ErrorCode.ECONNRESET, received.end());
            assertTrue(kernel.exists(name), "a stale file is left");
            Pipe late = pipe();
            late.connect(name, logs("late"));
            run();
            assertEquals(List.of("connected", "late ECONNREFUSED"), log);
            kernel.remove(name);
        }
    }

    @Test
    void hoursPassAtOnce() {
        long begin = System.nanoTime();
        new Timer(loop).start(notes("a year later"), Duration.ofDays(365));
        run();
        assertEquals(List.of("a year later"), log);
        assertEquals(Duration.ofDays(365).toMillis(), loop.now());
        assertTrue(System.nanoTime() - begin < Duration.ofMinutes(1).toNanos());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void bytesInFlightAreToldBeforeTheCloseCallback(long seed) throws Exception {
        SimulatedOptions flying = SimulatedOptions.noisy().inFlightShare(1).seed(seed);
        try (Loop other = KernelAccess.loop(new SimulatedKernel(flying))) {
            Pipe[] pair = Pipe.pair(other);
            pair[0].write(new byte[10_000_000], logs("long"));
            pair[0].write(new byte[5], logs("short"));
            pair[0].shutdown(logs("shutdown"));
            for (long i = 0; i < seed; i++) {
                other.run(RunMode.NOWAIT);
            }
            assertTrue(pair[0].writeQueueSize() > 0, "bytes in flight count as queued");
            pair[0].close(notes("closed"));
            other.run();
            assertEquals(List.of("long ECANCELED", "short ECANCELED", "shutdown ECANCELED", "closed"), log);
        }
    }

    @Test
    void shutdownAndDrainWaitForBytesInFlight() throws Exception {
        SimulatedOptions flying = SimulatedOptions.noisy().inFlightShare(1).seed(3);
        try (Loop other = KernelAccess.loop(new SimulatedKernel(flying))) {
            Pipe[] pair = Pipe.pair(other);
            pair[0].onDrain(notes("drain"));
            pair[0].write(new byte[70_000], logs("written"));
            pair[0].shutdown(logs("shutdown"));
            Received received = receive(pair[1]);
            assertThrows(IllegalStateException.class, pair[0]::detach);
            other.run();
            assertEquals(70_000, received.size());
            assertEquals(List.of("drain", "shutdown", "written"), log.stream().sorted().toList());
            assertTrue(log.indexOf("written") < log.indexOf("shutdown"), log::toString);
        }
    }
}
