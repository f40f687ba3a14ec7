/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.BindOption;
import io.panpipe.ErrorCode;
import io.panpipe.Handle;
import io.panpipe.PanpipeException;
import io.panpipe.PendingType;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.Tcp;
import io.panpipe.Udp;
import io.panpipe.contract.Needs;
import io.panpipe.contract.Trait;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That each kind of handle really works where it has arrived. */
public abstract class PassedKindsContract extends HandlesContract {

    /** Sends handles with three bytes and waits until they have arrived, in this order, and are not accepted yet. */
    private Ends passed(Handle... handles) throws PanpipeException {
        Ends ends = ipcEnds();
        Arrivals arrivals = Arrivals.at(ends.b());
        ends.a().write(buffer("abc"), logs("sent"), handles);
        runUntil(() -> arrivals.size() == 3 && log.contains("sent"));
        assertEquals(handles.length, ends.b().pendingCount());
        assertEquals("abc", arrivals.text());
        log.remove("sent");
        return ends;
    }

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

    private void assertServes(Pipe server, String name) throws PanpipeException {
        Pipe accepted = pipe();
        server.listen((listener, error) -> {
            throwIfAny(error);
            listener.accept(accepted);
        });
        Pipe client = pipe();
        client.connect(name, (pipe, error) -> throwIfAny(error));
        runUntil(() -> accepted.readable() && client.readable());
        assertTalk(client, accepted);
    }

    @Test
    void aBoundTcpHandleListensAndAcceptsThere() throws Exception {
        Tcp server = boundTcp();
        InetSocketAddress address = server.localAddress();
        Pipe receiver = passed(server).b();
        server.close();
        assertEquals(PendingType.TCP, receiver.pendingType());
        Tcp received = new Tcp(loop);
        receiver.accept(received);
        assertEquals(address, received.localAddress());
        assertServes(received, address);
    }

    @Test
    void aListeningTcpHandleAcceptsThereWhatConnectedHere() throws Exception {
        Tcp server = boundTcp();
        InetSocketAddress address = server.localAddress();
        server.listen((listener, error) -> log.add("accepted here"));
        Pipe receiver = passed(server).b();
        server.close();
        Tcp client = new Tcp(loop);
        client.connect(address, (tcp, error) -> throwIfAny(error));
        runUntil(client::readable);
        assertEquals(PendingType.TCP, receiver.pendingType());
        Tcp received = new Tcp(loop);
        receiver.accept(received);
        Tcp accepted = new Tcp(loop);
        received.listen((listener, error) -> listener.accept(accepted));
        runUntil(accepted::readable);
        assertTalk(client, accepted);
        assertServes(received, address);
        assertFalse(log.contains("accepted here"));
    }

    @Test
    void oneListenerServesAtBothPlaces() throws Exception {
        Tcp server = boundTcp();
        Tcp received = new Tcp(loop);
        passed(server).b().accept(received);
        for (Tcp listener : List.of(server, received)) {
            listener.listen((itself, error) -> {
                throwIfAny(error);
                itself.accept(new Tcp(loop));
                log.add("accepted");
            });
        }
        for (int i = 0; i < 10; i++) {
            new Tcp(loop).connect(server.localAddress(), (tcp, error) -> throwIfAny(error));
        }
        runUntil(() -> log.size() == 10);
        pass();
        assertEquals(10, log.size());
    }

    @Test
    void aConnectedTcpHandleTalksThere() throws Exception {
        TcpEnds ends = tcpEnds();
        InetSocketAddress peer = ends.server().peerAddress();
        Pipe receiver = passed(ends.server()).b();
        ends.server().close();
        assertEquals(PendingType.TCP, receiver.pendingType());
        Tcp received = new Tcp(loop);
        receiver.accept(received);
        assertEquals(peer, received.peerAddress());
        assertTrue(received.readable() && received.writable());
        assertThrows(IllegalStateException.class, () -> received.listen(logs("connection")));
        assertTalk(ends.client(), received);
        received.close();
        Collected<Tcp> end = collect(ends.client());
        runUntil(() -> end.end() != null);
        assertEquals(0, end.size());
    }

    @Test
    void aUdpHandleSendsAndReceivesThere() throws Exception {
        Udp udp = boundUdp();
        InetSocketAddress address = udp.localAddress();
        Pipe receiver = passed(udp).b();
        udp.close();
        assertEquals(PendingType.UDP, receiver.pendingType());
        Udp received = new Udp(loop);
        receiver.accept(received);
        assertEquals(address, received.localAddress());
        Udp peer = boundUdp();
        Datagrams atPeer = new Datagrams();
        peer.startRecv(atPeer);
        received.startRecv((itself, data, from, error) -> itself.send(data, from, logs("answered")));
        peer.send(buffer("question"), address, logs("asked"));
        runUntil(() -> atPeer.count() == 1);
        assertEquals(List.of("question"), atPeer.texts());
        assertEquals(List.of(address), atPeer.senders());
    }

    @Test
    void aConnectedUdpHandleIsConnectedThere() throws Exception {
        Udp udp = boundUdp();
        Udp peer = boundUdp();
        udp.connect(peer.localAddress());
        Pipe receiver = passed(udp).b();
        Udp received = new Udp(loop);
        receiver.accept(received);
        assertEquals(peer.localAddress(), received.peerAddress());
        Datagrams atPeer = new Datagrams();
        peer.startRecv(atPeer);
        received.send(buffer("x"), logs("sent"));
        runUntil(() -> atPeer.count() == 1);
    }

    @Test
    @Needs(Trait.DETACHABLE_LISTENER)
    void aBoundPipeListensAndAcceptsThere() throws Exception {
        String name = kernel.freshName();
        Pipe server = pipe();
        server.bind(name);
        Pipe receiver = passed(watch(server)).b();
        assertEquals(PendingType.PIPE, receiver.pendingType());
        Pipe received = pipe();
        receiver.accept(received);
        assertEquals(name, received.localName());
        assertServes(received, name);
        received.close();
        assertTrue(kernel.exists(name), "who has not bound a name does not remove it");
        server.close();
        settle();
        assertTrue(kernel.exists(name), "others may have the socket yet");
        kernel.remove(name);
    }

    @Test
    @Needs(Trait.DETACHABLE_LISTENER)
    void aListeningPipeGoesOnThereWhenItIsGivenUpHere() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, (listener, error) -> log.add("accepted here"));
        Pipe receiver = passed(watch(server)).b();
        RawDescriptor given = new RawDescriptor(loop);
        given.open(server.detach());
        given.close();
        Pipe received = pipe();
        receiver.accept(received);
        assertServes(received, name);
        assertEquals(List.of(), log);
        received.close();
        kernel.remove(name);
    }

    @Test
    @Needs(Trait.DETACHABLE_LISTENER)
    void aListeningPipeServesThereWhenItIsClosedHere() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, (listener, error) -> log.add("accepted here"));
        Pipe receiver = passed(watch(server)).b();
        server.close();
        settle();
        assertTrue(kernel.exists(name), "the name is the receiver's as well");
        Pipe received = pipe();
        receiver.accept(received);
        assertServes(received, name);
        assertEquals(List.of(), log);
        received.close();
        settle();
        Pipe successor = pipe();
        assertFails(ErrorCode.EADDRINUSE, () -> successor.bind(name));
        successor.bind(name, BindOption.REPLACE_STALE);
        successor.close();
        assertFalse(kernel.exists(name));
    }

    @Test
    @Needs(Trait.DETACHABLE_LISTENER)
    void aListeningPipeThatCannotBePassedKeepsItsName() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, (listener, error) -> {});
        Ends ends = ipcEnds();
        ends.b().close();
        settle();
        ends.a().write(buffer("there"), (a, error) -> log.add("refused"), server);
        runUntil(() -> !log.isEmpty());
        server.close();
        settle();
        assertFalse(kernel.exists(name), "it was nobody's but the server's");
        assertEquals(List.of("refused"), log);
    }

    @Test
    void aConnectedPipeTalksThere() throws Exception {
        Ends payload = payload();
        Pipe receiver = passed(payload.a()).b();
        payload.a().close();
        assertEquals(PendingType.PIPE, receiver.pendingType());
        Pipe received = pipe();
        receiver.accept(received);
        assertTalk(received, payload.b());
        received.close();
        assertPeerGone(payload.b());
    }

    @Test
    void anIpcPipeCarriesHandlesThere() throws Exception {
        Ends inner = ipcEnds();
        Pipe receiver = passed(inner.a()).b();
        inner.a().close();
        Pipe received = new Pipe(loop, true);
        receiver.accept(received);
        Udp udp = boundUdp();
        received.write(buffer("x"), logs("sent"), udp);
        Arrivals arrivals = Arrivals.at(inner.b());
        runUntil(() -> arrivals.size() == 1);
        Udp last = new Udp(loop);
        inner.b().accept(last);
        assertEquals(udp.localAddress(), last.localAddress());
    }

    @Test
    void aFileIsADescriptorOfItsOwn() throws Exception {
        RawDescriptor file = file();
        Pipe receiver = passed(file).b();
        assertEquals(PendingType.DESCRIPTOR, receiver.pendingType());
        RawDescriptor received = new RawDescriptor(loop);
        receiver.accept(received);
        assertNotEquals(file.fileno(), received.fileno());
        assertFalse(received.active(), "nothing is driven there");
        file.close();
        assertTrue(received.fileno() >= 0);
    }

    @Test
    void anythingCanBeTakenAsADescriptorAndOpenedLater() throws Exception {
        Ends payload = payload();
        Pipe receiver = passed(payload.a()).b();
        payload.a().close();
        RawDescriptor raw = new RawDescriptor(loop);
        receiver.accept(raw);
        Pipe again = pipe();
        again.open(raw.detach());
        assertTrue(raw.closed());
        assertTalk(again, payload.b());
    }

    @Test
    void anythingCanBeSentAsADescriptorAndHasItsKindThere() throws Exception {
        RawDescriptor raw = new RawDescriptor(loop);
        Udp udp = boundUdp();
        InetSocketAddress address = udp.localAddress();
        raw.open(udp.detach());
        Pipe receiver = passed(raw).b();
        assertEquals(PendingType.UDP, receiver.pendingType());
        Udp received = new Udp(loop);
        receiver.accept(received);
        assertEquals(address, received.localAddress());
    }

    @Test
    void oneOfEachKindArrivesInOrder() throws Exception {
        Ends payload = payload();
        Tcp tcp = boundTcp();
        Udp udp = boundUdp();
        Pipe receiver = passed(tcp, udp, payload.a(), file()).b();
        assertEquals(PendingType.TCP, receiver.pendingType());
        Tcp receivedTcp = new Tcp(loop);
        receiver.accept(receivedTcp);
        assertEquals(PendingType.UDP, receiver.pendingType());
        Udp receivedUdp = new Udp(loop);
        receiver.accept(receivedUdp);
        assertEquals(PendingType.PIPE, receiver.pendingType());
        Pipe receivedPipe = pipe();
        receiver.accept(receivedPipe);
        assertEquals(PendingType.DESCRIPTOR, receiver.pendingType());
        receiver.accept(new RawDescriptor(loop));
        assertEquals(PendingType.NONE, receiver.pendingType());
        assertEquals(0, receiver.pendingCount());
        assertEquals(tcp.localAddress(), receivedTcp.localAddress());
        assertEquals(udp.localAddress(), receivedUdp.localAddress());
        assertTalk(receivedPipe, payload.b());
    }

    @Test
    void aHandleSentSeveralTimesIsSeveralHandles() throws Exception {
        Ends payload = payload();
        Ends ends = passed(payload.a(), payload.a());
        ends.a().write(buffer("d"), logs("sent again"), payload.a());
        payload.a().close();
        runUntil(() -> ends.b().pendingCount() == 3);
        Pipe[] received = {pipe(), pipe(), pipe()};
        for (Pipe each : received) {
            ends.b().accept(each);
        }
        received[0].close();
        received[2].close();
        assertTalk(received[1], payload.b());
        received[1].close();
        assertPeerGone(payload.b());
    }

    /** Closing one descriptor of several does not end the watching by itself (epoll(7)): the loop would spin. */
    @Test
    void aHandleThatIsClosedWhileACopyLivesIsWatchedNoMore() throws Exception {
        Udp here = boundUdp();
        InetSocketAddress address = here.localAddress();
        Pipe receiver = passed(here, here).b();
        Udp there = new Udp(loop);
        receiver.accept(there);
        Udp spare = new Udp(loop);
        receiver.accept(spare);
        for (Udp watched : List.of(here, there)) {
            watched.startRecv((udp, data, from, error) -> log.add("received"));
        }
        run(io.panpipe.RunMode.NOWAIT);
        here.close();
        there.close();
        Udp sender = boundUdp();
        sender.trySend(buffer("nobody takes it"), address);
        long before = loop.metrics().iterations();
        pass();
        long turns = loop.metrics().iterations() - before;
        assertTrue(turns < 15, () -> "the loop spins: " + turns + " turns");
        assertEquals(List.of(), log);
        Datagrams late = new Datagrams();
        spare.startRecv(late);
        runUntil(() -> late.count() == 1);
    }

    @Test
    void aHandleGoesBackAndForth() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        Pipe[] last = new Pipe[1];
        int[] trips = new int[1];
        Arrivals.Taker sendBack = (pipe, type, from, to) -> {
            Pipe received = pipe();
            pipe.accept(received);
            if (++trips[0] == 50) {
                last[0] = received;
            } else {
                pipe.write(buffer("x"), (sender, error) -> throwIfAny(error), received);
                received.close();
            }
        };
        Arrivals.at(ends.a(), sendBack);
        Arrivals.at(ends.b(), sendBack);
        ends.a().write(buffer("x"), (pipe, error) -> throwIfAny(error), payload.a());
        payload.a().close();
        runUntil(() -> last[0] != null);
        assertTalk(last[0], payload.b());
        last[0].close();
        assertPeerGone(payload.b());
    }
}
