/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Tcp;
import io.panpipe.Udp;
import io.panpipe.UdpOption;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Addresses, groups and options of Udp handles. */
public abstract class UdpAddressContract extends HandlesContract {

    private Datagrams receive(Udp udp) throws PanpipeException {
        Datagrams datagrams = new Datagrams();
        udp.startRecv(datagrams);
        return datagrams;
    }

    private static InetSocketAddress withPort(InetSocketAddress address, Udp udp) throws PanpipeException {
        return new InetSocketAddress(address.getAddress(), udp.localAddress().getPort());
    }

    private static NetworkInterface loopback() throws Exception {
        return NetworkInterface.getByInetAddress(ipv4(0).getAddress());
    }

    @Test
    void portZeroIsOneThatTheSystemPicks() throws Exception {
        Udp first = boundUdp();
        Udp second = boundUdp();
        assertEquals(ipv4(0).getAddress(), first.localAddress().getAddress());
        assertTrue(first.localAddress().getPort() > 0);
        assertTrue(first.localAddress().getPort() != second.localAddress().getPort());
    }

    @Test
    void addressesNeedASocket() throws Exception {
        Udp fresh = new Udp(loop);
        assertFails(ErrorCode.EBADF, fresh::localAddress);
        assertFails(ErrorCode.EBADF, fresh::peerAddress);
        assertFails(ErrorCode.EBADF, fresh::fileno);
        fresh.close();
        assertThrows(IllegalStateException.class, fresh::localAddress);
        assertThrows(IllegalStateException.class, () -> fresh.bind(ipv4(0)));
    }

    @Test
    void aTakenPortIsEaddrinuse() throws Exception {
        Udp first = boundUdp();
        Udp second = new Udp(loop);
        assertFails(ErrorCode.EADDRINUSE, () -> second.bind(first.localAddress()));
        second.bind(ipv4(0));
        assertFails(ErrorCode.EINVAL, () -> second.bind(ipv4(0)));
    }

    @Test
    void handlesMayShareAPortIfBothSaySo() throws Exception {
        Udp first = new Udp(loop);
        first.bind(ipv4(0), UdpOption.REUSE_ADDRESS);
        Udp second = new Udp(loop);
        second.bind(first.localAddress(), UdpOption.REUSE_ADDRESS);
        assertEquals(first.localAddress(), second.localAddress());
        assertFails(ErrorCode.EADDRINUSE, () -> new Udp(loop).bind(first.localAddress()));
    }

    @Test
    void anAddressOfAnotherMachineIsNotAvailable() {
        assertFails(ErrorCode.EADDRNOTAVAIL, () -> new Udp(loop).bind(at(0, 192, 0, 2, 1)));
    }

    @Test
    void anUnresolvedAddressIsRefusedAndNamed() throws Exception {
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("panpipe.invalid", 53);
        Udp udp = boundUdp();
        for (Executable call : List.<Executable>of(
                () -> new Udp(loop).bind(unresolved),
                () -> udp.connect(unresolved),
                () -> udp.send(buffer("x"), unresolved, logs("sent")),
                () -> udp.trySend(buffer("x"), unresolved))) {
            var refused = assertThrows(IllegalArgumentException.class, call);
            assertTrue(refused.getMessage().contains("panpipe.invalid"), refused::getMessage);
        }
    }

    @Test
    void ipv6Works() throws Exception {
        Udp a = new Udp(loop);
        a.bind(ipv6(0));
        Udp b = new Udp(loop);
        b.bind(ipv6(0));
        Datagrams atB = receive(b);
        a.send(buffer("hello"), b.localAddress(), logs("sent"));
        runUntil(() -> atB.count() == 1);
        assertEquals(List.of(a.localAddress()), atB.senders());
    }

    @Test
    void anIpv6WildcardReceivesFromIpv4AndAnswers() throws Exception {
        Udp six = new Udp(loop);
        six.bind(anyIpv6(0));
        Udp four = boundUdp();
        Datagrams answers = receive(four);
        six.startRecv((udp, data, from, error) -> {
            assertEquals(four.localAddress(), from);
            udp.send(data, from, logs("answered"));
        });
        four.send(buffer("hello"), withPort(ipv4(0), six), logs("sent"));
        runUntil(() -> answers.count() == 1);
        assertEquals(List.of("hello"), answers.texts());
        assertEquals(List.of(withPort(ipv4(0), six)), answers.senders());
    }

    @Test
    void anIpv6WildcardAloneLeavesThePortOfIpv4ToOthers() throws Exception {
        Udp four = null;
        for (int attempt = 0; four == null; attempt++) {
            Udp six = new Udp(loop);
            six.bind(anyIpv6(0), UdpOption.IPV6_ONLY);
            Udp other = new Udp(loop);
            try {
                other.bind(withPort(ipv4(0), six));
                four = other;
            } catch (PanpipeException taken) {
                // Another program may have the port under IPv4 by chance.
                assertTrue(attempt < 5, taken::getMessage);
            }
        }
        Udp dual = new Udp(loop);
        dual.bind(anyIpv6(0));
        assertFails(ErrorCode.EADDRINUSE, () -> new Udp(loop).bind(withPort(ipv4(0), dual)));
    }

    @Test
    void anIpv4HandleDoesNotReachIpv6() throws Exception {
        Udp four = boundUdp();
        four.send(buffer("x"), ipv6(9), logs("sent"));
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("sent EAFNOSUPPORT"), log);
    }

    @Test
    void broadcastIsRefusedUntilItIsSwitchedOn() throws Exception {
        InetSocketAddress all = at(0, 127, 255, 255, 255);
        Udp receiver = new Udp(loop);
        receiver.bind(at(0, 0, 0, 0, 0));
        Datagrams received = receive(receiver);
        Udp sender = boundUdp();
        InetSocketAddress to = withPort(all, receiver);
        sender.send(buffer("refused"), to, logs("send"));
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("send EACCES"), log);
        assertFails(ErrorCode.EACCES, () -> sender.trySend(buffer("refused"), to));
        sender.broadcast(true);
        sender.send(buffer("to all"), to, logs("send"));
        runUntil(() -> received.count() == 1);
        assertEquals(List.of("to all"), received.texts());
        sender.broadcast(false);
        assertFails(ErrorCode.EACCES, () -> sender.trySend(buffer("refused"), to));
    }

    @Test
    void optionsNeedASocketAndSaneValues() throws Exception {
        Udp fresh = new Udp(loop);
        NetworkInterface lo = loopback();
        for (Executable call : List.<Executable>of(
                () -> fresh.broadcast(true),
                () -> fresh.ttl(1),
                () -> fresh.multicastTtl(1),
                () -> fresh.multicastLoop(true),
                () -> fresh.multicastInterface(lo),
                () -> fresh.sendBufferSize())) {
            assertFails(ErrorCode.EBADF, call);
        }
        Udp udp = boundUdp();
        for (Executable call : List.<Executable>of(
                () -> udp.ttl(0), () -> udp.ttl(256), () -> udp.multicastTtl(-1), () -> udp.multicastTtl(256))) {
            assertThrows(IllegalArgumentException.class, call);
        }
        udp.ttl(255);
        udp.multicastTtl(0);
    }

    @Test
    void aSmallTtlReachesThisMachine() throws Exception {
        Udp receiver = boundUdp();
        Datagrams received = receive(receiver);
        Udp sender = boundUdp();
        sender.ttl(1);
        sender.trySend(buffer("x"), receiver.localAddress());
        runUntil(() -> received.count() == 1);
    }

    @Test
    void buffersHaveTheSizeThatWasAskedForAtLeast() throws Exception {
        Udp udp = boundUdp();
        udp.sendBufferSize(50_000);
        udp.receiveBufferSize(60_000);
        assertTrue(udp.sendBufferSize() >= 50_000);
        assertTrue(udp.receiveBufferSize() >= 60_000);
        assertThrows(IllegalArgumentException.class, () -> udp.receiveBufferSize(0));
    }

    /** A group of the administrative scope (RFC 2365) that other tests and programs hardly pick. */
    private static InetAddress group() {
        int random = java.util.concurrent.ThreadLocalRandom.current().nextInt(1 << 16);
        return at(0, 239, 255, random >>> 8, random & 255).getAddress();
    }

    private Udp multicastSender() throws Exception {
        Udp sender = boundUdp();
        sender.multicastInterface(loopback());
        return sender;
    }

    @Test
    void membersOfAGroupReceiveWhatIsSentToIt() throws Exception {
        InetAddress group = group();
        Udp first = new Udp(loop);
        first.bind(at(0, 0, 0, 0, 0), UdpOption.REUSE_ADDRESS);
        Udp second = new Udp(loop);
        second.bind(first.localAddress(), UdpOption.REUSE_ADDRESS);
        Udp[] members = {first, second};
        Datagrams[] received = new Datagrams[2];
        for (int i = 0; i < 2; i++) {
            members[i].join(group, loopback());
            received[i] = receive(members[i]);
        }
        Udp sender = multicastSender();
        InetSocketAddress to = new InetSocketAddress(group, first.localAddress().getPort());
        sender.send(buffer("to the group"), to, logs("sent"));
        runUntil(() -> received[0].count() == 1 && received[1].count() == 1);
        assertEquals(List.of("sent"), log);
        assertEquals(List.of("to the group"), received[0].texts());
        assertEquals(List.of(sender.localAddress()), received[1].senders());
    }

    @Test
    void whoHasLeftAGroupReceivesNoMoreOfIt() throws Exception {
        InetAddress group = group();
        Udp member = new Udp(loop);
        member.bind(at(0, 0, 0, 0, 0));
        member.join(group, loopback());
        Datagrams received = receive(member);
        Udp sender = multicastSender();
        InetSocketAddress to = new InetSocketAddress(group, member.localAddress().getPort());
        sender.trySend(buffer("1"), to);
        runUntil(() -> received.count() == 1);
        member.leave(group, loopback());
        sender.trySend(buffer("2"), to);
        sender.trySend(buffer("directly"), ipv4(member.localAddress().getPort()));
        runUntil(() -> received.count() == 2);
        assertEquals(List.of("1", "directly"), received.texts());
        assertFails(ErrorCode.EADDRNOTAVAIL, () -> member.leave(group, loopback()));
    }

    @Test
    void theScopeOfAGroupIsItsInterface() throws Exception {
        NetworkInterface loopback = loopback();
        byte[] bytes = {(byte) 0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x70, 0x70};
        InetAddress group = InetAddress.getByAddress(bytes);
        InetAddress scoped = Inet6Address.getByAddress(null, bytes, loopback.getIndex());
        Udp member = new Udp(loop);
        member.bind(anyIpv6(0));
        member.join(scoped, null);
        member.leave(group, loopback);
        member.join(group, loopback);
        member.leave(scoped, null);
        member.join(scoped, loopback);
        InetAddress elsewhere = Inet6Address.getByAddress(null, bytes, 1_000_000);
        assertFails(ErrorCode.EINVAL, () -> member.join(elsewhere, loopback));
        assertFails(ErrorCode.ENODEV, () -> member.join(elsewhere, null));
        assertFails(ErrorCode.EINVAL, () -> member.leave(elsewhere, loopback));
        member.leave(scoped, loopback);
    }

    /** An interface with an IPv6 address that multicast datagrams leave by; Linux's loopback has no route for them. */
    private static NetworkInterface multicastsIpv6() throws Exception {
        for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
            if (each.isUp() && each.supportsMulticast()
                    && each.inetAddresses().anyMatch(address -> address instanceof Inet6Address)) {
                return each;
            }
        }
        return abort("no interface of this machine multicasts over IPv6");
    }

    @Test
    void membersOfAnIpv6GroupReceiveWhatIsSentToIt() throws Exception {
        NetworkInterface by = multicastsIpv6();
        // Of the scope ff01, it stays on this machine.
        int random = java.util.concurrent.ThreadLocalRandom.current().nextInt();
        byte[] bytes = {(byte) 0xff, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            (byte) (random >>> 24), (byte) (random >>> 16), (byte) (random >>> 8), (byte) random};
        InetAddress group = InetAddress.getByAddress(bytes);
        Udp member = new Udp(loop);
        member.bind(anyIpv6(0));
        member.join(group, by);
        Datagrams received = receive(member);
        Udp sender = new Udp(loop);
        sender.bind(anyIpv6(0));
        sender.multicastInterface(by);
        InetSocketAddress to = new InetSocketAddress(group, member.localAddress().getPort());
        sender.trySend(buffer("to the group"), to);
        runUntil(() -> received.count() == 1);
        assertEquals(List.of("to the group"), received.texts());
        member.leave(group, by);
        sender.trySend(buffer("to nobody"), to);
        sender.trySend(buffer("directly"), ipv6(member.localAddress().getPort()));
        runUntil(() -> received.count() == 2);
        assertEquals(List.of("to the group", "directly"), received.texts());
    }

    @Test
    void aGroupCanBeJoinedBeforeAnythingElse() throws Exception {
        InetAddress group = group();
        Udp member = new Udp(loop);
        member.join(group, loopback());
        member.bind(at(0, 0, 0, 0, 0));
        Datagrams received = receive(member);
        multicastSender().trySend(buffer("x"), new InetSocketAddress(group, member.localAddress().getPort()));
        runUntil(() -> received.count() == 1);
    }

    @Test
    void onlyAGroupCanBeJoined() throws Exception {
        assertFails(ErrorCode.EINVAL, () -> boundUdp().join(ipv4(0).getAddress(), loopback()));
    }

    @Test
    void aDetachedHandleGoesOnInAnother() throws Exception {
        Udp udp = boundUdp();
        Udp peer = boundUdp();
        udp.connect(peer.localAddress());
        InetSocketAddress own = udp.localAddress();
        long descriptor = udp.detach();
        assertTrue(udp.closed());
        Udp again = new Udp(loop);
        again.open(descriptor);
        assertEquals(own, again.localAddress());
        Datagrams atPeer = receive(peer);
        again.send(buffer("connected still"), logs("sent"));
        runUntil(() -> atPeer.count() == 1);
        assertEquals(List.of(own), atPeer.senders());
    }

    @Test
    void openRefusesWhatIsNoUdpSocketAndWhatAHandleHas() throws Exception {
        long descriptor = boundTcp().detach();
        assertFails(ErrorCode.EINVAL, () -> new Udp(loop).open(descriptor));
        new Tcp(loop).open(descriptor);
        Udp udp = boundUdp();
        assertFails(ErrorCode.EEXIST, () -> new Udp(loop).open(udp.fileno()));
        assertFails(ErrorCode.EBADF, () -> new Udp(loop).open(123_456_789));
        assertThrows(IllegalStateException.class, () -> udp.open(udp.fileno()));
    }
}
