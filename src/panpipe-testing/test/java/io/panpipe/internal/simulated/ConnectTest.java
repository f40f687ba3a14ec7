/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import static io.panpipe.internal.simulated.Bench.SECOND;
import static io.panpipe.internal.simulated.Bench.assertFault;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.StreamChannel;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simulated")
class ConnectTest {

    private static final String NAME = "/tmp/demo";

    private final Bench bench = Bench.quiet();
    private final Bench pending = Bench.of(SimulatedOptions.quiet().pendingConnectShare(1));

    @Test
    void aClientMayWriteBeforeItIsAccepted() throws KernelException {
        PipeChannel server = bench.server(NAME, 1);
        assertNull(server.accept());
        PipeChannel client = bench.client(NAME);
        assertEquals(5, bench.write(client, "early"));
        PipeChannel accepted = bench.accept(server);
        assertEquals("early", bench.read(accepted));
        assertEquals(NAME, client.peerName());
        assertEquals("", accepted.peerName());
        assertEquals(NAME, accepted.localName());
        Bench.close(client, accepted, server);
        bench.end();
    }

    @Test
    void connectionsAreAcceptedInTheirOrder() throws KernelException {
        PipeChannel server = bench.server(NAME, 8);
        for (int i = 0; i < 4; i++) {
            PipeChannel client = bench.pipe("client" + i);
            client.bind("/tmp/client" + i, 0600, 0);
            client.connect(NAME);
            client.close();
        }
        for (int i = 0; i < 4; i++) {
            PipeChannel accepted = bench.accept(server);
            assertEquals("/tmp/client" + i, accepted.peerName());
            assertEquals("EOF", bench.read(accepted), "a client that has left is accepted all the same");
            accepted.close();
        }
        server.close();
        bench.end();
    }

    @Test
    void oneMoreThanTheBacklogMayWaitAndAFurtherListenAdjustsIt() throws KernelException {
        PipeChannel server = bench.server(NAME, 1);
        PipeChannel[] clients = {bench.client(NAME), bench.client(NAME), bench.pipe("refused")};
        assertFault(Fault.EAGAIN, () -> clients[2].connect(NAME));
        server.listen(2);
        assertTrue(clients[2].connect(NAME));
        Bench.close(clients);
        server.close();
        bench.end();
    }

    @Test
    void theSystemLowersTheBacklog() throws KernelException {
        Bench low = Bench.of(SimulatedOptions.quiet().backlogLimit(0));
        PipeChannel server = low.server(NAME, 100);
        PipeChannel client = low.client(NAME);
        PipeChannel refused = low.pipe("refused");
        assertFault(Fault.EAGAIN, () -> refused.connect(NAME));
        Bench.close(client, refused, server);
        low.end();
    }

    @Test
    void aClosedListenerResetsWhoWasNotAccepted() throws KernelException {
        PipeChannel server = bench.server(NAME, 1);
        PipeChannel client = bench.client(NAME);
        client.interest(StreamChannel.READ);
        server.close();
        assertEquals(List.of("client ready 1"), bench.turn());
        assertFault(Fault.ECONNRESET, () -> bench.read(client));
        assertEquals("EOF", bench.read(client));
        assertFault(Fault.EPIPE, () -> bench.write(client, "late"));
        client.close();
        bench.end();
    }

    @Test
    void aStreamIsOneThingOnly() throws KernelException {
        PipeChannel server = bench.server(NAME, 2);
        PipeChannel client = bench.client(NAME);
        assertTrue(client.isConnected());
        assertFalse(server.isConnected());
        assertFault(Fault.EISCONN, () -> client.connect(NAME));
        assertFault(Fault.EINVAL, () -> server.connect(NAME));
        assertFault(Fault.EINVAL, () -> client.listen(1));
        assertFault(Fault.EINVAL, client::accept);
        assertFault(Fault.ENOTCONN, () -> bench.read(server));
        assertFault(Fault.ENOTCONN, () -> bench.write(server, "x"));
        assertFault(Fault.ENOTCONN, server::peerName);
        client.finishConnect();
        Bench.close(client, server);
        bench.end();
    }

    @Test
    void whatHasNoDescriptorIsABadOne() throws KernelException {
        PipeChannel pipe = bench.pipe("pipe");
        assertEquals(-1, pipe.descriptor());
        assertFault(Fault.EBADF, () -> pipe.listen(1));
        assertFault(Fault.EBADF, pipe::localName);
        assertFault(Fault.EBADF, pipe::sendBufferSize);
        assertFault(Fault.EBADF, () -> pipe.interest(StreamChannel.READ));
        assertFault(Fault.EBADF, () -> bench.read(pipe));
        pipe.interest(0);
        pipe.close();
        pipe.close();
        bench.end();
    }

    @Test
    void aPendingConnectIsToldByItsEvent() throws KernelException {
        PipeChannel server = pending.server(NAME, 1);
        PipeChannel client = pending.pipe("client");
        assertFalse(client.connect(NAME));
        assertNull(server.accept());
        assertFault(Fault.EALREADY, client::finishConnect);
        assertFault(Fault.EALREADY, () -> client.connect(NAME));
        assertFault(Fault.ENOTCONN, () -> pending.write(client, "x"));
        client.interest(StreamChannel.CONNECT);
        assertEquals(List.of("client ready 8"), pending.turn(SECOND));
        assertEquals(List.of("client ready 8"), pending.turn(SECOND), "level-triggered");
        client.finishConnect();
        assertEquals(List.of(), pending.turn());
        Bench.close(client, pending.accept(server), server);
        pending.end();
    }

    @Test
    void aPendingConnectFailsByItsEventAndMayBeTriedAgain() throws KernelException {
        PipeChannel client = pending.pipe("client");
        assertFalse(client.connect(NAME));
        client.interest(StreamChannel.CONNECT);
        assertEquals(List.of("client ready 8"), pending.turn(SECOND));
        assertFault(Fault.ENOENT, client::finishConnect);
        PipeChannel server = pending.server(NAME, 1);
        assertFalse(client.connect(NAME));
        pending.turn(SECOND);
        client.finishConnect();
        assertEquals(NAME, client.peerName());
        Bench.close(client, server);
        pending.end();
    }

    @Test
    void aPendingConnectOfAClosedChannelNeverHappens() throws KernelException {
        PipeChannel server = pending.server(NAME, 1);
        PipeChannel client = pending.pipe("client");
        client.connect(NAME);
        client.close();
        pending.turn(SECOND);
        assertNull(server.accept());
        server.close();
        pending.end();
    }
}
