/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Pipe;
import io.panpipe.Tcp;
import io.panpipe.Udp;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Handles to and from a C program that uses sendmsg and recvmsg plainly. */
@EnabledOnOs(OS.LINUX)
class CProgramTest extends ForeignContract {

    private static final int LONG = 200_000;

    @BeforeEach
    void takeAName() {
        name = kernel.freshName();
    }

    @Test
    void messagesOfSeveralDescriptorsAndBytesArriveHere() throws Exception {
        Pipe pipe = meet(List.of(Programs.handles().toString(), "send", name));
        StringBuilder order = new StringBuilder();
        Arrivals arrivals = Arrivals.at(pipe, (from, type, begin, end) -> {
            order.append(begin == 0 ? 'a' : begin <= 10 && end == 11 ? 'b' : begin <= 11 && end > 11 ? 'c' : '?');
            assertFile(List.of("one", "two", "three", "four", "five", "six").get(order.length() - 1), from);
        });
        await(() -> arrivals.size() == 11 + LONG);
        tell(pipe, "k");
        await(() -> arrivals.end() != null);
        ended();
        assertEquals("aaabbc", order.toString(), "which descriptor came with which message");
        assertTrue(arrivals.text().startsWith("helloplain!abcdef"));
        byte[] received = arrivals.bytes();
        for (int i = 0; i < LONG; i++) {
            assertEquals((byte) ('a' + i % 26), received[11 + i]);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 65_536})
    void whatIsSentHereArrivesThereHoweverItIsRead(int size) throws Exception {
        Pipe pipe = meet(List.of(Programs.handles().toString(), "receive", name, Integer.toString(size)));
        Tcp listener = boundTcp();
        listener.listen(logs("accepted here"));
        TcpEnds connection = tcpEnds();
        Udp udp = boundUdp();
        Ends payload = payload();
        pipe.write(bytes("plain"), logs("written"));
        pipe.write(buffer("abc"), logs("written"), memory("one"), listener, connection.client());
        pipe.write(buffer("d"), logs("written"), udp, payload.a());
        pipe.write(bytes("plain"), logs("written"));
        pipe.write(ByteBuffer.wrap(pattern(LONG)), logs("written"), memory("two"));
        pipe.shutdown(logs("shutdown"));
        await(() -> log.size() == 6);
        List<String> lines = ended().lines().toList();
        assertEquals(7, lines.size(), lines::toString);
        int first = Integer.parseInt(lines.getFirst().split("[ -]")[1]);
        assertTrue(first <= 5, lines.getFirst());
        assertArrived(lines.get(0), 5, 8, "file one");
        assertArrived(lines.get(1), 5, 8, "tcp listening " + listener.localAddress().getPort());
        assertArrived(lines.get(2), 5, 8, "tcp " + connection.client().localAddress().getPort());
        assertArrived(lines.get(3), 8, 9, "udp " + udp.localAddress().getPort());
        assertArrived(lines.get(4), 8, 9, "unix");
        assertArrived(lines.get(5), 14, 14 + LONG, "file two");
        assertEquals("end at " + (14 + LONG), lines.get(6));
    }

    /** Checks that a descriptor came with a message's first byte, and not with any behind the message. */
    private static void assertArrived(String line, int begin, int end, String what) {
        String[] words = line.split(" ", 3);
        String[] range = words[1].split("-");
        assertEquals(what, words[2], line);
        assertTrue(Integer.parseInt(range[0]) <= begin && Integer.parseInt(range[1]) > begin, line);
        assertTrue(Integer.parseInt(range[1]) <= end, line);
    }
}
