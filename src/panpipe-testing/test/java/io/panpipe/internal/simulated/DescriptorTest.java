/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import static io.panpipe.internal.simulated.Bench.SECOND;
import static io.panpipe.internal.simulated.Bench.assertFault;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.StreamChannel;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simulated")
class DescriptorTest {

    @Test
    void numbersAreTheLowestFreeAndReusedAtOnce() throws KernelException {
        Bench bench = Bench.quiet();
        PipeChannel[] one = bench.pair();
        PipeChannel[] two = bench.pair();
        assertEquals(List.of(3L, 4L, 5L, 6L), List.of(one[0].descriptor(), one[1].descriptor(),
                two[0].descriptor(), two[1].descriptor()));
        Bench.close(one[1], two[0]);
        assertEquals(-1, one[1].descriptor());
        PipeChannel[] three = bench.pair();
        assertEquals(4, three[0].descriptor());
        assertEquals(5, three[1].descriptor());
        assertEquals(4, bench.kernel.openDescriptors());
        Bench.close(one[0], two[1], three[0], three[1]);
        bench.end();
    }

    @Test
    void atTheLimitNothingOpensAndTheConnectionStillWaits() throws KernelException {
        Bench bench = Bench.of(SimulatedOptions.quiet().descriptorLimit(2));
        PipeChannel server = bench.server("s", 5);
        server.interest(StreamChannel.ACCEPT);
        assertFault(Fault.EMFILE, bench.selector::pair);
        PipeChannel client = bench.client("s");
        assertFault(Fault.EMFILE, () -> bench.client("s"));
        assertFault(Fault.EMFILE, () -> bench.server("t", 1));
        assertFault(Fault.EMFILE, server::accept);
        assertEquals(List.of("server ready 16"), bench.turn());
        bench.write(client, "hello");
        client.close();
        PipeChannel accepted = bench.accept(server);
        assertEquals("hello", bench.read(accepted));
        Bench.close(accepted, server);
        bench.end();
    }

    @Test
    void aDetachedDescriptorIsAdoptedWithItsState() throws KernelException {
        Bench bench = Bench.quiet();
        Bench other = Bench.on(bench.kernel);
        PipeChannel[] pair = bench.pair();
        bench.write(pair[0], "kept");
        pair[1].interest(StreamChannel.READ);
        long descriptor = pair[1].detach();
        assertEquals(-1, pair[1].descriptor());
        assertEquals(List.of(), bench.turn());
        assertEquals(2, bench.kernel.openDescriptors());
        PipeChannel adopted = other.told("adopted", other.selector.adopt(descriptor));
        assertEquals(descriptor, adopted.descriptor());
        adopted.interest(StreamChannel.READ);
        assertEquals(List.of("adopted ready 1"), other.turn());
        assertEquals("kept", other.read(adopted));
        pair[1].close();
        assertEquals(2, bench.kernel.openDescriptors(), "the old channel has nothing to close any more");
        Bench.close(adopted, pair[0]);
        bench.end();
        other.end();
    }

    @Test
    void whatIsNotDetachedIsNotAdopted() throws KernelException {
        Bench bench = Bench.quiet();
        Bench other = Bench.on(bench.kernel);
        PipeChannel[] pair = bench.pair();
        assertFault(Fault.EBADF, () -> bench.selector.adopt(99));
        assertFault(Fault.EBADF, () -> bench.selector.adopt(-1));
        assertFault(Fault.EBADF, () -> bench.selector.adopt(1L << 40));
        assertFault(Fault.EEXIST, () -> bench.selector.adopt(pair[0].descriptor()));
        assertFault(Fault.EEXIST, () -> other.selector.adopt(pair[0].descriptor()));
        assertThrows(IllegalStateException.class, () -> bench.kernel.closeDescriptor(pair[0].descriptor()));
        bench.kernel.closeDescriptor(pair[0].detach());
        assertFault(Fault.EBADF, pair[0]::detach);
        assertEquals("EOF", bench.read(pair[1]));
        pair[1].close();
        bench.end();
    }

    @Test
    void aConnectInProgressIsSettledByDetaching() throws KernelException {
        Bench bench = Bench.of(SimulatedOptions.quiet().pendingConnectShare(1));
        PipeChannel server = bench.server("s", 5);
        PipeChannel client = bench.pipe("client");
        client.connect("s");
        PipeChannel adopted = bench.told("adopted", bench.selector.adopt(client.detach()));
        adopted.interest(StreamChannel.CONNECT);
        assertEquals(List.of("adopted ready 8"), bench.turn(SECOND));
        adopted.finishConnect();
        Bench.close(adopted, server);
        bench.end();
    }

    @Test
    void closingASelectorWithOpenChannelsIsADefect() throws KernelException {
        Bench bench = Bench.quiet();
        PipeChannel[] pair = bench.pair();
        assertThrows(IllegalStateException.class, bench.selector::close);
        Bench.close(pair);
        bench.selector.close();
        bench.selector.wakeup();
        assertThrows(IllegalStateException.class, () -> bench.selector.select(0));
        assertTrue(bench.kernel.openDescriptors() == 0);
    }

    @Test
    void pairedEndsKnowTheirProcess() throws KernelException {
        Bench bench = Bench.of(SimulatedOptions.quiet().credentials(7, 8, 9));
        PipeChannel[] pair = bench.pair();
        assertEquals(7, pair[0].peerCredentials().pid());
        assertEquals(8, pair[0].peerCredentials().uid());
        assertEquals(9, pair[0].peerCredentials().gid());
        Bench.close(pair);
        bench.end();
    }
}
