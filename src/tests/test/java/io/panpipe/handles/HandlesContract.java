/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.panpipe.DescriptorHandle;
import io.panpipe.ErrorCode;
import io.panpipe.Handle;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.StreamHandle;
import io.panpipe.Tcp;
import io.panpipe.Timer;
import io.panpipe.Udp;
import io.panpipe.contract.Contract;
import io.panpipe.contract.Trait;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/**
 * What the themes about Tcp, Udp and passed handles have in common.
 *
 * <p>The fixture below looks for descriptors left of handles that are open at a test's end; of others it learns by
 * {@link #watch}. The makers in this class do so, because a passed handle has copies that outlive the handle itself.
 */
public abstract class HandlesContract extends Contract implements HandleSource {

    /** How long something that must not happen is given to happen all the same. */
    private static final Duration A_WHILE = Duration.ofMillis(20);

    @AfterEach
    final void watchAll() throws PanpipeException {
        if (loop == null) {
            // Not a test for this kernel.
            return;
        }
        for (Handle handle : loop.handles()) {
            if (!handle.closed()) {
                watch(handle);
            }
        }
    }

    /** Has the fixture check, at the test's end, that no copy of a handle's descriptor is left. */
    protected final <H extends Handle> H watch(H handle) throws PanpipeException {
        try {
            if (handle instanceof DescriptorHandle open) {
                kernel.beforeClose(List.of(open.fileno()));
            } else if (handle instanceof RawDescriptor open) {
                kernel.beforeClose(List.of(open.fileno()));
            }
        } catch (PanpipeException none) {
            assertEquals(ErrorCode.EBADF, none.code(), "a handle without a descriptor");
        } catch (IllegalStateException closing) {
            // It has given its descriptor back already; who passed it has watched it before.
        }
        return handle;
    }

    /** Lets some time pass, virtual or real, for what must not happen. */
    protected final void pass() {
        boolean[] over = new boolean[1];
        new Timer(loop).start(timer -> {
            over[0] = true;
            timer.close();
        }, A_WHILE);
        runUntil(() -> over[0]);
    }

    // Addresses.

    protected static InetSocketAddress ipv4(int port) {
        return at(port, 127, 0, 0, 1);
    }

    protected static InetSocketAddress ipv6(int port) {
        return at(port, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
    }

    protected static InetSocketAddress anyIpv6(int port) {
        return at(port, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    protected static InetSocketAddress at(int port, int... octets) {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    // Making things.

    /** Two ends of one TCP connection. */
    public record TcpEnds(Tcp client, Tcp server) {}

    /** Makes a server on a port that the system picks; it takes nothing before {@code listen}. */
    protected final Tcp boundTcp() throws PanpipeException {
        needs(Trait.TCP_AND_UDP);
        Tcp server = new Tcp(loop);
        server.bind(ipv4(0));
        return watch(server);
    }

    /** Connects two Tcp handles; the server itself is closed again. */
    protected final TcpEnds tcpEnds() throws PanpipeException {
        Tcp server = boundTcp();
        InetSocketAddress address = server.localAddress();
        Tcp accepted = new Tcp(loop);
        Tcp client = new Tcp(loop);
        boolean[] done = new boolean[2];
        server.listen((listener, error) -> {
            throwIfAny(error);
            listener.accept(accepted);
            done[0] = true;
        });
        client.connect(address, (tcp, error) -> {
            throwIfAny(error);
            done[1] = true;
        });
        runUntil(() -> done[0] && done[1]);
        server.close();
        return new TcpEnds(watch(client), watch(accepted));
    }

    /** Makes a Udp handle on a port that the system picks. */
    protected final Udp boundUdp() throws PanpipeException {
        needs(Trait.TCP_AND_UDP);
        Udp udp = new Udp(loop);
        udp.bind(ipv4(0));
        return watch(udp);
    }

    /** Makes a handle for a new file. */
    protected final RawDescriptor file() throws Exception {
        RawDescriptor file = new RawDescriptor(loop);
        file.open(newFile(kernel));
        return watch(file);
    }

    /** Makes two connected pipes that carry handles. */
    protected final Ends ipcEnds() throws PanpipeException {
        Pipe[] pair = Pipe.pair(loop, true);
        return new Ends(watch(pair[0]), watch(pair[1]));
    }

    /** Makes two connected pipes, one to be sent and one that sees the end when the last copy of it is closed. */
    protected final Ends payload() throws PanpipeException {
        Ends ends = ends();
        return new Ends(watch(ends.a()), watch(ends.b()));
    }

    /** Reads a stream from now on. */
    protected static <S extends StreamHandle<S>> Collected<S> collect(S stream) throws PanpipeException {
        Collected<S> collected = new Collected<>();
        stream.startRead(collected);
        return collected;
    }

    /** Fails unless two streams, of whatever kind, are the ends of one connection. */
    protected final <A extends StreamHandle<A>, B extends StreamHandle<B>> void assertTalk(A a, B b)
            throws PanpipeException {
        Collected<A> atA = collect(a);
        Collected<B> atB = collect(b);
        a.write(bytes("from a"), (stream, error) -> throwIfAny(error));
        b.write(bytes("from b"), (stream, error) -> throwIfAny(error));
        runUntil(() -> atA.size() >= 6 && atB.size() >= 6);
        assertEquals("from b", atA.text());
        assertEquals("from a", atB.text());
        a.stopRead();
        b.stopRead();
    }

    /** Fails unless the other end of a pipe is closed, with all copies of it. */
    protected final void assertPeerGone(Pipe kept) throws PanpipeException {
        Collected<Pipe> received = collect(kept);
        runUntil(() -> received.end() != null);
        assertEquals(0, received.size());
        assertEquals(ErrorCode.EOF, received.end());
    }

    /** Fails if the other end of a pipe, or a copy of it, is not open any more. */
    protected final void assertPeerThere(Pipe kept) throws PanpipeException {
        Collected<Pipe> received = collect(kept);
        pass();
        assertNull(received.end());
        kept.stopRead();
    }

    protected static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(bytes(text));
    }
}
