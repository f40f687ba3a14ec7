/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.NameBytes;
import io.panpipe.internal.linux.LinuxKernel;
import io.panpipe.testbed.SeededRuns;
import io.panpipe.testbed.WatchdogLimit;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Addresses as a system writes them for sockets that strangers have named, and as none should. */
class StrangeAddressTest {

    private static final int FAMILY_BYTES = 2;
    private static final int PATH_BYTES = 108;
    private static final int AF_INET6 = 10;

    @Test
    @Tag("simulated")
    void namesAreReadAsFarAsTheyReach() {
        names(40_000);
    }

    @Test
    @Tag("simulated")
    @Tag("slow")
    @WatchdogLimit("PT1H")
    void namesAreReadAsFarAsTheyReachInMillions() {
        names(2_000_000);
    }

    private static void names(int seeds) {
        SeededRuns.of(StrangeAddressTest.class, "namesAreReadAsFarAsTheyReach", seeds, random -> {
            byte[] address = new byte[FAMILY_BYTES + PATH_BYTES];
            random.nextBytes(address);
            int length = random.nextInt(20) == 0 ? random.nextInt() : random.nextInt(address.length + 20);
            fillName(address, random);
            ByteBuffer expected = name(address, length);
            String read = read(address, length);
            // Whatever the bytes, the text leads back to them.
            byte[] again = NameBytes.encode(read);
            assertNotNull(again, read);
            assertEquals(expected, ByteBuffer.wrap(again), () -> "length " + length + " of " + Arrays.toString(address));
        });
    }

    /** Writes a name that may have anything in it, at its end, or behind that. */
    private static void fillName(byte[] address, Random random) {
        int at = FAMILY_BYTES;
        switch (random.nextInt(6)) {
            case 0 -> {
                return;
            }
            case 1, 2 -> address[at++] = 0;
            default -> {
                // A path.
            }
        }
        int end = random.nextInt(4) == 0 ? address.length : at + random.nextInt(address.length - at + 1);
        String letters = random.nextInt(3) == 0 ? "ab/\0.é€𝄞" : "abc/. \n";
        int[] points = letters.codePoints().toArray();
        while (at < end) {
            byte[] next = Character.toString(points[random.nextInt(points.length)]).getBytes(StandardCharsets.UTF_8);
            int fits = Math.min(next.length, end - at);
            System.arraycopy(next, 0, address, at, fits);
            at += fits;
        }
        if (at < address.length && random.nextInt(3) > 0) {
            address[at] = 0;
        }
    }

    /** Reads a name as unix(7) says; null if it is no text. */
    private static ByteBuffer name(byte[] address, int length) {
        int end = Math.clamp((long) length, FAMILY_BYTES, address.length);
        ByteBuffer name = ByteBuffer.wrap(address, FAMILY_BYTES, end - FAMILY_BYTES);
        boolean isAbstract = name.hasRemaining() && name.get(name.position()) == 0;
        for (int i = FAMILY_BYTES; i < end && !isAbstract; i++) {
            if (address[i] == 0) {
                name.limit(i);
                break;
            }
        }
        return name;
    }

    private static String read(byte[] address, int length) {
        try (Arena arena = Arena.ofConfined()) {
            return UnixAddress.name(Systems.linux(), copy(arena, address), length);
        }
    }

    private static MemorySegment copy(Arena arena, byte[] bytes) {
        MemorySegment copy = arena.allocate(bytes.length, 8);
        MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return copy;
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void internetAddressesAreReadAndCanBeUsedAgain() throws Exception {
        internetAddresses(20_000);
    }

    @Test
    @Tag("slow")
    @WatchdogLimit("PT1H")
    @EnabledOnOs(OS.LINUX)
    void internetAddressesAreReadAndCanBeUsedAgainInMillions() throws Exception {
        internetAddresses(2_000_000);
    }

    private static void internetAddresses(int seeds) throws Exception {
        try (LinuxBench bench = new LinuxBench()) {
            SeededRuns.of(StrangeAddressTest.class, "internetAddressesAreReadAndCanBeUsedAgain", seeds,
                    random -> internetAddress(bench.selector.system, random));
        }
    }

    private static void internetAddress(UnixSystem system, Random random) throws KernelException {
        boolean ipv6 = random.nextBoolean();
        boolean mapped = ipv6 && random.nextInt(4) == 0;
        byte[] host = new byte[ipv6 ? 16 : 4];
        random.nextBytes(host);
        if (mapped) {
            Arrays.fill(host, 0, 10, (byte) 0);
            Arrays.fill(host, 10, 12, (byte) 0xff);
        }
        int port = random.nextInt(1 << 16);
        int scope = ipv6 && !mapped && random.nextInt(3) == 0 ? 1 + random.nextInt(1000) : 0;
        byte[] address = new byte[FAMILY_BYTES + PATH_BYTES];
        ByteBuffer.wrap(address).order(ByteOrder.nativeOrder())
                .putShort((short) (ipv6 ? system.internet().afInet6() : UnixSystem.AF_INET))
                .put((byte) (port >> 8)).put((byte) port)
                .put(ipv6 ? 8 : 4, host)
                .putInt(24, scope);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment at = copy(arena, address);
            InetSocketAddress read = InternetAddress.get(system, at);
            assertEquals(port, read.getPort());
            assertArrayEquals(mapped ? Arrays.copyOfRange(host, 12, 16) : host, read.getAddress().getAddress());
            assertEquals(scope, read.getAddress() instanceof Inet6Address six ? six.getScopeId() : 0);
            MemorySegment again = arena.allocate(address.length, 8);
            assertEquals(ipv6 ? 28 : 16, InternetAddress.put(system, again, read, ipv6));
            assertEquals(-1, at.mismatch(again), read::toString);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void namesThatTheSystemGivesBackLeadToTheirSockets() throws Exception {
        realNames(1_000);
    }

    @Test
    @Tag("slow")
    @WatchdogLimit("PT1H")
    @EnabledOnOs(OS.LINUX)
    void namesThatTheSystemGivesBackLeadToTheirSocketsManyTimes() throws Exception {
        realNames(100_000);
    }

    private static void realNames(int seeds) throws Exception {
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "pp");
        try (LinuxBench bench = new LinuxBench()) {
            byte[] path = (directory + "/n").getBytes(StandardCharsets.UTF_8);
            byte[] unique = ("\0" + directory.getFileName()).getBytes(StandardCharsets.UTF_8);
            SeededRuns.of(StrangeAddressTest.class, "namesThatTheSystemGivesBackLeadToTheirSockets", seeds,
                    random -> realName(bench, random.nextBoolean() ? path : unique, random));
        } finally {
            Files.delete(directory);
        }
    }

    /** Binds a name with a beginning that keeps it apart from those of others, and anything behind that; or none. */
    private static void realName(LinuxBench bench, byte[] beginning, Random random) throws Exception {
        byte[] address = new byte[FAMILY_BYTES + PATH_BYTES];
        fillName(address, random);
        ByteBuffer.wrap(address).order(ByteOrder.nativeOrder()).putShort((short) UnixSystem.AF_UNIX).put(beginning);
        for (int i = FAMILY_BYTES + beginning.length; i < address.length; i++) {
            if (beginning[0] != 0 && address[i] == '/') {
                address[i] = '-';
            }
        }
        boolean unnamed = random.nextInt(20) == 0;
        int shortest = FAMILY_BYTES + beginning.length;
        int length = unnamed ? FAMILY_BYTES : shortest + random.nextInt(address.length - shortest + 1);
        int server = bench.socket();
        int client = bench.socket();
        try {
            bench.bindAndListen(server, address, length);
            ByteBuffer bytes = name(address, length);
            String read = UnixAddress.ask(bench.selector, server, false);
            if (unnamed) {
                // The system has chosen one.
                assertEquals(6, read.length(), read);
            } else {
                assertEquals(bytes, ByteBuffer.wrap(NameBytes.encode(read)));
            }
            try (UnixAddress again = UnixAddress.of(bench.selector, read, "connect")) {
                assertEquals(0, again.connect(client), read);
            }
            assertEquals(read, UnixAddress.ask(bench.selector, client, true));
            assertEquals("", UnixAddress.ask(bench.selector, client, false));
        } finally {
            bench.close(client);
            bench.close(server);
            if (beginning[0] != 0 && !unnamed) {
                bench.unlink(address, length);
            }
        }
    }

    /** A loop's selector, without the loop, and sockets that it does not watch. */
    private static final class LinuxBench implements AutoCloseable {

        final UnixSelector selector;

        LinuxBench() throws KernelException {
            selector = (UnixSelector) new LinuxKernel().openSelector();
        }

        int socket() throws KernelException {
            return selector.system.check(
                    selector.system.socket(selector.state, UnixSystem.AF_UNIX, UnixSystem.SOCK_STREAM), "socket");
        }

        void bindAndListen(int fd, byte[] address, int length) throws KernelException {
            MemorySegment at = selector.scratch.address();
            MemorySegment.copy(address, 0, at, ValueLayout.JAVA_BYTE, 0, address.length);
            selector.system.check(UnixCalls.bind(selector.state, fd, at.address(), length), "bind");
            selector.system.check(UnixCalls.listen(selector.state, fd, 1), "listen");
        }

        void unlink(byte[] address, int length) throws KernelException {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment path = arena.allocate(address.length);
                MemorySegment.copy(address, FAMILY_BYTES, path, ValueLayout.JAVA_BYTE, 0, length - FAMILY_BYTES);
                selector.system.check(UnixCalls.unlink(selector.state, path.address()), "unlink");
            }
        }

        void close(int fd) {
            UnixCalls.close(selector.state, fd);
        }

        @Override
        public void close() {
            selector.close();
        }
    }
}
