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
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.HandleKind;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Selector;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.kernel.TcpChannel;
import io.panpipe.internal.kernel.UdpChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simulated")
class HandlePassingTest {

    private static final String NAME = "/s";

    private final Bench bench = Bench.quiet();

    /** A connection between two processes: the bench's, and the one of the other bench. */
    private static PipeChannel[] between(Bench one, Bench other) throws KernelException {
        PipeChannel server = one.server(NAME, 1);
        PipeChannel client = other.client(NAME);
        PipeChannel accepted = one.accept(server);
        server.close();
        return new PipeChannel[] {accepted, client};
    }

    private static void end(Bench bench, PipeChannel... channels) throws KernelException {
        Bench.close(channels);
        bench.end();
    }

    @Test
    void aSentSocketWorksInTheOtherProcessAfterTheSenderClosedIt() throws KernelException {
        Bench other = Bench.on(bench.kernel.process(2, 1000, 1000));
        PipeChannel[] ends = between(bench, other);
        PipeChannel[] pair = bench.pair();
        assertEquals(2, bench.send(ends[0], "hi", pair[1].descriptor()));
        pair[1].close();
        assertEquals(3, bench.write(pair[0], "one"));
        assertEquals("hi", other.receive(ends[1]));
        assertEquals(1, other.inbox.count());
        assertFalse(other.inbox.isTruncated());
        assertEquals(4, other.inbox.descriptor(0), "the lowest free number of the receiver");
        PipeChannel adopted = other.selector.adopt(other.inbox.descriptor(0));
        assertEquals("one", other.read(adopted));
        other.write(adopted, "two");
        assertEquals("two", bench.read(pair[0]));
        end(bench, ends[0], pair[0]);
        end(other, ends[1], adopted);
    }

    @Test
    void everyKindIsSent() throws KernelException {
        PipeChannel[] pair = bench.pair();
        TcpChannel tcp = bench.tcpServer(at("127.0.0.1", 0), 0);
        UdpChannel udp = bench.udp("127.0.0.1", 0, 0);
        long file = bench.kernel.openFile();
        bench.send(pair[0], "x", pair[0].descriptor(), tcp.descriptor(), udp.descriptor(), file);
        bench.selector.closeDescriptor(file);
        assertEquals("x", bench.receive(pair[1]));
        for (int i = 0; i < 4; i++) {
            long received = bench.inbox.descriptor(i);
            assertEquals(HandleKind.values()[i], bench.selector.kindOf(received));
            bench.selector.closeDescriptor(received);
        }
        Bench.close(tcp, udp);
        end(bench, pair);
    }

    @Test
    void bytesSentEarlierJoinTheMessageAndLaterOnesDoNot() throws KernelException {
        PipeChannel[] pair = bench.pair();
        long file = bench.kernel.openFile();
        bench.write(pair[0], "AAA");
        bench.send(pair[0], "B", file);
        bench.write(pair[0], "CC");
        bench.send(pair[0], "D", file, file);
        bench.send(pair[0], "E", file);
        assertEquals("AAAB 1, CCD 2, E 1, - 0", receiveAll(pair[1], 100));
        bench.selector.closeDescriptor(file);
        end(bench, pair);
    }

    @Test
    void aSplitMessageYieldsItsHandlesWithItsFirstByteAndItsRestIsPlain() throws KernelException {
        PipeChannel[] pair = bench.pair();
        long file = bench.kernel.openFile();
        bench.write(pair[0], "xx");
        bench.send(pair[0], "AAAA", file);
        bench.write(pair[0], "y");
        bench.send(pair[0], "BB", file);
        bench.write(pair[0], "z");
        assertEquals("xx 0, AA 1", receive(pair[1], 2) + ", " + receive(pair[1], 2));
        assertEquals("AAyBB 1, z 0, - 0", receiveAll(pair[1], 100));
        bench.selector.closeDescriptor(file);
        end(bench, pair);
    }

    private String receive(PipeChannel pipe, int length) throws KernelException {
        String text = bench.receive(pipe, length);
        for (int i = 0; i < bench.inbox.count(); i++) {
            bench.selector.closeDescriptor(bench.inbox.descriptor(i));
        }
        return text + " " + bench.inbox.count();
    }

    private String receiveAll(PipeChannel pipe, int length) throws KernelException {
        StringBuilder all = new StringBuilder();
        String one;
        do {
            one = receive(pipe, length);
            all.append(all.isEmpty() ? "" : ", ").append(one);
        } while (!one.startsWith("-"));
        return all.toString();
    }

    @Test
    void aPlainReadLosesTheHandlesAndKeepsTheBoundary() throws KernelException {
        PipeChannel[] pair = bench.pair();
        PipeChannel[] sent = bench.pair();
        bench.send(pair[0], "x", sent[0].descriptor());
        bench.write(pair[0], "y");
        sent[0].close();
        assertEquals("-", bench.read(sent[1]));
        assertEquals("x", bench.read(pair[1]));
        assertEquals("EOF", bench.read(sent[1]), "nobody has it any more");
        assertEquals("y", bench.read(pair[1]));
        sent[1].close();
        end(bench, pair);
    }

    @Test
    void atTheLimitTheDataArrivesAndTheRestOfTheHandlesIsLost() throws KernelException {
        Bench small = Bench.of(SimulatedOptions.quiet().descriptorLimit(6));
        PipeChannel[] pair = small.pair();
        PipeChannel[] sent = small.pair();
        small.send(pair[0], "x", sent[0].descriptor(), sent[0].descriptor(), sent[0].descriptor());
        assertEquals("x", small.receive(pair[1]));
        assertEquals(2, small.inbox.count());
        assertTrue(small.inbox.isTruncated());
        assertEquals("-", small.receive(pair[1]));
        small.selector.closeDescriptor(7);
        small.selector.closeDescriptor(8);
        sent[0].close();
        assertEquals("EOF", small.read(sent[1]));
        sent[1].close();
        end(small, pair);
    }

    @Test
    void handlesInUnreadMessagesDieWithTheStream() throws KernelException {
        PipeChannel[] pair = bench.pair();
        PipeChannel[] sent = bench.pair();
        bench.send(pair[0], "x", sent[0].descriptor());
        sent[0].close();
        pair[0].close();
        assertEquals("-", bench.read(sent[1]), "it may still be received");
        pair[1].close();
        assertEquals("EOF", bench.read(sent[1]));
        sent[1].close();
        bench.end();
    }

    @Test
    void aConnectionNeverAcceptedTakesItsHandlesWithIt() throws KernelException {
        PipeChannel server = bench.server(NAME, 1);
        PipeChannel client = bench.client(NAME);
        PipeChannel[] sent = bench.pair();
        bench.send(client, "x", sent[0].descriptor());
        Bench.close(sent[0], client);
        assertEquals("-", bench.read(sent[1]));
        server.close();
        assertEquals("EOF", bench.read(sent[1]));
        sent[1].close();
        bench.end();
    }

    @Test
    void socketsThatWaitInEachOtherAreClosedWhenNobodyCanReachThem() throws KernelException {
        PipeChannel[] watched = bench.pair();
        PipeChannel[] one = bench.pair();
        PipeChannel[] two = bench.pair();
        bench.send(one[0], "self", one[1].descriptor(), watched[0].descriptor());
        bench.send(one[0], "ring", two[1].descriptor());
        bench.send(two[0], "ring", one[1].descriptor());
        Bench.close(watched[0], one[0], two[0], one[1]);
        assertEquals("-", bench.read(watched[1]), "reachable through what the other socket holds");
        two[1].close();
        assertEquals("EOF", bench.read(watched[1]));
        watched[1].close();
        bench.end();
    }

    @Test
    void aListenerThatWaitsInItsOwnClientIsClosedWithIt() throws KernelException {
        PipeChannel server = bench.server(NAME, 1);
        PipeChannel client = bench.client(NAME);
        bench.send(client, "x", server.descriptor());
        server.close();
        client.interest(StreamChannel.READ);
        assertEquals(List.of("client ready 1"), bench.turn());
        assertFault(Fault.ECONNRESET, () -> bench.read(client));
        end(bench, client);
    }

    @Test
    void whatCannotBeSentIsRefusedAndHoldsNothing() throws KernelException {
        PipeChannel[] pair = bench.pair();
        long file = bench.kernel.openFile();
        long[] many = new long[Selector.MOST_HANDLES + 1];
        Arrays.fill(many, file);
        assertFault(Fault.EINVAL, () -> bench.send(pair[0], "x", many));
        assertFault(Fault.EBADF, () -> bench.send(pair[0], "x", file, 99));
        assertThrows(IllegalArgumentException.class, () -> bench.send(pair[0], "", file));
        assertThrows(IllegalArgumentException.class, () -> bench.send(pair[0], "x"));
        long[] most = Arrays.copyOf(many, Selector.MOST_HANDLES);
        assertEquals(1, bench.send(pair[0], "x", most));
        assertEquals("x 253", receive(pair[1], 100));
        pair[1].close();
        assertFault(Fault.EPIPE, () -> bench.send(pair[0], "x", file));
        bench.selector.closeDescriptor(file);
        end(bench, pair[0]);
    }

    @Test
    void aFullPipeTakesNoHandles() throws KernelException {
        Bench small = Bench.of(SimulatedOptions.quiet().bufferSize(4));
        PipeChannel[] pair = small.pair();
        PipeChannel[] sent = small.pair();
        small.write(pair[0], "full");
        assertEquals(StreamChannel.WOULD_BLOCK, small.send(pair[0], "x", sent[0].descriptor()));
        sent[0].close();
        assertEquals("EOF", small.read(sent[1]));
        sent[1].close();
        end(small, pair);
    }

    @Test
    void inFlightTheHandlesAreTakenAtOnceAndGoWithTheFirstByte() throws KernelException {
        Bench flying = Bench.of(SimulatedOptions.quiet().inFlightShare(1).bufferSize(4));
        PipeChannel[] pair = flying.pair();
        PipeChannel[] sent = flying.pair();
        assertEquals(StreamChannel.IN_FLIGHT, flying.send(pair[0], "abcdef", sent[0].descriptor()));
        sent[0].close();
        assertEquals("-", flying.read(sent[1]));
        flying.turn(SECOND);
        assertEquals("abcd", flying.receive(pair[1]));
        assertEquals(1, flying.inbox.count());
        assertEquals(List.of("a written 6"), flying.turn(SECOND));
        flying.selector.closeDescriptor(flying.inbox.descriptor(0));
        assertEquals("EOF", flying.read(sent[1]));
        assertEquals("ef", flying.receive(pair[1]));
        assertEquals(0, flying.inbox.count());
        sent[1].close();
        end(flying, pair);
    }

    @Test
    void aFlightThatNeverLeavesLetsItsHandlesGo() throws KernelException {
        Bench flying = Bench.of(SimulatedOptions.quiet().inFlightShare(1));
        PipeChannel[] pair = flying.pair();
        PipeChannel[] sent = flying.pair();
        flying.send(pair[0], "x", sent[0].descriptor());
        sent[0].close();
        pair[0].close();
        assertEquals("EOF", flying.read(sent[1]));
        assertEquals(List.of("a failed ECANCELED"), flying.turn());
        sent[1].close();
        end(flying, pair[1]);
    }

    @Test
    void aListenerSentToAnotherProcessServesItsClientsFromThere() throws KernelException {
        Bench other = Bench.on(bench.kernel.process(2, 1000, 1000));
        PipeChannel[] ends = between(bench, other);
        TcpChannel server = bench.tcpServer(at("127.0.0.1", 0), 0);
        bench.send(ends[0], "x", server.descriptor());
        other.receive(ends[1]);
        TcpChannel twin = other.selector.adoptTcp(other.inbox.descriptor(0));
        assertEquals(server.localAddress(), twin.localAddress());
        TcpChannel client = bench.tcpClient(server.localAddress());
        bench.settle(client);
        TcpChannel accepted = other.accept(twin);
        assertNull(server.accept());
        bench.write(client, "hello");
        assertEquals("hello", other.read(accepted));
        Bench.close(server, client, ends[0]);
        bench.end();
        Bench.close(twin, accepted);
        end(other, ends[1]);
    }

    @Test
    void whateverIsCutShortNoHandleIsLostOrDoubled() throws KernelException {
        for (long seed = 0; seed < 30; seed++) {
            Bench noisy = Bench.of(SimulatedOptions.noisy().seed(seed).bufferSize(50));
            PipeChannel[] pair = noisy.pair();
            long file = noisy.kernel.openFile();
            int received = 0;
            for (int i = 0; i < 20; i++) {
                if (noisy.send(pair[0], "some bytes", file) == StreamChannel.IN_FLIGHT) {
                    while (noisy.turn(SECOND).isEmpty()) {
                        received += drain(noisy, pair[1]);
                    }
                }
                received += drain(noisy, pair[1]);
            }
            assertEquals(20, received, "seed " + seed);
            noisy.selector.closeDescriptor(file);
            end(noisy, pair);
        }
    }

    private static int drain(Bench bench, PipeChannel pipe) throws KernelException {
        int received = 0;
        while (!bench.receive(pipe).equals("-")) {
            for (int i = 0; i < bench.inbox.count(); i++) {
                bench.selector.closeDescriptor(bench.inbox.descriptor(i));
                received++;
            }
        }
        return received;
    }

    @Test
    void whateverIsSentThroughWhateverNothingOutlivesItsLastDescriptor() throws KernelException {
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            List<PipeChannel> ends = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                ends.addAll(List.of(bench.pair()));
            }
            PipeChannel[] watched = bench.pair();
            long spare = watched[0].detach();
            for (int i = 0; i < 60; i++) {
                PipeChannel by = ends.get(random.nextInt(ends.size()));
                long sent = random.nextInt(4) == 0 ? spare : ends.get(random.nextInt(ends.size())).descriptor();
                bench.send(by, "x", sent);
                if (random.nextInt(3) == 0) {
                    receive(ends.get(random.nextInt(ends.size())), 100);
                }
            }
            bench.selector.closeDescriptor(spare);
            Collections.shuffle(ends, random);
            ends.forEach(PipeChannel::close);
            assertEquals("EOF", bench.read(watched[1]), "seed " + seed);
            watched[1].close();
            assertEquals(0, bench.kernel.openDescriptors());
        }
        bench.end();
    }
}
