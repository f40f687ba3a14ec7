/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.programs;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.testing.Call;
import io.panpipe.testing.SimulatedKernel;
import io.panpipe.testing.SimulatedProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** A simulated machine, in every second case with faults that the seed has chosen. */
final class FaultyMachine implements Machine {

    private static final Call[] CALLS = {Call.READ, Call.WRITE, Call.ACCEPT, Call.CONNECT, Call.OPEN};
    private static final ErrorCode[] CODES = {
        ErrorCode.EMFILE, ErrorCode.ENFILE, ErrorCode.ENOBUFS, ErrorCode.ENOMEM, ErrorCode.ECONNRESET, ErrorCode.EPIPE
    };

    private final SimulatedKernel kernel;
    private final Random random;
    private final List<SimulatedProcess> processes = new ArrayList<>();
    private final Map<Loop, SimulatedProcess> homes = new HashMap<>();
    private final Set<SimulatedProcess> dead = new HashSet<>();
    private boolean faults;

    FaultyMachine(long seed) {
        kernel = new SimulatedKernel(seed);
        random = new Random(~seed);
    }

    SimulatedKernel kernel() {
        return kernel;
    }

    @Override
    public Loop newLoop() {
        SimulatedProcess process = kernel.process("p" + processes.size());
        processes.add(process);
        Loop loop = process.loop();
        homes.put(loop, process);
        loop.uncaughtExceptionHandler((itself, thrown) -> {
            if (!isDead(itself) && !RandomProgram.isExpected(thrown)) {
                throw new AssertionError("a callback threw " + thrown, thrown);
            }
        });
        arrange(process);
        return loop;
    }

    /** Arranges what the loop's user cannot notice always, and what it can in every second case. */
    private void arrange(SimulatedProcess process) {
        switch (random.nextInt(8)) {
            case 0 -> kernel.when(Call.READ).by(process).withProbability(0.3).movesAtMost(1 + random.nextInt(9));
            case 1 -> kernel.when(Call.WRITE).by(process).withProbability(0.3).movesAtMost(1 + random.nextInt(9));
            case 2 -> kernel.when(Call.READ).by(process).withProbability(0.2).wouldBlock();
            case 3 -> kernel.when(Call.WRITE).by(process).withProbability(0.2).wouldBlock();
            case 4 -> kernel.when(CALLS[random.nextInt(4)]).by(process).withProbability(0.2).isInterrupted();
            case 5 -> kernel.when(Call.WAIT).by(process).withProbability(0.1).isInterrupted();
            default -> { }
        }
        if (random.nextInt(6) == 0) {
            kernel.linkBetween(process, processes.get(random.nextInt(processes.size())))
                    .latency(Duration.ofMillis(random.nextInt(10)), Duration.ofMillis(random.nextInt(5)))
                    .bandwidth(random.nextBoolean() ? 0 : 1_000_000);
        }
        if (random.nextInt(4) == 0) {
            faults = true;
            harm(process);
        }
    }

    private void harm(SimulatedProcess process) {
        int which = 1 + random.nextInt(20);
        switch (random.nextInt(6)) {
            case 0, 1 -> kernel.when(CALLS[random.nextInt(CALLS.length)]).by(process).number(which)
                    .fails(CODES[random.nextInt(CODES.length)]);
            case 2 -> kernel.when(CALLS[random.nextInt(2)]).by(process).number(which).resetsTheConnection();
            case 3 -> kernel.when(Call.CONNECT).by(process).withProbability(0.5).findsTheBacklogFull();
            case 4 -> kernel.when(CALLS[random.nextInt(CALLS.length)]).by(process).number(which)
                    .pauses(process, Duration.ofMillis(random.nextInt(200)));
            default -> kernel.when(CALLS[random.nextInt(CALLS.length)]).number(which).happensWith(() -> {
                dead.add(process);
                process.kill();
            });
        }
    }

    @Override
    public String freshName() {
        return kernel.freshName();
    }

    @Override
    public boolean run() {
        while (true) {
            try {
                return !kernel.run();
            } catch (IllegalStateException misuse) {
                // The programs do that on purpose, and each is told once.
                if (!misuse.getMessage().contains("thrown away that were written without a callback")) {
                    throw misuse;
                }
            }
        }
    }

    @Override
    public boolean hasFaults() {
        return faults;
    }

    @Override
    public boolean isDead(Loop loop) {
        return dead.contains(homes.get(loop));
    }

    @Override
    public void checkNothingLeft() {
        kernel.checkNothingLeft();
    }

    @Override
    public String history() {
        return kernel.trace(200);
    }

    @Override
    public void close() {
        kernel.close();
    }
}
