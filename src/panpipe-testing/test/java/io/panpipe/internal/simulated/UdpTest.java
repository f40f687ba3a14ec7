/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import static io.panpipe.internal.simulated.Bench.assertFault;
import static io.panpipe.internal.simulated.Bench.at;
import static io.panpipe.internal.simulated.Bench.send;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.UdpChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simulated")
class UdpTest {

    private static final InetSocketAddress GROUP = at("239.1.2.3", 5000);

    private final Bench bench = Bench.quiet();

    private void end(Channel... channels) throws KernelException {
        Bench.close(channels);
        bench.end();
    }

    private UdpChannel unbound(String label) throws KernelException {
        return bench.told(label, bench.selector.newUdp());
    }

    @Test
    void datagramsArriveWholeInTheirOrderWithTheirSender() throws KernelException {
        UdpChannel receiver = bench.udp("127.0.0.1", 5000, 0);
        UdpChannel sender = unbound("sender");
        assertEquals("-", bench.receive(receiver));
        send(sender, "one", receiver.localAddress());
        send(sender, "", receiver.localAddress());
        send(sender, "three", receiver.localAddress());
        assertEquals("one", bench.receive(receiver));
        int port = sender.localAddress().getPort();
        assertEquals(at("0.0.0.0", port), sender.localAddress(), "the first send has found a port");
        assertEquals(at("127.0.0.1", port), bench.arrival.sender());
        assertEquals("", bench.receive(receiver), "a datagram of no bytes is one");
        assertEquals("three", bench.receive(receiver));
        assertEquals("-", bench.receive(receiver));
        end(receiver, sender);
    }

    @Test
    void readinessIsForAWaitingDatagramAndAlwaysForSending() throws KernelException {
        UdpChannel receiver = bench.udp("127.0.0.1", 5000, 0);
        receiver.interest(Channel.READ);
        assertEquals(List.of(), bench.turn());
        send(receiver, "self", receiver.localAddress());
        assertEquals(List.of("udp ready 1"), bench.turn());
        receiver.interest(Channel.READ | Channel.WRITE);
        assertEquals(List.of("udp ready 5"), bench.turn());
        bench.receive(receiver);
        assertEquals(List.of("udp ready 4"), bench.turn());
        end(receiver);
    }

    @Test
    void aDatagramLongerThanTheRegionIsCut() throws KernelException {
        UdpChannel udp = bench.udp("127.0.0.1", 5000, 0);
        send(udp, "abcdef", udp.localAddress());
        send(udp, "abc", udp.localAddress());
        assertEquals(3, udp.receive(bench.in, 0, 3, bench.arrival));
        assertTrue(bench.arrival.isTruncated());
        assertEquals(3, udp.receive(bench.in, 0, 3, bench.arrival));
        assertFalse(bench.arrival.isTruncated());
        end(udp);
    }

    @Test
    void whatDoesNotFitIntoTheReceiveBufferIsLost() throws KernelException {
        UdpChannel udp = bench.udp("127.0.0.1", 5000, 0);
        udp.receiveBufferSize(4000);
        for (int i = 0; i < 100; i++) {
            send(udp, "" + i, udp.localAddress());
        }
        int received = 0;
        while (bench.receive(udp).equals("" + received)) {
            received++;
        }
        assertTrue(received > 2 && received < 10, () -> "the first few");
        send(udp, "room", udp.localAddress());
        assertEquals("room", bench.receive(udp));
        end(udp);
    }

    @Test
    void positionAndLimitOfWhatIsSentDoNotMatter() throws KernelException {
        UdpChannel udp = bench.udp("127.0.0.1", 5000, 0);
        ByteBuffer data = ByteBuffer.wrap("abcdef".getBytes()).position(2).limit(3);
        assertEquals(4, udp.send(data, 1, 4, udp.localAddress()));
        assertEquals("bcde", bench.receive(udp));
        end(udp);
    }

    @Test
    void aConnectedSocketTakesFromItsPeerOnly() throws KernelException {
        UdpChannel one = bench.udp("127.0.0.1", 5000, 0);
        UdpChannel two = bench.udp("0.0.0.0", 5001, 0);
        UdpChannel stranger = unbound("stranger");
        two.connect(one.localAddress());
        assertEquals(one.localAddress(), two.peerAddress());
        assertEquals(at("127.0.0.1", 5001), two.localAddress());
        send(stranger, "stranger", two.localAddress());
        send(one, "peer", two.localAddress());
        assertEquals("peer", bench.receive(two));
        assertEquals("-", bench.receive(two));
        send(two, "back");
        assertEquals("back", bench.receive(one));
        two.connect(null);
        assertFault(Fault.ENOTCONN, two::peerAddress);
        assertEquals(at("0.0.0.0", 5001), two.localAddress());
        send(stranger, "now", at("127.0.0.1", 5001));
        assertEquals("now", bench.receive(two));
        assertFault(Fault.ENOTCONN, () -> send(two, "whereto"));
        end(one, two, stranger);
    }

    @Test
    void aConnectedSenderHearsOnceThatNobodyIsThere() throws KernelException {
        UdpChannel udp = unbound("udp");
        send(udp, "unconnected", at("127.0.0.1", 5000));
        send(udp, "and told nothing", at("127.0.0.1", 5000));
        udp.connect(at("127.0.0.1", 5000));
        udp.interest(Channel.READ);
        send(udp, "lost");
        assertEquals(List.of("udp ready 1"), bench.turn());
        assertFault(Fault.ECONNREFUSED, () -> bench.receive(udp));
        assertEquals("-", bench.receive(udp));
        send(udp, "lost");
        assertFault(Fault.ECONNREFUSED, () -> send(udp, "not sent"));
        UdpChannel receiver = bench.udp("127.0.0.1", 5000, 0);
        send(udp, "there");
        assertEquals("there", bench.receive(receiver));
        end(udp, receiver);
    }

    @Test
    void whatIsTooLongOrLeadsNowhereIsRefused() throws KernelException {
        UdpChannel udp = bench.udp("127.0.0.1", 5000, 0);
        ByteBuffer data = ByteBuffer.allocate(70_000);
        assertEquals(65_507, udp.send(data, 0, 65_507, udp.localAddress()));
        assertFault(Fault.EMSGSIZE, () -> udp.send(data, 0, 65_508, udp.localAddress()));
        assertFault(Fault.EINVAL, () -> send(udp, "x", at("127.0.0.1", 0)));
        assertFault(Fault.ENETUNREACH, () -> send(udp, "x", at("192.0.2.1", 5000)));
        assertFault(Fault.EAFNOSUPPORT, () -> send(udp, "x", at("::1", 5000)));
        UdpChannel elsewhere = unbound("elsewhere");
        assertFault(Fault.EADDRNOTAVAIL, () -> elsewhere.bind(at("192.0.2.1", 5000), 0));
        assertEquals(65_507, udp.receive(bench.in, 0, Bench.REGION_SIZE, bench.arrival));
        end(udp, elsewhere);
    }

    @Test
    void anAddressIsInUseUnlessBothReuseIt() throws KernelException {
        UdpChannel one = bench.udp("127.0.0.1", 5000, UdpChannel.REUSE_ADDRESS);
        UdpChannel two = unbound("two");
        assertFault(Fault.EADDRINUSE, () -> two.bind(at("0.0.0.0", 5000), 0));
        two.bind(at("127.0.0.1", 5000), UdpChannel.REUSE_ADDRESS);
        send(one, "x", one.localAddress());
        assertEquals("-", bench.receive(one));
        assertEquals("x", bench.receive(two), "the one bound last");
        end(one, two);
    }

    @Test
    void anIpv6SocketTalksWithIpv4UnlessItIsForIpv6Only() throws KernelException {
        UdpChannel dual = bench.udp("::", 5000, 0);
        UdpChannel only = bench.udp("::", 5001, UdpChannel.IPV6_ONLY);
        UdpChannel four = bench.udp("127.0.0.1", 5002, 0);
        send(four, "four", at("127.0.0.1", 5000));
        assertEquals("four", bench.receive(dual));
        assertEquals(four.localAddress(), bench.arrival.sender());
        send(dual, "back", four.localAddress());
        assertEquals("back", bench.receive(four));
        assertEquals(at("127.0.0.1", 5000), bench.arrival.sender());
        send(four, "not taken", at("127.0.0.1", 5001));
        assertEquals("-", bench.receive(only));
        assertFault(Fault.ENETUNREACH, () -> send(only, "x", four.localAddress()));
        send(dual, "six", at("::1", 5001));
        assertEquals("six", bench.receive(only));
        end(dual, only, four);
    }

    @Test
    void membersOfAGroupReceiveACopyEach() throws KernelException {
        UdpChannel one = bench.udp("0.0.0.0", 5000, UdpChannel.REUSE_ADDRESS);
        UdpChannel two = bench.udp("239.1.2.3", 5000, UdpChannel.REUSE_ADDRESS);
        UdpChannel outside = bench.udp("0.0.0.0", 5000, UdpChannel.REUSE_ADDRESS);
        InetAddress group = GROUP.getAddress();
        one.membership(group, null, true);
        two.membership(group, null, true);
        send(one, "all", GROUP);
        assertEquals("all all -", String.join(" ", bench.receive(one), bench.receive(two), bench.receive(outside)));
        assertEquals(at("127.0.0.1", 5000), bench.arrival.sender());
        two.membership(group, null, false);
        send(outside, "again", GROUP);
        assertEquals("again -", bench.receive(one) + " " + bench.receive(two));
        outside.multicastLoop(false);
        send(outside, "nobody", GROUP);
        assertEquals("-", bench.receive(one));
        assertFault(Fault.EADDRINUSE, () -> one.membership(group, null, true));
        assertFault(Fault.EADDRNOTAVAIL, () -> two.membership(group, null, false));
        assertFault(Fault.EINVAL, () -> two.membership(at("127.0.0.1", 0).getAddress(), null, true));
        end(one, two, outside);
    }

    @Test
    void broadcastIsForWhoAsksForIt() throws KernelException {
        UdpChannel one = bench.udp("0.0.0.0", 5000, UdpChannel.REUSE_ADDRESS);
        UdpChannel two = bench.udp("0.0.0.0", 5000, UdpChannel.REUSE_ADDRESS);
        UdpChannel bound = bench.udp("127.0.0.1", 5000, UdpChannel.REUSE_ADDRESS);
        InetSocketAddress everybody = at("255.255.255.255", 5000);
        assertFault(Fault.EACCES, () -> send(one, "x", everybody));
        assertFault(Fault.EACCES, () -> one.connect(everybody));
        one.broadcast(true);
        send(one, "all", everybody);
        assertEquals("all all -", String.join(" ", bench.receive(one), bench.receive(two), bench.receive(bound)));
        end(one, two, bound);
    }

    @Test
    void whatHasNoDescriptorOrMakesNoSenseIsRefused() throws KernelException {
        UdpChannel none = unbound("none");
        assertFault(Fault.EBADF, none::localAddress);
        assertFault(Fault.EBADF, () -> none.connect(null));
        assertFault(Fault.EBADF, () -> bench.receive(none));
        assertFault(Fault.EBADF, () -> none.broadcast(true));
        UdpChannel udp = bench.udp("127.0.0.1", 0, 0);
        udp.ttl(64);
        udp.multicastTtl(0);
        assertFault(Fault.EINVAL, () -> udp.ttl(0));
        assertFault(Fault.EINVAL, () -> udp.multicastTtl(256));
        assertFault(Fault.EINVAL, () -> udp.bind(at("127.0.0.1", 5000), 0));
        end(none, udp);
    }
}
