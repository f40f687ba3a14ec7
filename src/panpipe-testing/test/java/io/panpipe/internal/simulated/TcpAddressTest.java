/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import static io.panpipe.internal.simulated.Bench.SECOND;
import static io.panpipe.internal.simulated.Bench.assertFault;
import static io.panpipe.internal.simulated.Bench.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.TcpChannel;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simulated")
class TcpAddressTest {

    private final Bench bench = Bench.quiet();

    private void end(Channel... channels) throws KernelException {
        Bench.close(channels);
        bench.end();
    }

    @Test
    void bothEndsKnowBothAddresses() throws KernelException {
        TcpChannel server = bench.tcpServer(at("0.0.0.0", 8080), 0);
        TcpChannel client = bench.tcpClient(at("127.0.0.5", 8080));
        bench.settle(client);
        TcpChannel accepted = bench.accept(server);
        assertEquals(at("0.0.0.0", 8080), server.localAddress());
        assertEquals(at("127.0.0.5", 8080), client.peerAddress());
        assertEquals(at("127.0.0.5", 8080), accepted.localAddress());
        assertEquals(client.localAddress(), accepted.peerAddress());
        assertEquals(at("127.0.0.1", client.localAddress().getPort()), client.localAddress());
        assertTrue(client.isConnected() && accepted.isConnected());
        assertFault(Fault.ENOTCONN, server::peerAddress);
        end(server, client, accepted);
    }

    @Test
    void portNoughtIsOneThatTheSeedDetermines() throws KernelException {
        int[] ports = new int[3];
        long[] seeds = {1, 1, 2};
        for (int i = 0; i < 3; i++) {
            Bench seeded = Bench.of(SimulatedOptions.quiet().seed(seeds[i]));
            TcpChannel server = seeded.tcpServer(at("127.0.0.1", 0), 0);
            ports[i] = server.localAddress().getPort();
            TcpChannel other = seeded.tcpServer(at("127.0.0.1", 0), 0);
            assertNotEquals(ports[i], other.localAddress().getPort());
            Bench.close(server, other);
            seeded.end();
        }
        assertEquals(ports[0], ports[1]);
        assertNotEquals(ports[0], ports[2]);
    }

    @Test
    void anAddressThatIsListenedOnIsInUseUntilItIsClosed() throws KernelException {
        TcpChannel server = bench.tcpServer(at("127.0.0.1", 8080), 0);
        TcpChannel other = bench.tcp("other");
        assertFault(Fault.EADDRINUSE, () -> other.bind(at("127.0.0.1", 8080), 0));
        assertFault(Fault.EADDRINUSE, () -> other.bind(at("0.0.0.0", 8080), 0));
        server.close();
        other.bind(at("0.0.0.0", 8080), 0);
        other.listen(1);
        assertFault(Fault.EINVAL, () -> other.bind(at("127.0.0.1", 8081), 0));
        end(other);
    }

    @Test
    void ofTwoBoundToAnAddressTheSecondToListenIsRefused() throws KernelException {
        TcpChannel one = bench.tcp("one");
        TcpChannel two = bench.tcp("two");
        one.bind(at("127.0.0.1", 8080), 0);
        two.bind(at("127.0.0.1", 8080), 0);
        one.listen(1);
        assertFault(Fault.EADDRINUSE, () -> two.listen(1));
        end(one, two);
    }

    @Test
    void listenersShareAPortWhereBothWantTo() throws KernelException {
        TcpChannel one = bench.tcpServer(at("127.0.0.1", 8080), TcpChannel.REUSE_PORT);
        TcpChannel two = bench.tcpServer(at("127.0.0.1", 8080), TcpChannel.REUSE_PORT);
        one.listen(50);
        two.listen(50);
        TcpChannel third = bench.tcp("third");
        assertFault(Fault.EADDRINUSE, () -> third.bind(at("127.0.0.1", 8080), 0));
        TcpChannel[] clients = new TcpChannel[20];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = bench.tcpClient(at("127.0.0.1", 8080));
            clients[i].interest(0);
        }
        bench.turn(SECOND);
        int byOne = acceptAll(one);
        int byTwo = acceptAll(two);
        assertEquals(20, byOne + byTwo);
        assertTrue(byOne > 0 && byTwo > 0);
        Bench.close(clients);
        end(one, two, third);
    }

    private int acceptAll(TcpChannel server) throws KernelException {
        int count = 0;
        for (TcpChannel accepted = server.accept(); accepted != null; accepted = server.accept()) {
            accepted.close();
            count++;
        }
        return count;
    }

    @Test
    void anotherUserDoesNotShareAPort() throws KernelException {
        Bench stranger = Bench.on(bench.kernel.process(2, 2000, 2000));
        TcpChannel server = bench.tcpServer(at("127.0.0.1", 8080), TcpChannel.REUSE_PORT);
        TcpChannel other = stranger.tcp("other");
        assertFault(Fault.EADDRINUSE, () -> other.bind(at("127.0.0.1", 8080), TcpChannel.REUSE_PORT));
        other.close();
        stranger.end();
        end(server);
    }

    @Test
    void theSpecificListenerGoesBeforeTheGeneralOne() throws KernelException {
        TcpChannel dual = bench.tcpServer(at("::", 8080), 0);
        TcpChannel exact = bench.tcp("exact");
        assertFault(Fault.EADDRINUSE, () -> exact.bind(at("127.0.0.2", 8080), 0));
        dual.close();
        TcpChannel shared = bench.tcpServer(at("::", 8080), TcpChannel.REUSE_PORT);
        exact.bind(at("127.0.0.2", 8080), TcpChannel.REUSE_PORT);
        exact.listen(1);
        TcpChannel one = bench.tcpClient(at("127.0.0.2", 8080));
        bench.settle(one);
        TcpChannel two = bench.tcpClient(at("127.0.0.3", 8080));
        bench.settle(two);
        TcpChannel first = bench.accept(exact);
        TcpChannel second = bench.accept(shared);
        assertEquals(at("127.0.0.2", 8080), first.localAddress());
        assertEquals(at("127.0.0.3", 8080), second.localAddress());
        end(shared, exact, one, two, first, second);
    }

    @Test
    void anIpv6WildcardTakesIpv4UnlessItIsForIpv6Only() throws KernelException {
        TcpChannel dual = bench.tcpServer(at("::", 8080), 0);
        TcpChannel client = bench.tcpClient(at("127.0.0.1", 8080));
        bench.settle(client);
        TcpChannel accepted = bench.accept(dual);
        assertEquals(at("127.0.0.1", 8080), accepted.localAddress(), "Java shows a mapped address as the IPv4 one");
        TcpChannel only = bench.tcpServer(at("::", 8081), TcpChannel.IPV6_ONLY);
        TcpChannel plain = bench.tcpServer(at("0.0.0.0", 8081), 0);
        TcpChannel six = bench.tcpClient(at("::1", 8081));
        bench.settle(six);
        assertNull(plain.accept());
        TcpChannel acceptedSix = bench.accept(only);
        assertEquals(at("::1", six.localAddress().getPort()), acceptedSix.peerAddress());
        end(dual, client, accepted, only, plain, six, acceptedSix);
    }

    @Test
    void thereIsNoNetworkBeyondLoopback() throws KernelException {
        TcpChannel tcp = bench.tcp("tcp");
        assertFault(Fault.EADDRNOTAVAIL, () -> tcp.bind(at("192.0.2.1", 0), 0));
        assertFault(Fault.ENETUNREACH, () -> tcp.connect(at("192.0.2.1", 80)));
        assertFault(Fault.EAFNOSUPPORT, () -> tcp.connect(at("::1", 80)));
        assertFault(Fault.EACCES, () -> tcp.bind(at("127.0.0.1", 80), 0));
        TcpChannel six = bench.tcp("six");
        assertFault(Fault.EADDRNOTAVAIL, () -> six.bind(at("2001:db8::1", 0), 0));
        assertFault(Fault.ENETUNREACH, () -> six.connect(at("2001:db8::1", 80)));
        six.bind(at("::1", 0), 0);
        assertFault(Fault.ENETUNREACH, () -> six.connect(at("127.0.0.1", 80)));
        end(tcp, six);
    }

    @Test
    void nobodyInParticularIsThisMachine() throws KernelException {
        TcpChannel server = bench.tcpServer(at("127.0.0.1", 8080), 0);
        TcpChannel client = bench.tcpClient(at("0.0.0.0", 8080));
        bench.settle(client);
        InetSocketAddress peer = client.peerAddress();
        assertEquals(at("127.0.0.1", 8080), peer);
        end(server, client);
    }
}
