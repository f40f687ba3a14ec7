/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Udp;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How datagrams are sent and received. */
public abstract class UdpContract extends HandlesContract {

    /** The longest datagram of IPv4: 65,535 less the headers. */
    private static final int LONGEST = 65_507;

    private Datagrams receive(Udp udp) throws PanpipeException {
        Datagrams datagrams = new Datagrams();
        udp.startRecv(datagrams);
        return datagrams;
    }

    /** A handle that can hold several datagrams of any length. */
    private Udp roomy() throws PanpipeException {
        Udp udp = boundUdp();
        udp.receiveBufferSize(400_000);
        return udp;
    }

    @Test
    void aDatagramArrivesWithItsSender() throws Exception {
        Udp receiver = boundUdp();
        Udp sender = boundUdp();
        Datagrams received = receive(receiver);
        sender.send(buffer("hello"), receiver.localAddress(), logs("sent"));
        assertEquals(List.of(), log, "called back inside the call");
        runUntil(() -> received.count() == 1 && !log.isEmpty());
        assertEquals(List.of("hello"), received.texts());
        assertEquals(List.of(sender.localAddress()), received.senders());
        assertEquals(List.of("sent"), log);
    }

    @Test
    void sendGivesAnUnboundHandleAPort() throws Exception {
        Udp receiver = boundUdp();
        Datagrams received = receive(receiver);
        Udp sender = new Udp(loop);
        sender.send(buffer("x"), receiver.localAddress(), logs("sent"));
        runUntil(() -> received.count() == 1);
        assertEquals(sender.localAddress().getPort(), received.senders().getFirst().getPort());
    }

    @Test
    void connectGivesAnUnboundHandleAPort() throws Exception {
        Udp receiver = boundUdp();
        Datagrams received = receive(receiver);
        Udp sender = new Udp(loop);
        sender.connect(receiver.localAddress());
        assertEquals(receiver.localAddress(), sender.peerAddress());
        sender.send(buffer("x"), logs("sent"));
        runUntil(() -> received.count() == 1);
        assertEquals(List.of(sender.localAddress()), received.senders());
    }

    @Test
    void theSenderIsItsOwnWhateverWasAskedOfTheSystemBefore() throws Exception {
        Udp receiver = boundUdp();
        Datagrams received = receive(receiver);
        Udp first = boundUdp();
        Udp second = boundUdp();
        for (Udp sender : List.of(first, second, first)) {
            sender.trySend(buffer("x"), receiver.localAddress());
            // Its argument, a 1, goes where the length of an address does.
            receiver.broadcast(true);
            int before = received.count();
            runUntil(() -> received.count() > before);
        }
        assertEquals(List.of(first.localAddress(), second.localAddress(), first.localAddress()), received.senders());
    }

    @Test
    void anEmptyDatagramThatIsQueuedIsNotOvertaken() throws Exception {
        Udp receiver = boundUdp();
        Datagrams received = receive(receiver);
        Udp sender = boundUdp();
        sender.send(ByteBuffer.allocate(0), receiver.localAddress(), logs("sent"));
        try {
            sender.trySend(ByteBuffer.wrap(bytes("x")), receiver.localAddress());
        } catch (PanpipeException queued) {
            assertEquals(ErrorCode.EAGAIN, queued.code());
            sender.send(ByteBuffer.wrap(bytes("x")), receiver.localAddress(), logs("sent"));
        }
        runUntil(() -> received.count() == 2);
        assertEquals(List.of("", "x"), received.texts());
    }

    @Test
    void aHandleWithAQueuedDatagramIsNotDetachedThoughItBeEmpty() throws Exception {
        Udp receiver = boundUdp();
        Datagrams received = receive(receiver);
        Udp sender = boundUdp();
        InetSocketAddress own = sender.localAddress();
        sender.send(ByteBuffer.allocate(0), receiver.localAddress(), logs("sent"));
        assertThrows(IllegalStateException.class, sender::detach);
        runUntil(() -> received.count() == 1 && !log.isEmpty());
        assertEquals(List.of(own), received.senders(), "and not from another socket");
        assertEquals(List.of("sent"), log);
    }

    @Test
    void startRecvGivesAnUnboundHandleAPort() throws Exception {
        Udp receiver = new Udp(loop);
        Datagrams received = receive(receiver);
        int port = receiver.localAddress().getPort();
        assertTrue(port > 0);
        boundUdp().send(buffer("x"), ipv4(port), logs("sent"));
        runUntil(() -> received.count() == 1);
    }

    @Test
    void onlyTheBytesBetweenPositionAndLimitAreSentAndNeitherMoves() throws Exception {
        Udp receiver = boundUdp();
        Datagrams received = receive(receiver);
        for (ByteBuffer data : List.of(ByteBuffer.allocate(10), ByteBuffer.allocateDirect(10))) {
            data.put(bytes("0123456789")).position(3).limit(6);
            boundUdp().send(data, receiver.localAddress(), logs("sent"));
            assertEquals(3, boundUdp().trySend(data, receiver.localAddress()));
            assertEquals(3, data.position());
            assertEquals(6, data.limit());
        }
        runUntil(() -> received.count() == 4);
        assertEquals(List.of("345", "345", "345", "345"), received.texts());
    }

    @Test
    void datagramsKeepTheirOrderAndEachCallbackComesOnce() throws Exception {
        Udp receiver = roomy();
        Udp sender = boundUdp();
        Datagrams received = receive(receiver);
        List<String> expected = IntStream.range(0, 100).mapToObj(Integer::toString).toList();
        for (String text : expected) {
            sender.send(buffer(text), receiver.localAddress(), logs(text));
        }
        runUntil(() -> received.count() == 100 && log.size() == 100);
        pass();
        assertEquals(expected, received.texts());
        assertEquals(expected, log);
        assertEquals(0, sender.sendQueueSize());
    }

    @Test
    void anEmptyDatagramArrives() throws Exception {
        Udp receiver = boundUdp();
        Datagrams received = receive(receiver);
        Udp sender = boundUdp();
        sender.send(buffer(""), receiver.localAddress(), logs("sent"));
        sender.send(buffer("next"), receiver.localAddress(), logs("sent"));
        assertEquals(0, boundUdp().trySend(buffer(""), receiver.localAddress()));
        runUntil(() -> received.count() == 3 && log.size() == 2);
        assertEquals(List.of("", "", "next"), received.texts().stream().sorted().toList());
    }

    @Test
    void theLongestDatagramArrivesWhole() throws Exception {
        Udp receiver = roomy();
        Datagrams received = receive(receiver);
        byte[] data = pattern(LONGEST);
        Udp sender = boundUdp();
        sender.sendBufferSize(400_000);
        sender.send(ByteBuffer.wrap(data), receiver.localAddress(), logs("sent"));
        runUntil(() -> received.count() == 1 && !log.isEmpty());
        assertArrayEquals(data, received.get(0));
        assertEquals(List.of("sent"), log);
    }

    @Test
    void aDatagramThatIsTooLongIsEmsgsizeAndHoldsUpNobody() throws Exception {
        Udp receiver = boundUdp();
        Datagrams received = receive(receiver);
        Udp sender = boundUdp();
        InetSocketAddress to = receiver.localAddress();
        for (int length : new int[] {LONGEST + 1, 65_536, 1_000_000}) {
            sender.send(ByteBuffer.allocate(length), to, logs("sent " + length));
            assertFails(ErrorCode.EMSGSIZE, () -> boundUdp().trySend(ByteBuffer.allocate(length), to));
        }
        sender.send(buffer("short"), to, logs("sent short"));
        runUntil(() -> received.count() == 1 && log.size() == 4);
        assertEquals(List.of("short"), received.texts());
        assertEquals(List.of("sent 65508 EMSGSIZE", "sent 65536 EMSGSIZE", "sent 1000000 EMSGSIZE", "sent short"), log);
    }

    @Test
    void trySendSendsAtOnce() throws Exception {
        Udp receiver = boundUdp();
        Datagrams received = receive(receiver);
        assertEquals(5, boundUdp().trySend(buffer("hello"), receiver.localAddress()));
        runUntil(() -> received.count() == 1);
        assertEquals(List.of("hello"), received.texts());
    }

    @Test
    void trySendGoesBehindWhatIsQueued() throws Exception {
        Udp receiver = boundUdp();
        Datagrams received = receive(receiver);
        Udp sender = boundUdp();
        sender.send(buffer("1"), receiver.localAddress(), logs("sent"));
        try {
            sender.trySend(buffer("2"), receiver.localAddress());
        } catch (PanpipeException queued) {
            assertEquals(ErrorCode.EAGAIN, queued.code());
            runUntil(() -> sender.sendQueueSize() == 0);
            sender.trySend(buffer("2"), receiver.localAddress());
        }
        runUntil(() -> received.count() == 2);
        assertEquals(List.of("1", "2"), received.texts());
    }

    @Test
    void aConnectedHandleNeedsNoReceiverAndHearsNobodyElse() throws Exception {
        Udp a = boundUdp();
        Udp b = boundUdp();
        Udp stranger = boundUdp();
        a.connect(b.localAddress());
        assertEquals(b.localAddress(), a.peerAddress());
        Datagrams atA = receive(a);
        Datagrams atB = receive(b);
        stranger.trySend(buffer("from a stranger"), a.localAddress());
        a.send(buffer("to b"), logs("sent"));
        b.send(buffer("to a"), a.localAddress(), logs("sent"));
        runUntil(() -> atA.count() == 1 && atB.count() == 1);
        pass();
        assertEquals(List.of("to a"), atA.texts());
        assertEquals(List.of("to b"), atB.texts());
    }

    @Test
    void disconnectTakesConnectBack() throws Exception {
        Udp a = boundUdp();
        Udp b = boundUdp();
        assertThrows(IllegalStateException.class, () -> a.send(buffer("x"), logs("sent")));
        assertFails(ErrorCode.ENOTCONN, a::peerAddress);
        a.connect(b.localAddress());
        a.disconnect();
        assertFails(ErrorCode.ENOTCONN, a::peerAddress);
        assertThrows(IllegalStateException.class, () -> a.send(buffer("x"), logs("sent")));
        // A port that the system had picked may be another one by now: Linux gives it back.
        Udp stranger = boundUdp();
        Datagrams atStranger = new Datagrams();
        stranger.startRecv(atStranger);
        a.send(buffer("hello"), stranger.localAddress(), logs("sent"));
        runUntil(() -> atStranger.count() == 1);
        Datagrams atA = receive(a);
        stranger.trySend(buffer("hello"), atStranger.senders().getFirst());
        runUntil(() -> atA.count() == 1);
        a.disconnect();
    }

    @Test
    void aConnectedHandleLearnsThatNobodyReceivesAndGoesOn() throws Exception {
        Udp gone = boundUdp();
        InetSocketAddress nobody = gone.localAddress();
        Udp a = boundUdp();
        a.connect(nobody);
        Datagrams atA = receive(a);
        gone.close();
        a.send(buffer("into the void"), logs("sent"));
        runUntil(() -> !atA.errors().isEmpty());
        assertEquals(List.of("ECONNREFUSED"), atA.errors());
        Udp back = new Udp(loop);
        back.bind(nobody);
        back.trySend(buffer("back"), a.localAddress());
        runUntil(() -> atA.count() == 1);
        assertEquals(List.of("back"), atA.texts());
    }

    @Test
    void stopRecvHoldsBackAndStartRecvGoesOn() throws Exception {
        Udp receiver = boundUdp();
        Udp sender = boundUdp();
        List<String> before = new ArrayList<>();
        receiver.startRecv((udp, data, from, error) -> {
            before.add(text(data));
            udp.stopRecv();
        });
        assertTrue(receiver.active());
        for (String text : List.of("1", "2", "3")) {
            sender.send(buffer(text), receiver.localAddress(), logs("sent"));
        }
        runUntil(() -> !before.isEmpty() && log.size() == 3);
        pass();
        assertEquals(List.of("1"), before);
        assertTrue(!receiver.active());
        receiver.stopRecv();
        Datagrams after = receive(receiver);
        runUntil(() -> after.count() == 2);
        assertEquals(List.of("2", "3"), after.texts());
    }

    @Test
    void receivesOnceAtATime() throws Exception {
        Udp receiver = boundUdp();
        receive(receiver);
        assertThrows(IllegalStateException.class, () -> receive(receiver));
        receiver.stopRecv();
        receive(receiver);
    }

    @Test
    void theReceivedBufferMayBeSentAsItIs() throws Exception {
        Udp echo = roomy();
        Udp client = roomy();
        Datagrams answers = receive(client);
        echo.startRecv((udp, data, from, error) -> udp.send(data, from, logs("echoed")));
        List<String> sent = IntStream.range(0, 20).mapToObj(i -> "datagram " + i).toList();
        for (String text : sent) {
            client.send(buffer(text), echo.localAddress(), logs("sent"));
        }
        runUntil(() -> answers.count() == 20);
        assertEquals(sent, answers.texts());
    }

    @Test
    void aCallbackThatThrowsDoesNotStopReceiving() throws Exception {
        Udp receiver = boundUdp();
        Udp sender = boundUdp();
        loop.uncaughtExceptionHandler((itself, thrown) -> log.add(thrown.getMessage()));
        List<String> received = new ArrayList<>();
        receiver.startRecv((udp, data, from, error) -> {
            received.add(text(data));
            throw new IllegalStateException("thrown at " + text(data));
        });
        sender.trySend(buffer("1"), receiver.localAddress());
        sender.trySend(buffer("2"), receiver.localAddress());
        runUntil(() -> received.size() == 2);
        assertEquals(List.of("thrown at 1", "thrown at 2"), log);
    }

    @Test
    void closeInsideTheCallbackEndsReceiving() throws Exception {
        Udp receiver = boundUdp();
        Udp sender = boundUdp();
        List<String> received = new ArrayList<>();
        receiver.startRecv((udp, data, from, error) -> {
            received.add(text(data));
            udp.close(notes("closed"));
        });
        sender.trySend(buffer("1"), receiver.localAddress());
        sender.trySend(buffer("2"), receiver.localAddress());
        sender.close();
        run();
        assertEquals(List.of("1"), received);
        assertEquals(List.of("closed"), log);
    }

    @Test
    void closeCallsBackForEachQueuedDatagramFirst() throws Exception {
        Udp receiver = boundUdp();
        Udp sender = boundUdp();
        for (int i = 0; i < 5; i++) {
            sender.send(buffer("x"), receiver.localAddress(), logs("send " + i));
        }
        sender.close(notes("closed"));
        assertEquals(List.of(), log, "called back inside the call");
        runUntil(() -> log.size() == 6);
        pass();
        // What the system took in close's own attempt is sent, the rest is cancelled.
        assertEquals(List.of("send 0", "send 1", "send 2", "send 3", "send 4", "closed"),
                log.stream().map(entry -> entry.replace(" ECANCELED", "")).toList());
        Datagrams received = receive(receiver);
        long sent = log.stream().filter(entry -> entry.matches("send \\d")).count();
        runUntil(() -> received.count() == sent || sent == 0);
    }

    @Test
    void queuedDatagramsKeepTheLoopGoing() throws Exception {
        Udp receiver = boundUdp();
        Udp sender = boundUdp();
        sender.send(buffer("x"), receiver.localAddress(), logs("sent"));
        assertTrue(sender.active());
        assertTrue(loop.alive());
        run();
        assertEquals(List.of("sent"), log);
        assertTrue(!sender.active());
    }
}
