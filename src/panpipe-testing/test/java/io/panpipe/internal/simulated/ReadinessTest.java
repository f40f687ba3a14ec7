/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import static io.panpipe.internal.kernel.StreamChannel.ACCEPT;
import static io.panpipe.internal.kernel.StreamChannel.CONNECT;
import static io.panpipe.internal.kernel.StreamChannel.READ;
import static io.panpipe.internal.kernel.StreamChannel.WRITE;
import static io.panpipe.internal.simulated.Bench.ALL;
import static io.panpipe.internal.simulated.Bench.SECOND;
import static io.panpipe.internal.simulated.Bench.assertFault;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simulated")
class ReadinessTest {

    private final Bench bench = Bench.of(SimulatedOptions.quiet().bufferSize(900));

    @Test
    void readinessIsLevelTriggeredAndWithinTheInterest() throws KernelException {
        PipeChannel[] pair = bench.pair();
        pair[1].interest(READ | ACCEPT | CONNECT);
        assertEquals(List.of(), bench.turn());
        bench.write(pair[0], "x");
        assertEquals(List.of("b ready 1"), bench.turn());
        assertEquals(List.of("b ready 1"), bench.turn());
        pair[1].interest(READ | WRITE);
        assertEquals(List.of("b ready 5"), bench.turn());
        pair[1].interest(0);
        assertEquals(List.of(), bench.turn());
        Bench.close(pair);
        bench.end();
    }

    @Test
    void aListenerIsReadyWhileAConnectionWaits() throws KernelException {
        PipeChannel server = bench.server("s", 5);
        server.interest(ALL);
        assertEquals(List.of(), bench.turn());
        PipeChannel client = bench.client("s");
        assertEquals(List.of("server ready 16"), bench.turn());
        PipeChannel accepted = bench.accept(server);
        assertEquals(List.of(), bench.turn());
        Bench.close(server, client, accepted);
        bench.end();
    }

    @Test
    void aWriterIsReadyOnceAThirdOfItsBufferIsFree() throws KernelException {
        PipeChannel[] pair = bench.pair();
        pair[0].interest(WRITE);
        bench.write(pair[0], 600);
        assertEquals(List.of("a ready 4"), bench.turn());
        bench.write(pair[0], 1);
        assertEquals(List.of(), bench.turn());
        pair[1].read(bench.in, 0, 1);
        assertEquals(List.of("a ready 4"), bench.turn());
        Bench.close(pair);
        bench.end();
    }

    @Test
    void aHungUpChannelIsReadyForAllItsInterest() throws KernelException {
        PipeChannel[] pair = bench.pair();
        pair[0].close();
        pair[1].interest(ALL);
        assertEquals(List.of("b ready " + ALL), bench.turn());
        pair[1].interest(WRITE);
        assertEquals(List.of("b ready 4"), bench.turn());
        pair[1].interest(0);
        assertEquals(List.of(), bench.turn(), "no interest silences a hang-up");
        pair[1].close();
        bench.end();
    }

    @Test
    void bothDirectionsShutDownIsAHangUp() throws KernelException {
        PipeChannel[] pair = bench.pair();
        pair[0].shutdownOutput();
        pair[1].interest(ALL);
        assertEquals(List.of("b ready 5"), bench.turn());
        pair[1].shutdownOutput();
        assertEquals(List.of("b ready " + ALL), bench.turn());
        Bench.close(pair);
        bench.end();
    }

    @Test
    void eventsOfAChannelClosedWithinTheBatchAreDropped() throws KernelException {
        PipeChannel[] pair = bench.pair();
        bench.write(pair[0], "x");
        bench.write(pair[1], "x");
        pair[0].interest(READ);
        pair[1].interest(READ);
        long freed = pair[1].descriptor();
        assertEquals(2, bench.selector.select(0));
        bench.selector.dispatch(0);
        pair[1].close();
        PipeChannel heir = bench.server("s", 1);
        heir.interest(ALL);
        assertEquals(freed, heir.descriptor(), "the number is reused at once");
        bench.selector.dispatch(1);
        assertEquals(List.of("a ready 1"), bench.heard);
        Bench.close(pair[0], heir);
        bench.end();
    }

    @Test
    void eventsOfAnInterestWithdrawnWithinTheBatchAreDropped() throws KernelException {
        PipeChannel[] pair = bench.pair();
        pair[0].interest(WRITE);
        assertEquals(1, bench.selector.select(0));
        pair[0].interest(READ);
        bench.selector.dispatch(0);
        assertEquals(List.of(), bench.heard);
        Bench.close(pair);
        bench.end();
    }

    @Test
    void interestNeedsAListener() throws KernelException {
        PipeChannel[] pair = bench.selector.pair();
        assertThrows(NullPointerException.class, () -> pair[0].interest(READ));
        Bench.close(pair);
        bench.end();
    }

    @Test
    void oneBatchTellsEveryReadyChannelOnceInAnyOrder() throws KernelException {
        Bench noisy = Bench.of(SimulatedOptions.quiet().shuffled(true));
        List<PipeChannel> channels = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            PipeChannel[] pair = noisy.selector.pair();
            noisy.told("c" + i, pair[0]).interest(WRITE);
            channels.addAll(List.of(pair));
        }
        Set<List<String>> orders = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            List<String> order = noisy.turn();
            assertEquals(5, order.size());
            assertEquals(5, Set.copyOf(order).size());
            orders.add(order);
        }
        assertTrue(orders.size() > 5);
        channels.forEach(PipeChannel::close);
        noisy.end();
    }

    @Test
    void readinessMayBeSpurious() throws KernelException {
        Bench noisy = Bench.of(SimulatedOptions.quiet().spuriousShare(1));
        PipeChannel[] pair = noisy.pair();
        pair[0].interest(READ);
        assertEquals(List.of("a ready 1"), noisy.turn(SECOND));
        assertEquals("-", noisy.read(pair[0]));
        Bench.close(pair);
        noisy.end();
    }

    @Test
    void sameSeedGivesTheSameSchedule() throws KernelException {
        List<String> first = scheduleOf(7);
        assertEquals(first, scheduleOf(7));
        assertNotEquals(first, scheduleOf(8));
    }

    private static List<String> scheduleOf(long seed) throws KernelException {
        Bench noisy = Bench.of(SimulatedOptions.noisy().seed(seed).bufferSize(1500));
        List<PipeChannel> channels = new ArrayList<>();
        List<String> schedule = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            PipeChannel[] pair = noisy.selector.pair();
            channels.add(talker(noisy, "w" + i, pair[0], schedule));
            channels.add(talker(noisy, "r" + i, pair[1], schedule));
        }
        for (int i = 0; i < 50; i++) {
            noisy.turn(SECOND);
            schedule.add("at " + noisy.kernel.nanoTime());
        }
        channels.forEach(PipeChannel::close);
        noisy.end();
        return schedule;
    }

    /** Returns a channel that writes and reads whenever it can, and keeps a record. */
    private static PipeChannel talker(Bench bench, String label, PipeChannel channel, List<String> record)
            throws KernelException {
        channel.listener(new ChannelListener() {
            private boolean inFlight;

            @Override
            public void ready(int operations) {
                try {
                    if ((operations & WRITE) != 0 && !inFlight) {
                        int result = bench.write(channel, 700);
                        inFlight = result == PipeChannel.IN_FLIGHT;
                        record.add(label + " wrote " + result);
                    }
                    if ((operations & READ) != 0) {
                        record.add(label + " read " + bench.read(channel).length());
                    }
                } catch (KernelException error) {
                    record.add(label + " " + error.fault());
                }
            }

            @Override
            public void written(int bytes) {
                inFlight = false;
                record.add(label + " written " + bytes);
            }

            @Override
            public void writeFailed(KernelException error) {
                inFlight = false;
                record.add(label + " failed " + error.fault());
            }
        });
        channel.interest(READ | WRITE);
        return channel;
    }

    @Test
    void aReadOfNothingAndOptionsOutOfRangeAreTheCallersDefects() throws KernelException {
        PipeChannel[] pair = bench.pair();
        assertThrows(IllegalArgumentException.class, () -> pair[0].read(bench.in, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> SimulatedOptions.quiet().inFlightShare(1.1));
        assertThrows(IllegalArgumentException.class, () -> SimulatedOptions.quiet().bufferSize(0));
        assertThrows(IllegalArgumentException.class, () -> bench.selector.allocate(0));
        Bench.close(pair);
        assertFault(Fault.EBADF, () -> bench.read(pair[0]));
        bench.end();
    }
}
