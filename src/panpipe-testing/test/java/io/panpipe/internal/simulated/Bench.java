/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.kernel.TcpChannel;
import io.panpipe.internal.kernel.UdpChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.function.Executable;

/**
 * One selector of a simulated kernel with what the tests keep doing to it, so that a test is about its subject only.
 */
final class Bench {

    static final int ALL = StreamChannel.READ | StreamChannel.WRITE | StreamChannel.CONNECT | StreamChannel.ACCEPT;
    static final int REGION_SIZE = 1 << 16;
    static final long SECOND = 1_000_000_000;

    final SimulatedKernel kernel;
    final Selector selector;
    final Region in;
    final Region out;
    /** What the listeners heard, in order: the label of the channel and what it was told. */
    final List<String> heard = new ArrayList<>();
    /** What came with the bytes of the last receive. */
    final HandleInbox inbox = new HandleInbox();
    /** Who sent the datagram of the last receive, and whether it was cut. */
    final UdpChannel.Arrival arrival = new UdpChannel.Arrival();

    private Bench(SimulatedKernel kernel) {
        this.kernel = kernel;
        selector = kernel.openSelector();
        in = selector.allocate(REGION_SIZE);
        out = selector.allocate(REGION_SIZE);
    }

    static Bench quiet() {
        return of(SimulatedOptions.quiet());
    }

    static Bench of(SimulatedOptions options) {
        return new Bench(new SimulatedKernel(options));
    }

    /** Returns the bench of another loop, in the process of a kernel. */
    static Bench on(SimulatedKernel kernel) {
        return new Bench(kernel);
    }

    PipeChannel pipe(String label) {
        return told(label, selector.newPipe());
    }

    PipeChannel[] pair() throws KernelException {
        PipeChannel[] pair = selector.pair();
        told("a", pair[0]);
        told("b", pair[1]);
        return pair;
    }

    <C extends Channel> C told(String label, C channel) {
        channel.listener(new ChannelListener() {
            @Override
            public void ready(int operations) {
                heard.add(label + " ready " + operations);
            }

            @Override
            public void written(int bytes) {
                heard.add(label + " written " + bytes);
            }

            @Override
            public void writeFailed(KernelException error) {
                heard.add(label + " failed " + error.fault());
            }
        });
        return channel;
    }

    PipeChannel server(String name, int backlog) throws KernelException {
        PipeChannel server = pipe("server");
        server.bind(name, 0600, 0);
        server.listen(backlog);
        return server;
    }

    PipeChannel client(String name) throws KernelException {
        PipeChannel client = pipe("client");
        client.connect(name);
        return client;
    }

    /** Returns an address from its literal. */
    static InetSocketAddress at(String address, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByName(address), port);
        } catch (UnknownHostException unknown) {
            return fail(unknown);
        }
    }

    TcpChannel tcp(String label) throws KernelException {
        return told(label, selector.newTcp());
    }

    TcpChannel tcpServer(InetSocketAddress address, int options) throws KernelException {
        TcpChannel server = tcp("server");
        server.bind(address, options);
        server.listen(1);
        return server;
    }

    /** Returns a client that is connecting. */
    TcpChannel tcpClient(InetSocketAddress address) throws KernelException {
        TcpChannel client = tcp("client");
        assertFalse(client.connect(address));
        client.interest(StreamChannel.CONNECT);
        return client;
    }

    /** Lets a connect that is in progress end. */
    void settle(TcpChannel client) throws KernelException {
        turn(SECOND);
        client.interest(0);
        client.finishConnect();
    }

    /** Returns the two ends of a TCP connection: the client's, the server's. */
    TcpChannel[] tcpPair() throws KernelException {
        TcpChannel server = tcpServer(at("127.0.0.1", 0), 0);
        TcpChannel client = tcpClient(server.localAddress());
        settle(client);
        TcpChannel accepted = accept(server);
        server.close();
        return new TcpChannel[] {client, accepted};
    }

    TcpChannel accept(TcpChannel server) throws KernelException {
        TcpChannel accepted = server.accept();
        if (accepted == null) {
            return fail("nothing to accept");
        }
        return told("accepted", accepted);
    }

    UdpChannel udp(String address, int port, int options) throws KernelException {
        UdpChannel udp = told("udp", selector.newUdp());
        udp.bind(at(address, port), options);
        return udp;
    }

    /** Sends a datagram; to the connected receiver if none is named. */
    static void send(UdpChannel from, String text, InetSocketAddress... to) throws KernelException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        assertEquals(bytes.length, from.send(ByteBuffer.wrap(bytes), 0, bytes.length, to.length == 0 ? null : to[0]));
    }

    /** Receives one datagram, or {@code -}. */
    String receive(UdpChannel udp) throws KernelException {
        int count = udp.receive(in, 0, REGION_SIZE, arrival);
        return count == Channel.WOULD_BLOCK ? "-" : received(count);
    }

    int send(PipeChannel pipe, String text, long... descriptors) throws KernelException {
        return pipe.writeWithHandles(gather(text), descriptors, descriptors.length);
    }

    /** Reads once, with what comes with the bytes. */
    String receive(PipeChannel pipe, int length) throws KernelException {
        int count = pipe.readWithHandles(in, 0, length, inbox);
        return count == Channel.WOULD_BLOCK ? "-" : received(count);
    }

    String receive(PipeChannel pipe) throws KernelException {
        return receive(pipe, REGION_SIZE);
    }

    private String received(int count) {
        byte[] bytes = new byte[count];
        in.bytes().get(0, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    PipeChannel accept(PipeChannel server) throws KernelException {
        PipeChannel accepted = server.accept();
        if (accepted == null) {
            return fail("nothing to accept");
        }
        return told("accepted", accepted);
    }

    /** Selects without waiting, dispatches, and returns what was heard since the last time. */
    List<String> turn() throws KernelException {
        return turn(0);
    }

    List<String> turn(long timeoutNanos) throws KernelException {
        int count = selector.select(timeoutNanos);
        for (int i = 0; i < count; i++) {
            selector.dispatch(i);
        }
        List<String> news = List.copyOf(heard);
        heard.clear();
        return news;
    }

    Gather gather(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        out.bytes().put(0, bytes);
        Gather gather = new Gather();
        gather.add(out, 0, bytes.length);
        return gather;
    }

    int write(StreamChannel channel, String text) throws KernelException {
        return channel.write(gather(text));
    }

    int write(StreamChannel channel, int length) throws KernelException {
        return write(channel, "x".repeat(length));
    }

    /** Reads once: the text, or {@code -}, or {@code EOF}. */
    String read(StreamChannel channel) throws KernelException {
        int count = channel.read(in, 0, REGION_SIZE);
        return switch (count) {
            case StreamChannel.WOULD_BLOCK -> "-";
            case StreamChannel.END_OF_STREAM -> "EOF";
            default -> received(count);
        };
    }

    static void assertFault(Fault expected, Executable action) {
        assertEquals(expected, assertThrows(KernelException.class, action).fault());
    }

    static void close(Channel... channels) {
        for (Channel channel : channels) {
            channel.close();
        }
    }

    /** Ends a test: everything told, nothing left open. */
    void end() throws KernelException {
        turn();
        turn();
        selector.close();
        assertEquals(0, kernel.openDescriptors());
    }
}
