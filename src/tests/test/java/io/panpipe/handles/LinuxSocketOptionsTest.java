/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PendingType;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.Tcp;
import io.panpipe.TcpOption;
import io.panpipe.Udp;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What Linux itself says of options that were set, and of descriptors that are no sockets. */
@EnabledOnOs(OS.LINUX)
class LinuxSocketOptionsTest extends HandlesContract implements LinuxHandlesTest.OnLinux {

    // The numbers of asm-generic/socket.h, netinet/in.h and netinet/tcp.h.
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_BROADCAST = 6;
    private static final int SO_KEEPALIVE = 9;
    private static final int SO_REUSEPORT = 15;
    private static final int SO_PASSCRED = 16;
    private static final int IPPROTO_IP = 0;
    private static final int IPPROTO_TCP = 6;
    private static final int IPPROTO_IPV6 = 41;
    private static final int TCP_NODELAY = 1;
    private static final int TCP_KEEPIDLE = 4;
    private static final int IP_TTL = 2;
    private static final int IP_MULTICAST_TTL = 33;
    private static final int IP_MULTICAST_LOOP = 34;
    private static final int IPV6_UNICAST_HOPS = 16;
    private static final int IPV6_MULTICAST_IF = 17;
    private static final int IPV6_MULTICAST_HOPS = 18;
    private static final int IPV6_MULTICAST_LOOP = 19;
    private static final int IPV6_V6ONLY = 26;

    @Test
    void tcpOptionsReachTheSocket() throws Exception {
        Tcp client = tcpEnds().client();
        long fd = client.fileno();
        assertEquals(0, Libc.option(fd, IPPROTO_TCP, TCP_NODELAY));
        client.noDelay(true);
        assertEquals(1, Libc.option(fd, IPPROTO_TCP, TCP_NODELAY));
        client.noDelay(false);
        assertEquals(0, Libc.option(fd, IPPROTO_TCP, TCP_NODELAY));
        client.keepAlive(Duration.ofSeconds(77));
        assertEquals(1, Libc.option(fd, SOL_SOCKET, SO_KEEPALIVE));
        assertEquals(77, Libc.option(fd, IPPROTO_TCP, TCP_KEEPIDLE));
        client.keepAlive(Duration.ZERO);
        assertEquals(0, Libc.option(fd, SOL_SOCKET, SO_KEEPALIVE));
    }

    @Test
    void tcpBindOptionsReachTheSocket() throws Exception {
        Tcp plain = boundTcp();
        assertEquals(1, Libc.option(plain.fileno(), SOL_SOCKET, SO_REUSEADDR));
        assertEquals(0, Libc.option(plain.fileno(), SOL_SOCKET, SO_REUSEPORT));
        Tcp both = new Tcp(loop);
        both.bind(anyIpv6(0), TcpOption.IPV6_ONLY, TcpOption.REUSE_PORT);
        assertEquals(1, Libc.option(both.fileno(), SOL_SOCKET, SO_REUSEPORT));
        assertEquals(1, Libc.option(both.fileno(), IPPROTO_IPV6, IPV6_V6ONLY));
        Tcp dual = new Tcp(loop);
        dual.bind(anyIpv6(0));
        assertEquals(0, Libc.option(dual.fileno(), IPPROTO_IPV6, IPV6_V6ONLY));
    }

    @Test
    void udpOptionsReachTheSocket() throws Exception {
        Udp udp = boundUdp();
        long fd = udp.fileno();
        udp.broadcast(true);
        assertEquals(1, Libc.option(fd, SOL_SOCKET, SO_BROADCAST));
        udp.broadcast(false);
        assertEquals(0, Libc.option(fd, SOL_SOCKET, SO_BROADCAST));
        udp.ttl(7);
        assertEquals(7, Libc.option(fd, IPPROTO_IP, IP_TTL));
        udp.multicastTtl(8);
        assertEquals(8, Libc.option(fd, IPPROTO_IP, IP_MULTICAST_TTL));
        udp.multicastLoop(false);
        assertEquals(0, Libc.option(fd, IPPROTO_IP, IP_MULTICAST_LOOP));
        udp.multicastLoop(true);
        assertEquals(1, Libc.option(fd, IPPROTO_IP, IP_MULTICAST_LOOP));
    }

    @Test
    void udpOptionsReachTheSocketOfIpv6() throws Exception {
        Udp udp = new Udp(loop);
        udp.bind(ipv6(0));
        long fd = udp.fileno();
        udp.ttl(7);
        assertEquals(7, Libc.option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS));
        udp.multicastTtl(8);
        assertEquals(8, Libc.option(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS));
        udp.multicastLoop(false);
        assertEquals(0, Libc.option(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP));
        NetworkInterface lo = NetworkInterface.getByInetAddress(ipv4(0).getAddress());
        udp.multicastInterface(lo);
        assertEquals(lo.getIndex(), Libc.option(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF));
    }

    @Test
    void socketsOfTcpAndUdpAreCloseOnExec() throws Exception {
        TcpEnds ends = tcpEnds();
        assertTrue(Libc.isCloseOnExec(boundTcp().fileno()));
        assertTrue(Libc.isCloseOnExec(ends.client().fileno()));
        assertTrue(Libc.isCloseOnExec(ends.server().fileno()), "accepted");
        assertTrue(Libc.isCloseOnExec(boundUdp().fileno()));
    }

    /** Sends descriptors of Linux' own kinds and returns the end where they wait. */
    private Pipe passed(int... descriptors) throws Exception {
        Ends ends = ipcEnds();
        Arrivals arrivals = Arrivals.at(ends.b());
        for (int descriptor : descriptors) {
            RawDescriptor raw = new RawDescriptor(loop);
            raw.open(descriptor);
            if (Libc.target(descriptor).matches("/memfd:.*|pipe:.*")) {
                // The others have no number of their own by which the fixture could tell them from other tests' ones.
                watch(raw);
            }
            ends.a().write(buffer("x"), logs("sent"), raw);
            raw.close();
        }
        runUntil(() -> arrivals.size() == descriptors.length);
        return ends.b();
    }

    @Test
    void filesDirectoriesMemoryAndCountersAreDescriptors() throws Exception {
        Pipe receiver = passed(Libc.memoryFile("in memory"), Libc.open(Path.of("/")), Libc.open(Path.of("/dev/null")),
                Libc.eventCounter());
        for (String target : new String[] {"/memfd:", "/", "/dev/null", "anon_inode:[eventfd]"}) {
            assertEquals(PendingType.DESCRIPTOR, receiver.pendingType());
            RawDescriptor received = new RawDescriptor(loop);
            receiver.accept(received);
            assertTrue(Libc.target(received.fileno()).startsWith(target), target);
            assertTrue(Libc.isCloseOnExec(received.fileno()), target);
            received.close();
        }
    }

    @Test
    void aReceivedMemoryFileHoldsTheBytes() throws Exception {
        Pipe receiver = passed(Libc.memoryFile("in memory"));
        RawDescriptor received = new RawDescriptor(loop);
        receiver.accept(received);
        assertEquals("in memory", Libc.content(received.fileno()));
    }

    @Test
    void anAnonymousPipeIsAPipeThere() throws Exception {
        Pipe receiver = passed(Libc.anonymousPipe());
        Pipe reading = pipe();
        assertEquals(PendingType.PIPE, receiver.pendingType());
        receiver.accept(reading);
        Pipe writing = pipe();
        receiver.accept(writing);
        assertFalse(reading.writable());
        var received = receiveOnly(reading);
        writing.write(bytes("through an anonymous pipe"), logs("written"));
        runUntil(() -> received.size() == 25);
        writing.close();
        runUntil(() -> received.end() != null);
        assertEquals(ErrorCode.EOF, received.end());
    }

    @Test
    void handlesCannotBeSentOverAnAnonymousPipe() throws Exception {
        int[] ends = Libc.anonymousPipe();
        Pipe reading = new Pipe(loop, true);
        reading.open(ends[0]);
        Pipe writing = new Pipe(loop, true);
        writing.open(ends[1]);
        Ends payload = payload();
        writing.write(buffer("x"), logs("write"), payload.a());
        runUntil(() -> !log.isEmpty());
        assertEquals("write ENOTSUP", log.getFirst());
        assertFails(ErrorCode.ENOTSUP, () -> writing.tryWrite(buffer("x"), payload.a()));
        payload.a().close();
        assertPeerGone(payload.b());
    }

    @Test
    void credentialsBesideHandlesArePassedOver() throws Exception {
        Ends ends = ipcEnds();
        Libc.setOption(ends.b().fileno(), SOL_SOCKET, SO_PASSCRED, 1);
        Udp udp = boundUdp();
        Arrivals arrivals = Arrivals.at(ends.b());
        ends.a().write(bytes("plain"), logs("written"));
        ends.a().write(ByteBuffer.wrap(bytes("x")), logs("written"), udp, udp);
        runUntil(() -> arrivals.size() == 6);
        assertEquals(2, ends.b().pendingCount());
        Udp received = new Udp(loop);
        ends.b().accept(received);
        assertEquals(udp.localAddress(), received.localAddress());
    }
}
