/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import static io.panpipe.internal.simulated.Bench.SECOND;
import static io.panpipe.internal.simulated.Bench.assertFault;
import static io.panpipe.internal.simulated.Bench.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.kernel.TcpChannel;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simulated")
class TcpTest {

    private static final InetSocketAddress ADDRESS = at("127.0.0.1", 8080);

    private final Bench bench = Bench.quiet();

    private void end(Channel... channels) throws KernelException {
        Bench.close(channels);
        bench.end();
    }

    @Test
    void aConnectIsAnsweredAMomentLater() throws KernelException {
        TcpChannel server = bench.tcpServer(ADDRESS, 0);
        server.interest(StreamChannel.ACCEPT);
        TcpChannel client = bench.tcpClient(ADDRESS);
        assertNull(server.accept());
        assertFalse(client.isConnected());
        assertFault(Fault.EALREADY, client::finishConnect);
        assertEquals(List.of("server ready 16", "client ready 8"), bench.turn(SECOND));
        client.finishConnect();
        assertFault(Fault.EISCONN, () -> client.connect(ADDRESS));
        assertFault(Fault.EISCONN, () -> server.connect(ADDRESS));
        end(client, server);
    }

    @Test
    void whereNobodyListensAConnectIsRefusedAndMayBeTriedAgain() throws KernelException {
        TcpChannel client = bench.tcpClient(ADDRESS);
        assertEquals(List.of("client ready 8"), bench.turn(SECOND));
        assertFault(Fault.ECONNREFUSED, client::finishConnect);
        TcpChannel server = bench.tcp("server");
        server.bind(ADDRESS, 0);
        assertFalse(client.connect(ADDRESS));
        bench.turn(SECOND);
        assertFault(Fault.ECONNREFUSED, client::finishConnect);
        server.listen(1);
        client.connect(ADDRESS);
        bench.turn(SECOND);
        client.finishConnect();
        end(client, server);
    }

    @Test
    void aFullBacklogLeavesAConnectPendingUntilThereIsRoom() throws KernelException {
        TcpChannel server = bench.tcpServer(ADDRESS, 0);
        TcpChannel[] clients = {bench.tcpClient(ADDRESS), bench.tcpClient(ADDRESS), bench.tcpClient(ADDRESS)};
        bench.turn(SECOND);
        bench.turn(SECOND);
        clients[0].finishConnect();
        clients[1].finishConnect();
        clients[0].interest(0);
        clients[1].interest(0);
        assertEquals(List.of(), bench.turn(SECOND));
        assertFault(Fault.EALREADY, clients[2]::finishConnect);
        TcpChannel accepted = bench.accept(server);
        assertEquals(List.of("client ready 8"), bench.turn(SECOND));
        clients[2].finishConnect();
        Bench.close(clients);
        end(accepted, server);
    }

    @Test
    void whoWaitsForAListenerThatClosesIsRefused() throws KernelException {
        TcpChannel server = bench.tcpServer(ADDRESS, 0);
        TcpChannel[] clients = {bench.tcpClient(ADDRESS), bench.tcpClient(ADDRESS), bench.tcpClient(ADDRESS)};
        bench.turn(SECOND);
        bench.turn(SECOND);
        server.close();
        clients[0].finishConnect();
        assertFault(Fault.ECONNRESET, () -> bench.read(clients[0]));
        clients[2].interest(StreamChannel.CONNECT);
        bench.turn(SECOND);
        assertFault(Fault.ECONNREFUSED, clients[2]::finishConnect);
        end(clients);
    }

    @Test
    void bytesFlowBothWaysAndEachDirectionEndsOnItsOwn() throws KernelException {
        TcpChannel[] ends = bench.tcpPair();
        assertEquals(4, bench.write(ends[0], "ping"));
        assertEquals("ping", bench.read(ends[1]));
        ends[0].shutdownOutput();
        assertEquals("EOF", bench.read(ends[1]));
        assertFault(Fault.EPIPE, () -> bench.write(ends[0], "late"));
        assertEquals(4, bench.write(ends[1], "pong"));
        assertEquals("pong", bench.read(ends[0]));
        ends[1].close();
        assertEquals("EOF", bench.read(ends[0]));
        end(ends);
    }

    @Test
    void closingWithUnreadInputResetsThePeerAfterWhatWasSent() throws KernelException {
        TcpChannel[] ends = bench.tcpPair();
        bench.write(ends[0], "unread");
        bench.write(ends[1], "sent");
        ends[1].close();
        assertEquals("sent", bench.read(ends[0]));
        assertFault(Fault.ECONNRESET, () -> bench.write(ends[0], "x"));
        assertFault(Fault.EPIPE, () -> bench.write(ends[0], "x"));
        assertEquals("EOF", bench.read(ends[0]));
        assertFault(Fault.ENOTCONN, ends[0]::peerAddress);
        assertFault(Fault.ENOTCONN, ends[0]::shutdownOutput);
        end(ends);
    }

    @Test
    void thatThePeerHasClosedIsKnownOnlyAfterAWrite() throws KernelException {
        TcpChannel[] ends = bench.tcpPair();
        ends[1].close();
        ends[0].interest(StreamChannel.READ | StreamChannel.WRITE);
        assertEquals(List.of("client ready 5"), bench.turn());
        assertEquals("EOF", bench.read(ends[0]));
        assertEquals(1, bench.write(ends[0], "x"));
        assertFault(Fault.EPIPE, () -> bench.write(ends[0], "x"));
        assertEquals("EOF", bench.read(ends[0]));
        end(ends);
    }

    @Test
    void theSendBufferLimitsAConnection() throws KernelException {
        TcpChannel[] ends = bench.tcpPair();
        ends[0].sendBufferSize(2000);
        assertEquals(2000, bench.write(ends[0], 3000));
        assertEquals(StreamChannel.WOULD_BLOCK, bench.write(ends[0], 1000));
        assertEquals(2000, bench.read(ends[1]).length());
        assertEquals(1000, bench.write(ends[0], 1000));
        ends[0].receiveBufferSize(5000);
        assertEquals(5000, ends[0].receiveBufferSize());
        end(ends);
    }

    @Test
    void optionsAreNoted() throws KernelException {
        assertFault(Fault.EBADF, () -> bench.tcp("tcp").noDelay(true));
        TcpChannel[] ends = bench.tcpPair();
        ends[0].noDelay(true);
        ends[0].keepAlive(60);
        assertFault(Fault.EINVAL, () -> ends[0].keepAlive(-1));
        TcpSocket socket = ((SimulatedTcpChannel) ends[0]).socketIfAny();
        assertTrue(socket != null && socket.noDelay() && socket.keepAliveSeconds() == 60);
        end(ends);
    }

    @Test
    void aClientThatIsClosedWhileItConnectsNeverArrives() throws KernelException {
        TcpChannel server = bench.tcpServer(ADDRESS, 0);
        bench.tcpClient(ADDRESS).close();
        bench.turn(SECOND);
        assertNull(server.accept());
        end(server);
    }

    @Test
    void whateverIsCutShortArrivesWhole() throws KernelException {
        for (long seed = 0; seed < 20; seed++) {
            Bench noisy = Bench.of(SimulatedOptions.noisy().seed(seed).spuriousShare(0).bufferSize(300));
            TcpChannel[] ends = noisy.tcpPair();
            int received = 0;
            int sent = 0;
            for (int i = 0; i < 20; i++) {
                int count = noisy.write(ends[0], 200);
                if (count == StreamChannel.IN_FLIGHT) {
                    List<String> news = noisy.turn(SECOND);
                    while (news.isEmpty()) {
                        received += drain(noisy, ends[1]);
                        news = noisy.turn(SECOND);
                    }
                    count = Integer.parseInt(news.getFirst().substring("client written ".length()));
                }
                sent += Math.max(0, count);
                received += drain(noisy, ends[1]);
            }
            assertEquals(sent, received, "seed " + seed);
            Bench.close(ends);
            noisy.end();
        }
    }

    private static int drain(Bench bench, TcpChannel end) throws KernelException {
        int received = 0;
        String text = bench.read(end);
        while (!text.equals("-")) {
            received += text.length();
            text = bench.read(end);
        }
        return received;
    }
}
