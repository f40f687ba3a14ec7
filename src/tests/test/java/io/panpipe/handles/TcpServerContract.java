/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Tcp;
import io.panpipe.TcpOption;
import io.panpipe.contract.Lacks;
import io.panpipe.contract.Needs;
import io.panpipe.contract.Trait;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a TCP server binds, listens and accepts. */
public abstract class TcpServerContract extends HandlesContract {

    /** Connects to a listening server, accepts and lets both ends talk. */
    private void assertServes(Tcp server, InetSocketAddress address) throws PanpipeException {
        Tcp accepted = new Tcp(loop);
        server.listen((listener, error) -> {
            throwIfAny(error);
            listener.accept(accepted);
        });
        Tcp client = new Tcp(loop);
        client.connect(address, (tcp, error) -> throwIfAny(error));
        runUntil(() -> accepted.readable() && client.readable());
        assertTalk(client, accepted);
    }

    private static InetSocketAddress withPort(InetSocketAddress address, Tcp server) throws PanpipeException {
        return new InetSocketAddress(address.getAddress(), server.localAddress().getPort());
    }

    @Test
    void portZeroIsOneThatTheSystemPicks() throws Exception {
        Tcp first = boundTcp();
        Tcp second = boundTcp();
        assertTrue(first.localAddress().getPort() > 0);
        assertTrue(first.localAddress().getPort() != second.localAddress().getPort());
        assertServes(first, first.localAddress());
    }

    @Test
    void servesOverIpv6() throws Exception {
        Tcp server = new Tcp(loop);
        server.bind(ipv6(0));
        assertEquals(ipv6(0).getAddress(), server.localAddress().getAddress());
        assertServes(server, server.localAddress());
    }

    @Test
    void anIpv6WildcardServesIpv4AsWell() throws Exception {
        Tcp server = new Tcp(loop);
        server.bind(anyIpv6(0));
        assertServes(server, withPort(ipv4(0), server));
        assertServes(server, withPort(ipv6(0), server));
    }

    @Test
    void anIpv6WildcardAloneLeavesThePortOfIpv4ToOthers() throws Exception {
        Tcp six = new Tcp(loop);
        Tcp four = new Tcp(loop);
        // Another program may have the port under IPv4 by chance.
        for (int attempt = 0; four.toString().equals("Tcp"); attempt++) {
            six = new Tcp(loop);
            six.bind(anyIpv6(0), TcpOption.IPV6_ONLY);
            try {
                four.bind(withPort(ipv4(0), six));
            } catch (PanpipeException taken) {
                assertTrue(attempt < 5, taken::getMessage);
                four = new Tcp(loop);
            }
        }
        six.listen((listener, error) -> log.add("IPv6 " + error));
        assertServes(four, four.localAddress());
        assertEquals(List.of(), log);
    }

    @Test
    void anAddressThatListensIsTaken() throws Exception {
        Tcp server = boundTcp();
        server.listen(logs("connection"));
        Tcp second = new Tcp(loop);
        PanpipeException taken = assertFails(ErrorCode.EADDRINUSE, () -> second.bind(server.localAddress()));
        assertTrue(taken.getMessage().contains(":" + server.localAddress().getPort()), taken::getMessage);
        second.bind(ipv4(0));
        assertServes(second, second.localAddress());
    }

    @Test
    void aDualStackServerTakesThePortOfIpv4Too() throws Exception {
        Tcp server = new Tcp(loop);
        server.bind(anyIpv6(0));
        server.listen(logs("connection"));
        assertFails(ErrorCode.EADDRINUSE, () -> new Tcp(loop).bind(withPort(ipv4(0), server)));
    }

    @Test
    void aPortIsFreeAgainRightAfterClose() throws Exception {
        Tcp server = boundTcp();
        InetSocketAddress address = server.localAddress();
        assertServes(server, address);
        server.close();
        Tcp second = new Tcp(loop);
        second.bind(address);
        assertServes(second, address);
    }

    @Test
    @Lacks(Trait.SHARED_PORTS)
    void whereServersDoNotShareAPortTheyAreTold() {
        assertFails(ErrorCode.ENOTSUP, () -> new Tcp(loop).bind(ipv4(0), TcpOption.REUSE_PORT));
    }

    @Test
    @Needs(Trait.SHARED_PORTS)
    void serversMayShareAPortIfBothSaySo() throws Exception {
        Tcp first = new Tcp(loop);
        first.bind(ipv4(0), TcpOption.REUSE_PORT);
        InetSocketAddress address = first.localAddress();
        Tcp second = new Tcp(loop);
        second.bind(address, TcpOption.REUSE_PORT);
        for (Tcp server : List.of(first, second)) {
            server.listen((listener, error) -> {
                throwIfAny(error);
                listener.accept(new Tcp(loop));
                log.add("served");
            });
        }
        for (int i = 0; i < 8; i++) {
            new Tcp(loop).connect(address, (tcp, error) -> throwIfAny(error));
        }
        runUntil(() -> log.size() == 8);
        assertFails(ErrorCode.EADDRINUSE, () -> new Tcp(loop).bind(address));
    }

    @Test
    void anAddressOfAnotherMachineIsNotAvailable() {
        // 192.0.2.0/24 is nobody's (RFC 5737).
        Tcp tcp = new Tcp(loop);
        assertFails(ErrorCode.EADDRNOTAVAIL, () -> tcp.bind(at(0, 192, 0, 2, 1)));
        assertFails(ErrorCode.EBADF, tcp::fileno);
    }

    @Test
    void bindsOnceAndNotAfterClose() throws Exception {
        Tcp server = boundTcp();
        assertThrows(IllegalStateException.class, () -> server.bind(ipv4(0)));
        server.close();
        assertThrows(IllegalStateException.class, () -> server.bind(ipv4(0)));
    }

    @Test
    void listenNeedsABoundHandleAndABacklog() throws Exception {
        assertThrows(IllegalStateException.class, () -> new Tcp(loop).listen(logs("connection")));
        assertThrows(IllegalArgumentException.class, () -> boundTcp().listen(logs("connection"), 0));
        Tcp client = tcpEnds().client();
        assertThrows(IllegalStateException.class, () -> client.listen(logs("connection")));
    }

    @Test
    void acceptWithoutAConnectionIsEagain() throws Exception {
        Tcp server = boundTcp();
        assertThrows(IllegalStateException.class, () -> server.accept(new Tcp(loop)));
        server.listen(logs("connection"));
        assertFails(ErrorCode.EAGAIN, () -> server.accept(new Tcp(loop)));
    }

    @Test
    void acceptTakesAnUnusedHandleOnlyAndLosesNothing() throws Exception {
        Tcp server = boundTcp();
        server.listen(logs("connection"));
        Tcp client = new Tcp(loop);
        client.connect(server.localAddress(), logs("connected"));
        runUntil(() -> log.size() == 2);
        assertThrows(IllegalStateException.class, () -> server.accept(client));
        Tcp accepted = new Tcp(loop);
        server.accept(accepted);
        assertTalk(client, accepted);
    }

    @Test
    void eachConnectionIsAnnouncedOnce() throws Exception {
        Tcp server = boundTcp();
        List<Tcp> accepted = new ArrayList<>();
        server.listen((listener, error) -> {
            throwIfAny(error);
            Tcp connection = new Tcp(loop);
            listener.accept(connection);
            accepted.add(connection);
        });
        List<Tcp> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Tcp client = new Tcp(loop);
            clients.add(client);
            client.connect(server.localAddress(), (tcp, error) -> {
                throwIfAny(error);
                log.add("connected");
            });
        }
        runUntil(() -> log.size() == 20 && accepted.size() == 20);
        pass();
        assertEquals(20, accepted.size());
        var here = clients.stream().map(TcpServerContract::ownAddress).sorted().toList();
        var there = accepted.stream().map(TcpServerContract::peerAddress).sorted().toList();
        assertEquals(here, there);
    }

    private static String ownAddress(Tcp tcp) {
        try {
            return tcp.localAddress().toString();
        } catch (PanpipeException failed) {
            return failed.getMessage();
        }
    }

    private static String peerAddress(Tcp tcp) {
        try {
            return tcp.peerAddress().toString();
        } catch (PanpipeException failed) {
            return failed.getMessage();
        }
    }

    @Test
    void aConnectionThatIsNotAcceptedHoldsBackTheNext() throws Exception {
        Tcp server = boundTcp();
        server.listen(logs("connection"));
        for (int i = 0; i < 2; i++) {
            new Tcp(loop).connect(server.localAddress(), logs("connected"));
        }
        runUntil(() -> log.size() == 3);
        pass();
        assertEquals(1, java.util.Collections.frequency(log, "connection"));
        server.accept(new Tcp(loop));
        runUntil(() -> log.size() == 4);
        server.accept(new Tcp(loop));
        assertFails(ErrorCode.EAGAIN, () -> server.accept(new Tcp(loop)));
    }

    @Test
    void aClosedServerDropsWhomItHasNotAccepted() throws Exception {
        Tcp server = boundTcp();
        server.listen(logs("connection"));
        Tcp client = new Tcp(loop);
        client.connect(server.localAddress(), logs("connected"));
        runUntil(() -> log.size() == 2);
        server.close();
        Collected<Tcp> received = collect(client);
        runUntil(() -> received.end() != null);
        assertTrue(List.of(ErrorCode.EOF, ErrorCode.ECONNRESET).contains(received.end()), received.end()::name);
    }

    @Test
    void aDetachedServerServesInAnotherHandle() throws Exception {
        Tcp server = boundTcp();
        InetSocketAddress address = server.localAddress();
        server.listen((listener, error) -> log.add("the wrong one"));
        Tcp again = new Tcp(loop);
        again.open(server.detach());
        assertEquals(address, again.localAddress());
        assertServes(again, address);
        assertEquals(List.of(), log);
    }
}
