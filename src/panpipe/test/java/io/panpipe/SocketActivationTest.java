/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the environment says, and what becomes of each kind of descriptor. A real start is {@code ActivatedEchoTest}'s. */
class SocketActivationTest {

    private static final long PID = 4711;

    @TempDir
    Path directory;

    private static List<ActivatedDescriptor> take(String... variables) {
        return activation(variables).takeOnce();
    }

    private static SocketActivation activation(String... variables) {
        Map<String, String> environment = new HashMap<>();
        for (String variable : variables) {
            String[] parts = variable.split("=", 2);
            environment.put(parts[0], parts[1]);
        }
        return new SocketActivation(environment, PID);
    }

    private static String refusal(String... variables) {
        return assertThrows(IllegalStateException.class, () -> take(variables)).getMessage();
    }

    @Test
    void descriptorsCountFromThreeAndHaveTheirNames() {
        assertEquals(
                List.of(new ActivatedDescriptor("web", 3), new ActivatedDescriptor("control", 4)),
                take("LISTEN_PID=4711", "LISTEN_FDS=2", "LISTEN_FDNAMES=web:control"));
    }

    @Test
    void namesMayBeEmptyAndRepeated() {
        assertEquals(
                List.of(new ActivatedDescriptor("", 3), new ActivatedDescriptor("a", 4), new ActivatedDescriptor("a", 5)),
                take("LISTEN_PID=4711", "LISTEN_FDS=3", "LISTEN_FDNAMES=:a:a"));
    }

    @Test
    void withoutNamesAllAreUnknown() {
        assertEquals(
                List.of(new ActivatedDescriptor("unknown", 3), new ActivatedDescriptor("unknown", 4)),
                take("LISTEN_PID=4711", "LISTEN_FDS=2"));
    }

    @Test
    void theyAreHandedOutOnce() {
        SocketActivation activation = activation("LISTEN_PID=4711", "LISTEN_FDS=1");
        assertEquals(1, activation.takeOnce().size());
        assertEquals(List.of(), activation.takeOnce());
    }

    @Test
    void aProcessThatWasNotActivatedHasNone() {
        assertEquals(List.of(), take());
        assertEquals(List.of(), take("LISTEN_PID=4711"));
        assertEquals(List.of(), take("LISTEN_FDS=1"));
    }

    @Test
    void whatWasMeantForAnotherProcessIsLeftAlone() {
        assertEquals(List.of(), take("LISTEN_PID=4712", "LISTEN_FDS=1"));
        assertEquals(List.of(), take("LISTEN_PID=1", "LISTEN_FDS=not for us to judge"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "0", "-3", "+3", " 3", "3 ", "3.0", "٣", "1048577", "99999999999999999999"})
    void aMalformedCountIsNamed(String count) {
        assertEquals(
                "LISTEN_FDS is not a number from 1 to 1048576: \"" + count + "\"",
                refusal("LISTEN_PID=4711", "LISTEN_FDS=" + count));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "me", "0", "-4711", "4711x", "9999999999"})
    void aMalformedProcessIdIsNamed(String pid) {
        assertEquals(
                "LISTEN_PID is not a number from 1 to 2147483647: \"" + pid + "\"",
                refusal("LISTEN_PID=" + pid, "LISTEN_FDS=1"));
    }

    @Test
    void tooFewAndTooManyNamesAreCounted() {
        assertEquals(
                "LISTEN_FDNAMES has 2 names for the 3 descriptors of LISTEN_FDS: \"a:b\"",
                refusal("LISTEN_PID=4711", "LISTEN_FDS=3", "LISTEN_FDNAMES=a:b"));
        assertEquals(
                "LISTEN_FDNAMES has 3 names for the 2 descriptors of LISTEN_FDS: \"a:b:\"",
                refusal("LISTEN_PID=4711", "LISTEN_FDS=2", "LISTEN_FDNAMES=a:b:"));
    }

    @Test
    void aMalformedVariableIsNotForgottenByTheNextCall() {
        SocketActivation activation = activation("LISTEN_PID=4711", "LISTEN_FDS=x");
        assertThrows(IllegalStateException.class, activation::takeOnce);
        assertThrows(IllegalStateException.class, activation::takeOnce);
    }

    @Test
    void theTestsOwnProcessWasNotActivated() {
        assertEquals(List.of(), SocketActivation.take());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aListeningPipeIsServedAndItsFileStays() throws IOException {
        String name = directory.resolve("socket").toString();
        try (Loop loop = new Loop()) {
            Pipe listener = new Pipe(loop);
            listener.bind(name);
            listener.listen((s, error) -> {});
            Pipe activated = assertInstanceOf(Pipe.class, opened(loop, listener.detach()));
            activated.listen((s, error) -> s.close());
            new Pipe(loop).connect(name, (c, error) -> c.close());
            loop.run();
            assertTrue(activated.closed(), "the connection was announced");
        }
        assertTrue(Files.exists(Path.of(name)));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aTcpListenerIsServed() throws IOException {
        try (Loop loop = new Loop()) {
            Tcp listener = new Tcp(loop);
            listener.bind(new InetSocketAddress("127.0.0.1", 0));
            listener.listen((s, error) -> {});
            Tcp activated = assertInstanceOf(Tcp.class, opened(loop, listener.detach()));
            activated.listen((s, error) -> s.close());
            new Tcp(loop).connect(activated.localAddress(), (c, error) -> c.close());
            loop.run();
            assertTrue(activated.closed(), "the connection was announced");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aConnectionAndAUdpSocketBecomeTheirKinds() throws IOException {
        try (Loop loop = new Loop()) {
            Pipe[] pair = Pipe.pair(loop);
            assertTrue(assertInstanceOf(Pipe.class, opened(loop, pair[0].detach())).writable());
            Udp udp = new Udp(loop);
            udp.bind(new InetSocketAddress("127.0.0.1", 0));
            Udp activated = assertInstanceOf(Udp.class, opened(loop, udp.detach()));
            assertTrue(activated.localAddress().getPort() > 0);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFileBecomesARawDescriptor() throws Exception {
        Path path = Files.createFile(directory.resolve("file"));
        try (Loop loop = new Loop();
                FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            long descriptor = loop.core().selector().duplicate(descriptorOf(path));
            assertEquals(
                    descriptor, assertInstanceOf(RawDescriptor.class, opened(loop, descriptor)).fileno());
            assertTrue(file.isOpen());
        }
    }

    private static long descriptorOf(Path path) throws IOException {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path link : open) {
                // Other tests open and close theirs meanwhile.
                if (Files.exists(link) && Files.isSameFile(link, path)) {
                    return Long.parseLong(link.getFileName().toString());
                }
            }
        }
        throw new AssertionError("not open: " + path);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aDescriptorThatIsNotOpenIsAnErrorWithItsName() throws IOException {
        try (Loop loop = new Loop()) {
            ActivatedDescriptor missing = new ActivatedDescriptor("web", 1_000_000);
            PanpipeException refused = assertThrows(PanpipeException.class, () -> missing.open(loop));
            assertEquals(ErrorCode.EBADF, refused.code());
            assertEquals("web", refused.name());
            assertEquals(List.of(), loop.handles());
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void openingTwiceIsAnErrorAndLeavesNoHandle() throws IOException {
        try (Loop loop = new Loop()) {
            long descriptor = Pipe.pair(loop)[0].detach();
            Handle first = opened(loop, descriptor);
            PanpipeException refused = assertThrows(PanpipeException.class, () -> opened(loop, descriptor));
            assertEquals(ErrorCode.EEXIST, refused.code());
            assertFalse(first.closed());
            loop.run(RunMode.NOWAIT);
            assertEquals(2, loop.handles().size(), "the first and its peer");
        }
    }

    private static Handle opened(Loop loop, long descriptor) throws PanpipeException {
        return new ActivatedDescriptor("test", descriptor).open(loop);
    }
}
