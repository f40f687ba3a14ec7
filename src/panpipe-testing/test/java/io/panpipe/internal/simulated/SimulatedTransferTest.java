/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.kernel.Transfer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simulated")
class SimulatedTransferTest {

    private final SimulatedKernel kernel =
            new SimulatedKernel(SimulatedOptions.quiet().bufferSize(1000).transferShare(1));
    private final Bench bench = Bench.on(kernel);
    private PipeChannel[] in;
    private PipeChannel[] out;
    private Transfer transfer;

    @BeforeEach
    void connect() throws KernelException {
        in = bench.pair();
        out = bench.pair();
        transfer = bench.selector.transfer(in[1], out[0]);
    }

    private void end() throws KernelException {
        Bench.close(in[0], in[1], out[0], out[1]);
        bench.end();
    }

    @Test
    void whatIsTakenIsGiven() throws KernelException {
        assertTrue(transfer.pays(1));
        assertEquals(Transfer.READ_INSTEAD, transfer.take(), "a read has to find out");
        bench.write(in[0], "hello");
        assertEquals(5, transfer.take());
        assertEquals("-", bench.read(out[1]), "it is held");
        assertEquals(5, transfer.give());
        assertEquals("hello", bench.read(out[1]));
        end();
    }

    @Test
    void whatIsHeldIsNotInTheLoopsMemory() throws KernelException {
        bench.write(in[0], "held");
        transfer.take();
        bench.write(out[1], "another read");
        assertEquals("another read", bench.read(out[0]));
        transfer.give();
        assertEquals("held", bench.read(out[1]));
        end();
    }

    @Test
    void aFullSinkTakesAPartAndThenNothing() throws KernelException {
        bench.write(out[0], 600);
        bench.write(in[0], 1000);
        assertEquals(1000, transfer.take());
        assertEquals(400, transfer.give());
        assertEquals(StreamChannel.WOULD_BLOCK, transfer.give());
        assertThrows(IllegalStateException.class, transfer::take, "something is held");
        Region back = bench.selector.allocate(1000);
        assertEquals(600, transfer.takeBack(back, 0, 1000));
        assertThrows(IllegalStateException.class, transfer::give, "nothing is held");
        end();
    }

    @Test
    void theEndOfTheSourceIsLeftToARead() throws KernelException {
        bench.write(in[0], "last");
        in[0].shutdownOutput();
        assertEquals(4, transfer.take());
        transfer.discard();
        assertEquals(Transfer.READ_INSTEAD, transfer.take());
        assertEquals("EOF", bench.read(in[1]));
        assertEquals("-", bench.read(out[1]), "discarded");
        end();
    }

    @Test
    void faultsOfReadsAndWritesBefallIt() throws KernelException {
        bench.write(in[0], "hello");
        assertEquals(5, transfer.take());
        kernel.machine().add(rule(Operation.READ, Fault.EIO));
        kernel.machine().add(rule(Operation.WRITE, Fault.ENOBUFS));
        assertEquals(Fault.ENOBUFS, assertThrows(KernelException.class, transfer::give).fault());
        transfer.discard();
        assertEquals(Fault.EIO, assertThrows(KernelException.class, transfer::take).fault());
        end();
    }

    private static FaultRule rule(Operation operation, Fault fault) {
        return new FaultRule(operation, null, null, 1, Long.MAX_VALUE, 1, Effect.fail(fault));
    }

    @Test
    void aKernelWithoutShareHasNone() throws KernelException {
        Bench other = Bench.quiet();
        PipeChannel[] pair = other.pair();
        assertNull(other.selector.transfer(pair[0], pair[1]));
        Bench.close(pair);
        other.end();
        end();
    }
}
