/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.panpipe.LoopOptions;
import io.panpipe.Pipe;
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.linux.LinuxKernel;
import io.panpipe.testbed.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The running Linux, with a directory of its own for each test. */
public final class LinuxKernelUnderTest implements ContractKernel {

    private static final Kernel KERNEL = new LinuxKernel();
    private static final Path SOCKETS = Path.of("/proc/net/unix");

    private final Path directory;
    private final Set<String> open = new HashSet<>();
    private static final long PATIENCE_NANOS = Patience.seconds(10).toNanos();

    private static volatile boolean pipesStay;

    private final boolean isAlone;
    private final LoopOptions options;
    private final Map<Long, String> before;
    private int names;

    /**
     * Makes the directory.
     *
     * @param isAlone whether nothing else runs in this JVM, so that every descriptor that is left is the test's
     */
    public LinuxKernelUnderTest(boolean isAlone) {
        this(isAlone, LoopOptions.defaults());
    }

    LinuxKernelUnderTest(boolean isAlone, LoopOptions options) {
        this.isAlone = isAlone;
        this.options = options;
        try {
            directory = Files.createTempDirectory(Path.of("/tmp"), "pp");
            if (isAlone) {
                // The JDK keeps a socket of its own from its first channel on.
                leaveStale(directory + "/0");
                Files.delete(directory.resolve("0"));
                awaitEndedProcesses();
            }
            before = isAlone ? descriptors() : Map.of();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /**
     * Waits until the pipes of processes that earlier tests have ended are gone: a thread of the JDK closes them a moment
     * after the end, and during a test that would look like its doing. What is still there in the end stays for good.
     */
    private static void awaitEndedProcesses() throws IOException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!pipesStay && descriptors().entrySet().stream()
                .anyMatch(open -> open.getKey() > 2 && open.getValue().startsWith("pipe:"))) {
            System.gc();
            pipesStay = System.nanoTime() > deadline;
        }
    }

    /** Returns what each descriptor stands for, but for files that a JVM opens when it likes. */
    private static Map<Long, String> descriptors() throws IOException {
        Map<Long, String> all = Descriptors.VIEW.all();
        all.values().removeIf(target -> !target.matches("(socket|pipe|anon_inode):.*|/tmp/pp.*"));
        return all;
    }

    @Override
    public Kernel kernel() {
        return KERNEL;
    }

    @Override
    public LoopOptions options() {
        return options;
    }

    @Override
    public String freshName() {
        return directory + "/" + ++names;
    }

    @Override
    public boolean has(Trait trait) {
        return true;
    }

    @Override
    public boolean writesInFlight() {
        return false;
    }

    @Override
    public long manyBytes() {
        return 120_000_000;
    }

    @Override
    public boolean exists(String name) {
        return Files.exists(Pipe.pathOf(name), LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public int mode(String name) {
        try {
            return (int) Files.getAttribute(Pipe.pathOf(name), "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void createFile(String name) {
        try {
            Files.writeString(Pipe.pathOf(name), "not a socket");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void remove(String name) {
        try {
            Files.delete(Pipe.pathOf(name));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void leaveStale(String name) {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(Pipe.pathOf(name)));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Notes what each number stands for, since another test of this JVM may be given the number later. */
    @Override
    public void beforeClose(List<Long> descriptors) {
        for (long descriptor : descriptors) {
            String target = Descriptors.VIEW.target(descriptor);
            if (Descriptors.isUnique(target)) {
                open.add(target);
            }
        }
    }

    @Override
    public void assertNothingLeft() {
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(List.of(), files.map(Path::toString).sorted().toList(), "files left");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        try (Stream<String> sockets = sockets()) {
            if (isAlone) {
                assertEquals(before, descriptors(), "descriptors before and after");
            }
            assertEquals(List.of(), Descriptors.VIEW.all().values().stream().filter(open::contains).toList(),
                    "descriptors left");
            assertEquals(List.of(), sockets.filter(line -> line.contains(directory + "/")).toList(), "sockets left");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Stream<String> sockets() throws IOException {
        return Files.exists(SOCKETS) ? Files.lines(SOCKETS, StandardCharsets.ISO_8859_1) : Stream.empty();
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
