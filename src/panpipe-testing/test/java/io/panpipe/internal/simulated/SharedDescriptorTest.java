/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import static io.panpipe.internal.simulated.Bench.assertFault;
import static io.panpipe.internal.simulated.Bench.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.HandleKind;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.StreamChannel;
import io.panpipe.internal.kernel.TcpChannel;
import io.panpipe.internal.kernel.UdpChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simulated")
class SharedDescriptorTest {

    private final Bench bench = Bench.quiet();

    @Test
    void aSocketIsClosedWithItsLastDescriptor() throws KernelException {
        PipeChannel[] pair = bench.pair();
        long spare = pair[0].duplicate();
        assertEquals(5, spare);
        pair[0].close();
        assertEquals("-", bench.read(pair[1]), "still open");
        bench.selector.closeDescriptor(spare);
        assertEquals("EOF", bench.read(pair[1]));
        pair[1].close();
        bench.end();
    }

    @Test
    void twoChannelsOfOneSocketShareItsBytesAndEvents() throws KernelException {
        PipeChannel[] pair = bench.pair();
        PipeChannel twin = bench.told("twin", bench.selector.adopt(pair[1].duplicate()));
        pair[1].interest(StreamChannel.READ);
        twin.interest(StreamChannel.READ);
        bench.write(pair[0], "once");
        assertEquals(List.of("b ready 1", "twin ready 1"), bench.turn());
        assertEquals("once", bench.read(twin));
        assertEquals("-", bench.read(pair[1]));
        pair[1].close();
        assertEquals(4, bench.write(twin, "back"));
        Bench.close(pair[0], twin);
        bench.end();
    }

    @Test
    void onlyTheNumberThatAChannelHasIsRefused() throws KernelException {
        PipeChannel[] pair = bench.pair();
        assertFault(Fault.EEXIST, () -> bench.selector.adopt(pair[0].descriptor()));
        PipeChannel twin = bench.selector.adopt(bench.selector.duplicate(pair[0].descriptor()));
        assertFault(Fault.EEXIST, () -> bench.selector.adopt(twin.descriptor()));
        Bench.close(twin, pair[0], pair[1]);
        bench.end();
    }

    @Test
    void aDescriptorIsAdoptedAsWhatItIsOnly() throws KernelException {
        UdpChannel udp = bench.udp("127.0.0.1", 0, 0);
        TcpChannel tcp = bench.tcpServer(at("127.0.0.1", 0), 0);
        PipeChannel pipe = bench.server("/s", 1);
        long[] numbers = {pipe.duplicate(), tcp.duplicate(), udp.duplicate(), bench.kernel.openFile()};
        HandleKind[] kinds = HandleKind.values();
        for (int i = 0; i < numbers.length; i++) {
            long number = numbers[i];
            assertEquals(kinds[i], bench.selector.kindOf(number));
            if (kinds[i] != HandleKind.PIPE) {
                assertFault(Fault.EINVAL, () -> bench.selector.adopt(number));
            }
            if (kinds[i] != HandleKind.TCP) {
                assertFault(Fault.EINVAL, () -> bench.selector.adoptTcp(number));
            }
            if (kinds[i] != HandleKind.UDP) {
                assertFault(Fault.EINVAL, () -> bench.selector.adoptUdp(number));
            }
            bench.selector.closeDescriptor(number);
        }
        Bench.close(udp, tcp, pipe);
        bench.end();
    }

    @Test
    void whatIsNotOpenHasNoKindAndNoDuplicate() throws KernelException {
        assertFault(Fault.EBADF, () -> bench.selector.kindOf(7));
        assertFault(Fault.EBADF, () -> bench.selector.duplicate(7));
        assertFault(Fault.EBADF, () -> bench.pipe("pipe").duplicate());
        bench.selector.closeDescriptor(7);
        PipeChannel[] pair = bench.pair();
        assertThrows(IllegalStateException.class, () -> bench.selector.closeDescriptor(pair[0].descriptor()));
        Bench.close(pair);
        bench.end();
    }

    @Test
    void atTheLimitNothingIsDuplicated() throws KernelException {
        Bench small = Bench.of(SimulatedOptions.quiet().descriptorLimit(2));
        PipeChannel[] pair = small.pair();
        assertFault(Fault.EMFILE, pair[0]::duplicate);
        assertFault(Fault.EMFILE, () -> small.selector.duplicate(pair[0].descriptor()));
        assertFault(Fault.EMFILE, small.kernel::openFile);
        Bench.close(pair);
        small.end();
    }

    @Test
    void ofTwoThatShareAListenerOneGetsTheConnection() throws KernelException {
        PipeChannel server = bench.server("/s", 2);
        PipeChannel twin = bench.told("twin", bench.selector.adopt(server.duplicate()));
        server.interest(StreamChannel.ACCEPT);
        twin.interest(StreamChannel.ACCEPT);
        Channel client = bench.client("/s");
        assertEquals(List.of("server ready 16", "twin ready 16"), bench.turn());
        Channel accepted = bench.accept(twin);
        assertNull(server.accept());
        server.close();
        Bench.close(client, accepted, twin);
        bench.end();
    }

    @Test
    void anAbandonedServerIsGoneWhoeverHadIt() throws KernelException {
        PipeChannel server = bench.server("/s", 2);
        long spare = server.duplicate();
        bench.kernel.abandon("/s");
        assertEquals(0, bench.kernel.openDescriptors());
        assertFault(Fault.EBADF, () -> bench.selector.kindOf(spare));
        PipeChannel[] pair = bench.pair();
        assertEquals(-1, server.descriptor());
        server.close();
        assertEquals(2, bench.kernel.openDescriptors(), "the number is another file's by now");
        Bench.close(pair);
        bench.end();
    }

    @Test
    void twoChannelsOfOneSocketMayBothHaveAWriteInFlight() throws KernelException {
        Bench flying = Bench.of(SimulatedOptions.quiet().inFlightShare(1).bufferSize(1000));
        PipeChannel[] pair = flying.pair();
        PipeChannel twin = flying.told("twin", flying.selector.adopt(pair[0].duplicate()));
        flying.write(pair[0], 1500);
        flying.write(twin, 1500);
        List<String> news = new ArrayList<>();
        int received = 0;
        for (int i = 0; i < 6; i++) {
            news.addAll(flying.turn(Bench.SECOND));
            String text = flying.read(pair[1]);
            received += text.equals("-") ? 0 : text.length();
        }
        assertEquals(List.of("a written 1500", "twin written 1500"), news.stream().sorted().toList());
        assertEquals(3000, received);
        Bench.close(pair[0], pair[1], twin);
        flying.end();
    }
}
