/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.panpipe.Handle;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.Timer;
import io.panpipe.Udp;
import io.panpipe.testbed.Patience;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** More handles at once than one turn sends, and than there was room for where they wait. */
public abstract class HandleBurstContract extends HandlesContract {

    private static final Duration PATIENCE = Patience.seconds(20);

    /** Turns the loop until a condition holds, and fails where that takes too long. */
    private void runUntilOr(BooleanSupplier condition, Supplier<String> progress) {
        Timer patience = new Timer(loop);
        patience.start(timer -> fail("nothing more happens: " + progress.get()), PATIENCE);
        runUntil(condition);
        patience.close();
    }

    @Test
    void whatOneTurnDoesNotSendLeavesInTheNextOnes() throws Exception {
        int count = 100;
        Ends ends = ipcEnds();
        Ends payload = payload();
        int[] accepted = new int[1];
        Arrivals arrivals = Arrivals.at(ends.b(), (pipe, type, from, to) -> {
            Pipe received = pipe();
            pipe.accept(received);
            received.close();
            accepted[0]++;
        });
        int[] written = new int[1];
        // Handles keep the bytes behind them out of their own system call.
        for (int i = 0; i < count; i++) {
            ends.a().write(buffer("x"), (a, error) -> {
                written[0] += error == null ? 1 : 0;
            }, payload.a());
        }
        payload.a().close();
        runUntilOr(() -> written[0] == count, () -> written[0] + " of " + count + " messages have left");
        runUntilOr(() -> accepted[0] == count, () -> accepted[0] + " of " + count + " handles have come");
        assertEquals(count, arrivals.size());
        assertPeerGone(payload.b());
    }

    @Test
    void handlesKeepTheirOrderWhenMoreComeThanEverWaited() throws Exception {
        Ends ends = ipcEnds();
        Udp[] udps = new Udp[13];
        for (int i = 0; i < udps.length; i++) {
            udps[i] = boundUdp();
        }
        Arrivals.at(ends.b());
        List<Integer> sent = new ArrayList<>();
        List<Integer> accepted = new ArrayList<>();
        // Half of those that wait are taken each time, so that the first of the rest may stand anywhere.
        for (int burst : new int[] {3, 6, 11, 23}) {
            Handle[] handles = new Handle[burst];
            for (int i = 0; i < burst; i++) {
                Udp udp = udps[sent.size() % udps.length];
                handles[i] = udp;
                sent.add(udp.localAddress().getPort());
            }
            ends.a().write(ByteBuffer.allocate(burst), (a, error) -> throwIfAny(error), handles);
            int expected = sent.size() - accepted.size();
            runUntilOr(() -> ends.b().pendingCount() == expected,
                    () -> ends.b().pendingCount() + " of " + expected + " handles wait");
            accept(ends.b(), (ends.b().pendingCount() + 1) / 2, accepted);
        }
        accept(ends.b(), ends.b().pendingCount(), accepted);
        assertEquals(sent, accepted);
    }

    private void accept(Pipe pipe, int count, List<Integer> ports) throws PanpipeException {
        for (int i = 0; i < count; i++) {
            Udp udp = new Udp(loop);
            pipe.accept(udp);
            ports.add(udp.localAddress().getPort());
            udp.close();
        }
    }
}
