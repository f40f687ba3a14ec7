/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import static io.panpipe.internal.simulated.Bench.assertFault;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.StreamChannel;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simulated")
class StreamTest {

    private final Bench bench = Bench.of(SimulatedOptions.quiet().bufferSize(2000));
    private PipeChannel[] pair;
    private PipeChannel a;
    private PipeChannel b;

    @BeforeEach
    void connect() throws KernelException {
        pair = bench.pair();
        a = pair[0];
        b = pair[1];
    }

    @Test
    void bytesArriveInBothDirections() throws KernelException {
        assertEquals("-", bench.read(a));
        assertEquals(5, bench.write(a, "hello"));
        assertEquals(2, bench.write(b, "yo"));
        assertEquals("hello", bench.read(b));
        assertEquals("yo", bench.read(a));
        assertEquals("-", bench.read(a));
    }

    @Test
    void piecesAreWrittenInTheirOrderAndBuffersKeepTheirPosition() throws KernelException {
        ByteBuffer direct = ByteBuffer.allocateDirect(10);
        direct.put("0123456789".getBytes()).position(7);
        Gather gather = bench.gather("abcdef");
        gather.add(bench.out, 4, 0);
        gather.add(direct, 2, 3);
        assertEquals(9, a.write(gather));
        assertEquals("abcdef234", bench.read(b));
        assertEquals(7, direct.position());
    }

    @Test
    void aFullPipeTakesWhatFitsAndThenBlocks() throws KernelException {
        assertEquals(1500, bench.write(a, 1500));
        assertEquals(500, bench.write(a, 1000));
        assertEquals(StreamChannel.WOULD_BLOCK, bench.write(a, 1));
        assertEquals(100, b.read(bench.in, 5, 100));
        assertEquals(100, bench.write(a, 1000));
    }

    @Test
    void aWriteOfNothingIsDoneAtOnce() throws KernelException {
        assertEquals(0, bench.write(a, ""));
        b.close();
        assertFault(Fault.EPIPE, () -> bench.write(a, ""));
    }

    @Test
    void shutdownEndsOneDirectionAfterWhatWasWritten() throws KernelException {
        bench.write(a, "last");
        a.shutdownOutput();
        a.shutdownOutput();
        assertFault(Fault.EPIPE, () -> bench.write(a, "x"));
        bench.write(b, "answer");
        assertEquals("last", bench.read(b));
        assertEquals("EOF", bench.read(b));
        assertEquals("EOF", bench.read(b));
        assertEquals("answer", bench.read(a));
        assertEquals("-", bench.read(a));
    }

    @Test
    void closingEndsTheStreamAfterWhatWasWritten() throws KernelException {
        bench.write(a, "last");
        a.close();
        assertFault(Fault.EPIPE, () -> bench.write(b, "x"));
        assertEquals("last", bench.read(b));
        assertEquals("EOF", bench.read(b));
        b.shutdownOutput();
        assertEquals("", b.peerName(), "Linux still knows the peer that has closed");
    }

    @Test
    void closingWithUnreadInputResetsThePeer() throws KernelException {
        bench.write(a, "unread");
        bench.write(b, "last");
        b.close();
        assertFault(Fault.EPIPE, () -> bench.write(a, "x"));
        assertEquals("last", bench.read(a));
        assertFault(Fault.ECONNRESET, () -> bench.read(a));
        assertEquals("EOF", bench.read(a), "the reset is told once");
    }

    @Test
    void theSendersBufferLimitsAStream() throws KernelException {
        a.sendBufferSize(3000);
        b.receiveBufferSize(5000);
        assertEquals(3000, a.sendBufferSize());
        assertEquals(5000, b.receiveBufferSize());
        assertEquals(3000, bench.write(a, 9000));
        a.sendBufferSize(1);
        assertEquals(1024, a.sendBufferSize());
        assertEquals(StreamChannel.WOULD_BLOCK, bench.write(a, 1));
        assertEquals(2000, bench.write(b, 9000));
    }

    @Test
    void foreignMemoryIsRefused() throws KernelException {
        Bench other = Bench.on(bench.kernel);
        assertThrows(IllegalArgumentException.class, () -> a.read(other.in, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> a.write(other.gather("x")));
        assertThrows(IndexOutOfBoundsException.class, () -> a.read(bench.in, 1, Bench.REGION_SIZE));
        Gather gather = new Gather();
        ByteBuffer heap = ByteBuffer.allocate(1);
        gather.add(heap, 0, 1);
        assertFalse(bench.selector.borrows(heap));
        assertTrue(bench.selector.borrows(ByteBuffer.allocateDirect(1)));
        assertThrows(IllegalArgumentException.class, () -> a.write(gather));
    }

    @Test
    void whateverIsCutShortArrivesWholeAndInOrder() throws KernelException {
        Bench noisy = Bench.of(SimulatedOptions.quiet().bufferSize(1777).shortTransfers(true));
        PipeChannel[] ends = noisy.pair();
        byte[] sent = new byte[50_000];
        new Random(1).nextBytes(sent);
        noisy.out.bytes().put(0, sent);
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        boolean cut = false;
        int written = 0;
        while (received.size() < sent.length) {
            Gather gather = new Gather();
            gather.add(noisy.out, written, sent.length - written);
            written += written < sent.length ? Math.max(0, ends[0].write(gather)) : 0;
            int queued = written - received.size();
            int count = ends[1].read(noisy.in, 0, 4000);
            cut |= count < queued;
            byte[] bytes = new byte[count];
            noisy.in.bytes().get(0, bytes);
            received.writeBytes(bytes);
        }
        assertArrayEquals(sent, received.toByteArray());
        assertTrue(cut);
        Bench.close(ends);
        noisy.end();
    }
}
