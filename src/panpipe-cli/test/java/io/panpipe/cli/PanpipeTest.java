/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import picocli.CommandLine.TypeConversionException;

/** The parts of the command that can be judged from inside, and how it answers wrong usage. */
final class PanpipeTest {

    @Test
    @EnabledOnOs(OS.LINUX)
    void wrongUsageIsToldInTwoLines() throws Exception {
        try (Child command = Child.panpipe("proxy", "@same", "@same")) {
            assertEquals(2, command.exitCode());
            assertEquals("panpipe: FROM and TO are the same: the proxy would call itself\n"
                    + "Try 'panpipe proxy --help'.\n", command.error());
        }
        try (Child command = Child.panpipe("listen", "--backlog", "many", "x")) {
            assertEquals(2, command.exitCode());
            assertEquals("panpipe: Invalid value for option '--backlog': "
                    + "'many' is no whole number from 1 to 999999999\n"
                    + "Try 'panpipe listen --help'.\n", command.error());
        }
    }

    /** Calls the command wrongly, in this JVM, and returns the reason that it tells. */
    private static String refusal(String... arguments) {
        PrintStream before = System.err;
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        System.setErr(new PrintStream(told, true));
        try {
            assertEquals(2, Panpipe.run(arguments), told::toString);
        } finally {
            System.setErr(before);
        }
        return told.toString().lines().findFirst().orElse("");
    }

    @Test
    void optionsThatMeanNothingAreRefused() {
        assertEquals("panpipe: FROM and TO are the same: the proxy would call itself",
                refusal("proxy", "tcp:8080", "tcp:127.0.0.1:8080"));
        assertEquals("panpipe: --mode is about a socket file, and tcp:127.0.0.1:0 has none",
                refusal("listen", "--mode", "0600", "tcp:0"));
        assertEquals("panpipe: --replace is about a socket file, and tcp:127.0.0.1:0 has none",
                refusal("proxy", "--replace", "tcp:0", "x"));
        assertEquals("panpipe: --max-children is about the programs of --exec",
                refusal("listen", "--max-children", "2", "x"));
        assertEquals("panpipe: --append is about the file of --dump-file", refusal("listen", "--append", "x"));
        assertEquals("panpipe: --send-only and --recv-only are about standard streams, which --echo and --exec leave"
                + " alone", refusal("listen", "--recv-only", "--echo", "x"));
        assertEquals("panpipe: --send-only, --recv-only are mutually exclusive (specify only one)",
                refusal("connect", "--recv-only", "--send-only", "x"));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void helpAndVersionGoToStandardOutput() throws Exception {
        try (Child command = Child.panpipe("help", "connect")) {
            assertEquals(0, command.exitCode());
            assertTrue(command.output().startsWith("Usage: panpipe connect "), command::output);
            assertTrue(command.output().contains("--timeout=TIME"), command::output);
        }
        try (Child command = Child.panpipe("--version")) {
            assertEquals(0, command.exitCode());
            assertTrue(command.output().matches("panpipe \\S+\n"), command::output);
        }
        try (Child command = Child.panpipe("--help")) {
            assertEquals(0, command.exitCode());
            assertTrue(command.output().contains("129, 130 and 143 "), command::output);
        }
    }

    @Test
    void onWindowsAPlainNameIsOneOfAPipe() {
        assertEquals("\\\\.\\pipe\\demo", OperatingSystem.WINDOWS.pipeName("demo"));
        assertEquals("\\\\.\\pipe\\a/b @c", OperatingSystem.WINDOWS.pipeName("a/b @c"));
        assertEquals("\\\\.\\pipe\\x", OperatingSystem.WINDOWS.pipeName("\\\\.\\pipe\\x"));
        assertThrows(TypeConversionException.class, () -> OperatingSystem.WINDOWS.pipeName("C:\\demo"));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void namesAreReadAsSocatShowsThem() {
        PipeNames names = new PipeNames();
        assertEquals("\0demo", names.convert("@demo"));
        assertEquals("./@demo", names.convert("./@demo"));
        assertEquals("/tmp/x", names.convert("/tmp/x"));
        assertEquals("@demo", PipeNames.printable("\0demo"));
        assertThrows(TypeConversionException.class, () -> names.convert("@"));
        assertThrows(TypeConversionException.class, () -> names.convert(""));
    }

    @Test
    void portsAreReadByTheirPrefix() throws Exception {
        Address.Reader names = new Address.Reader();
        assertEquals("tcp:127.0.0.1:8080", names.convert("tcp:8080").toString());
        assertEquals(names.convert("tcp:127.0.0.1:8080"), names.convert("tcp:8080"));
        assertEquals("tcp:example.org:80", names.convert("tcp:example.org:80").toString());
        assertEquals("tcp:[::1]:80", names.convert("tcp:[::1]:80").toString());
        assertTrue(((TcpAddress) names.convert("tcp:[::1]:80")).literal().isLoopbackAddress());
        for (String address : List.of("tcp:192.0.2.1:80", "tcp:[::]:80", "tcp:[::1]:80", "tcp:[2001:db8::10:0:1]:80")) {
            InetAddress literal = ((TcpAddress) names.convert(address)).literal();
            assertEquals(address, TcpAddress.text(new InetSocketAddress(literal, 80)));
        }
        assertNull(((TcpAddress) names.convert("tcp:300.1.1.1:80")).literal(), "no address, but perhaps a name");
        for (String wrong : List.of("tcp:", "tcp:x", "tcp:65536", "tcp:-1", "tcp::80", "tcp:::1:80", "tcp:[::1:80",
                "tcp:[localhost]:80", "tcp:host", "tcp:host:", "tcp:host:80:80")) {
            TypeConversionException told = assertThrows(TypeConversionException.class, () -> names.convert(wrong));
            assertTrue(told.getMessage().endsWith("; a file of that name is ./" + wrong), told::getMessage);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFileMayBeCalledAsAPort() {
        assertEquals(new PipeAddress("./tcp:80"), new Address.Reader().convert("./tcp:80"));
        assertEquals(new PipeAddress("tcp"), new Address.Reader().convert("tcp"));
    }

    @Test
    void timesAreReadAsSleepTakesThem() {
        Converters.Time times = new Converters.Time();
        assertEquals(Duration.ofSeconds(5), times.convert("5"));
        assertEquals(Duration.ofSeconds(5), times.convert("5s"));
        assertEquals(Duration.ofMillis(1500), times.convert("1.5s"));
        assertEquals(Duration.ofMillis(20), times.convert("20ms"));
        assertEquals(Duration.ofSeconds(90), times.convert("1.5m"));
        assertEquals(Duration.ofHours(2), times.convert("2h"));
        assertThrows(TypeConversionException.class, () -> times.convert("-1s"));
        assertThrows(TypeConversionException.class, () -> times.convert("soon"));
    }

    @Test
    void modesAreReadAsChmodTakesThem() {
        Converters.Mode modes = new Converters.Mode();
        assertEquals(PosixFilePermissions.fromString("rw-rw-rw-"), modes.convert("0666").set());
        assertEquals(PosixFilePermissions.fromString("rwx-w---x"), modes.convert("721").set());
        assertThrows(TypeConversionException.class, () -> modes.convert("888"));
        assertThrows(TypeConversionException.class, () -> modes.convert("4755"));
    }

    @Test
    void percentilesAreExactForSmallValuesAndCloseForLargeOnes() {
        Histogram histogram = new Histogram();
        for (int i = 1; i <= 100; i++) {
            histogram.record(i);
        }
        assertEquals(50, histogram.percentile(50));
        assertEquals(99, histogram.percentile(99));
        assertEquals(100, histogram.percentile(99.9));
        histogram.clear();
        for (long i = 1; i <= 100_000; i++) {
            histogram.record(i * 1000);
        }
        assertEquals(100_000, histogram.total());
        assertEquals(50_000_000, histogram.percentile(50), 50_000_000 / 128);
        assertEquals(99_900_000, histogram.percentile(99.9), 99_900_000 / 128);
        assertEquals(100_000_000, histogram.highest());
        histogram.record(Long.MAX_VALUE);
        assertEquals(Long.MAX_VALUE, histogram.percentile(100));
    }

    @Test
    void dumpReadsLikeHexdump() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        HexDump dump = new HexDump(out, new Messages(new PrintStream(out), false));
        byte[] data = new byte[18];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i * 15);
        }
        ByteBuffer buffer = ByteBuffer.wrap(data).position(1);
        dump.data(7, '<', 0x123456789L, buffer);
        assertEquals(1, buffer.position());
        String[] lines = out.toString(StandardCharsets.US_ASCII).split("\n");
        assertTrue(lines[0].matches("#7 < [\\d:.]+ 17 bytes"), lines[0]);
        assertEquals("123456789  0f 1e 2d 3c 4b 5a 69 78  87 96 a5 b4 c3 d2 e1 f0  |..-<KZix........|", lines[1]);
        assertEquals("123456799  ff" + " ".repeat(48) + "|.|", lines[2]);
    }

    @Test
    void messagesMakeWayForEachOther() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Messages messages = new Messages(new PrintStream(out), false);
        messages.live("12345");
        messages.error("gone");
        messages.live("6");
        messages.endLive();
        assertEquals("\r12345\r12345\r     \rpanpipe: gone\n\r6\r6\n", out.toString(StandardCharsets.US_ASCII));
    }
}
