/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import static io.panpipe.internal.simulated.Bench.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.StreamChannel;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simulated")
class FlightTest {

    private final Bench bench =
            Bench.of(SimulatedOptions.quiet().bufferSize(1000).inFlightShare(1));
    private PipeChannel a;
    private PipeChannel b;

    @BeforeEach
    void connect() throws KernelException {
        PipeChannel[] pair = bench.pair();
        a = pair[0];
        b = pair[1];
    }

    private void end() throws KernelException {
        Bench.close(a, b);
        bench.end();
    }

    @Test
    void writeInFlightReadsTheBytesOnlyAtCompletion() throws KernelException {
        assertTrue(a.writesInFlight());
        assertEquals(StreamChannel.IN_FLIGHT, bench.write(a, "old"));
        assertEquals("-", bench.read(b));
        bench.out.bytes().put(0, "NEW".getBytes());
        assertEquals(List.of("a written 3"), bench.turn(SECOND));
        assertEquals("NEW", bench.read(b), "the caller changed memory that was not its own");
        end();
    }

    @Test
    void theGatherMayBeReusedWhileItsBytesAreInFlight() throws KernelException {
        var gather = bench.gather("kept");
        a.write(gather);
        gather.clear();
        assertEquals(List.of("a written 4"), bench.turn(SECOND));
        assertEquals("kept", bench.read(b));
        end();
    }

    @Test
    void theLimitOfABorrowedBufferMayMoveWhileItsBytesAreInFlight() throws KernelException {
        ByteBuffer data = ByteBuffer.allocateDirect(4).put("kept".getBytes());
        Gather gather = new Gather();
        gather.add(data, 0, 4);
        a.write(gather);
        data.limit(1);
        assertEquals(List.of("a written 4"), bench.turn(SECOND));
        assertEquals("kept", bench.read(b));
        end();
    }

    @Test
    void aFlightLongerThanTheBufferWaitsForTheReader() throws KernelException {
        bench.write(a, 2500);
        assertEquals(List.of(), bench.turn(SECOND));
        assertEquals(1000, bench.read(b).length());
        assertEquals(List.of(), bench.turn(SECOND));
        assertEquals(1000, bench.read(b).length());
        assertEquals(List.of("a written 2500"), bench.turn(SECOND));
        assertEquals(500, bench.read(b).length());
        end();
    }

    @Test
    void aFlightFailsWhenTheReaderLeaves() throws KernelException {
        bench.write(a, 2500);
        bench.turn(SECOND);
        b.close();
        assertEquals(List.of("a failed EPIPE"), bench.turn(SECOND));
        end();
    }

    @Test
    void closingCancelsAFlightAndStillReportsIt() throws KernelException {
        bench.write(a, 2500);
        bench.turn(SECOND);
        a.close();
        assertThrows(IllegalStateException.class, bench.selector::close);
        assertEquals(List.of("a failed ECANCELED"), bench.turn());
        assertEquals(1000, bench.read(b).length());
        assertEquals("EOF", bench.read(b));
        end();
    }

    @Test
    void closingAfterTheLastByteHasGoneReportsItWritten() throws KernelException {
        bench.write(a, "gone");
        assertEquals(1, bench.selector.select(SECOND));
        a.close();
        bench.selector.dispatch(0);
        assertEquals(List.of("a written 4"), bench.heard);
        assertEquals("gone", bench.read(b));
        end();
    }

    @Test
    void nothingElseGoesOutWhileAWriteIsInFlight() throws KernelException {
        bench.write(a, "one");
        assertThrows(IllegalStateException.class, () -> bench.write(a, "two"));
        assertThrows(IllegalStateException.class, a::shutdownOutput);
        assertThrows(IllegalStateException.class, a::detach);
        a.interest(StreamChannel.WRITE);
        assertEquals(List.of("a written 3"), bench.turn(SECOND));
        assertEquals(List.of("a ready 4"), bench.turn());
        a.shutdownOutput();
        end();
    }

    @Test
    void aLoopThatOnlyPollsStillHearsOfItsFlights() throws KernelException {
        long before = bench.kernel.nanoTime();
        bench.write(a, "x");
        boolean heard = false;
        for (int i = 0; i < 100 && !heard; i++) {
            heard = !bench.turn(0).isEmpty();
        }
        assertTrue(heard);
        assertEquals(before, bench.kernel.nanoTime());
        end();
    }

    @Test
    void aFlightMayEndShort() throws KernelException {
        Bench noisy =
                Bench.of(SimulatedOptions.quiet().inFlightShare(1).shortTransfers(true));
        PipeChannel[] ends = noisy.pair();
        boolean endedShort = false;
        for (int i = 0; i < 200 && !endedShort; i++) {
            noisy.write(ends[0], 100);
            int written = Integer.parseInt(noisy.turn(SECOND).getFirst().substring("a written ".length()));
            endedShort = written < 100;
            int received = 0;
            while (received < written) {
                received += noisy.read(ends[1]).length();
            }
            assertEquals("-", noisy.read(ends[1]));
        }
        assertTrue(endedShort);
        Bench.close(ends);
        noisy.end();
    }

    @Test
    void aShareOfNoneNeverFlies() throws KernelException {
        Bench plain = Bench.quiet();
        PipeChannel[] ends = plain.pair();
        assertFalse(ends[0].writesInFlight());
        assertEquals(1, plain.write(ends[0], "x"));
        Bench.close(ends);
        plain.end();
    }
}
