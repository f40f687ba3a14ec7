/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.BindOption;
import io.panpipe.ErrorCode;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.testbed.Python;
import java.io.BufferedReader;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Socket files on Linux, and where another system is no different: long paths, links, directories, and what others do to them. */
@EnabledOnOs(OS.LINUX)
class LinuxFilesTest extends Contract implements LinuxContractTest.OnLinux {

    /** Returns a path of exactly so many bytes, in a directory that exists. */
    private String pathOfLength(int length, String fill) throws Exception {
        StringBuilder directory = new StringBuilder(kernel.freshName());
        while (size(directory.toString()) + 60 < length) {
            directory.append('/').append(fill.repeat(50 / size(fill)));
        }
        Files.createDirectories(Path.of(directory.toString()));
        String path = directory + "/";
        return path + "s".repeat(length - size(path));
    }

    private static int size(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** Deletes the directories of such a path. */
    private static void cleanUp(String path) throws Exception {
        Path first = Path.of("/").resolve(Path.of(path).subpath(0, 3));
        try (var files = Files.walk(first)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void assertServes(String bound, String reached) throws Exception {
        Pipe accepted = pipe();
        Pipe client = pipe();
        Pipe server = pipe();
        server.bind(bound);
        server.listen((listener, error) -> {
            listener.accept(accepted);
            log.add("accepted");
        });
        client.connect(reached, logs("connected"));
        runUntil(() -> log.size() == 2);
        assertEquals(bound, server.localName());
        assertEquals(bound, accepted.localName());
        assertEquals(reached, client.peerName());
        assertEquals(0600, kernel.mode(bound));
        client.write(bytes("hello"), (pipe, error) -> pipe.close());
        Received received = receive(accepted);
        runUntil(() -> received.end() != null);
        assertEquals("hello", received.text());
        assertTrue(kernel.exists(bound));
        server.close();
        assertFalse(kernel.exists(bound));
    }

    @ParameterizedTest
    @ValueSource(ints = {103, 104, 105, 106, 107, 108, 109, 253, 254, 255, 500, 1000, 2000, 3900})
    void pathsOfEveryLengthWork(int length) throws Exception {
        if (length > 1023) {
            needs(Trait.LONG_PATHS);
        }
        String path = pathOfLength(length, "d");
        assertEquals(length, size(path));
        assertServes(path, path);
        cleanUp(path);
    }

    @ParameterizedTest
    @ValueSource(ints = {107, 108, 109, 300})
    void bytesCountAndNotCharacters(int length) throws Exception {
        String path = pathOfLength(length, "\u20ac");
        assertServes(path, path);
        cleanUp(path);
    }

    @Test
    void aLongPathMayBeReplacedWhenItIsStale() throws Exception {
        String path = pathOfLength(300, "d");
        String stale = kernel.freshName();
        kernel.leaveStale(stale);
        Files.move(Path.of(stale), Path.of(path));
        PanpipeException error = assertFails(ErrorCode.EADDRINUSE, () -> pipe().bind(path));
        assertTrue(error.getMessage().contains("no process has this socket file bound"), error::getMessage);
        Pipe server = pipe();
        server.bind(path, BindOption.REPLACE_STALE);
        assertFails(ErrorCode.EADDRINUSE, () -> pipe().bind(path, BindOption.REPLACE_STALE));
        server.close();
        assertFalse(kernel.exists(path));
        cleanUp(path);
    }

    @Test
    void aLastPartThatIsTooLongSaysSo() throws Exception {
        String path = kernel.freshName() + "/" + "x".repeat(254);
        Files.createDirectories(Path.of(path).getParent());
        PanpipeException error = assertFails(ErrorCode.ENAMETOOLONG, () -> pipe().bind(path));
        assertTrue(error.getMessage().contains("last part"), error::getMessage);
        pipe().connect(path, logs("connect"));
        run();
        assertEquals(List.of("connect ENAMETOOLONG"), log);
        Files.delete(Path.of(path).getParent());
    }

    @Test
    void aMissingDirectorySaysSo() {
        PanpipeException error = assertFails(ErrorCode.ENOENT, () -> pipe().bind(kernel.freshName() + "/x"));
        assertTrue(error.getMessage().contains("directory"), error::getMessage);
        String deep = kernel.freshName() + "/d".repeat(100) + "/x";
        assertFails(ErrorCode.ENOENT, () -> pipe().bind(deep));
    }

    @Test
    void aDirectoryThatIsThereIsNotSaidToBeMissing() {
        PanpipeException slash = assertFails(ErrorCode.ENOENT, () -> pipe().bind(kernel.freshName() + "/"));
        assertTrue(slash.getMessage().endsWith("a socket's name does not end in a slash"), slash::getMessage);
        PanpipeException proc = assertFails(ErrorCode.ENOENT, () -> pipe().bind("/proc/x.sock"));
        assertTrue(proc.getMessage().endsWith("its directory takes no such file"), proc::getMessage);
    }

    /** The JDK lists, binds and connects to files whose names are Latin-1; so do their names and paths here. */
    @Test
    void whatTheJdkReachesIsReached() throws Exception {
        Path directory = Files.createDirectory(Path.of(kernel.freshName()));
        Path made = Path.of(URI.create("file://" + directory + "/%ff%fe.sock"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(made));
            Path listed;
            try (var files = Files.list(directory)) {
                listed = files.findFirst().orElseThrow();
            }
            Pipe client = pipe();
            client.connect(listed, logs("connected"));
            runUntil(() -> !log.isEmpty());
            assertEquals(List.of("connected"), log);
            assertEquals(made, Pipe.pathOf(client.peerName()));
            log.clear();
            pipe().connect(client.peerName(), logs("again"));
            runUntil(() -> !log.isEmpty());
            assertEquals(List.of("again"), log);
        }
        Files.delete(made);
        Pipe server = pipe();
        server.bind(made);
        server.listen(logs("connection"));
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(made))) {
            assertEquals(made, ((UnixDomainSocketAddress) client.getRemoteAddress()).getPath());
            assertEquals(made, Pipe.pathOf(server.localName()));
        }
        server.close();
        Files.delete(directory);
    }

    @Test
    void whoeverHasTheDirectoryLockedIsNoRival() throws Exception {
        String name = kernel.freshName();
        kernel.leaveStale(name);
        Process stranger = new ProcessBuilder(Python.interpreter(), "-c", """
                import fcntl, os, sys
                fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX)
                print('locked', flush=True)
                sys.stdin.read()
                """, Path.of(name).getParent().toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader told = stranger.inputReader()) {
            assertEquals("locked", told.readLine());
            Pipe server = pipe();
            server.bind(name, BindOption.REPLACE_STALE);
            server.close();
        } finally {
            stranger.destroyForcibly().waitFor();
        }
        assertFalse(kernel.exists(name));
    }

    @Test
    void aKindThatIsNoSocketIsNamed() throws Exception {
        String directory = kernel.freshName();
        Files.createDirectory(Path.of(directory));
        String link = kernel.freshName();
        Files.createSymbolicLink(Path.of(link), Path.of(directory));
        for (BindOption[] options : new BindOption[][] {{}, {BindOption.REPLACE_STALE}}) {
            PanpipeException error = assertFails(ErrorCode.EADDRINUSE, () -> pipe().bind(directory, options));
            assertTrue(error.getMessage().contains("it is a directory, not a"), error::getMessage);
            PanpipeException other = assertFails(ErrorCode.EADDRINUSE, () -> pipe().bind(link, options));
            assertTrue(other.getMessage().contains("it is a symbolic link, not a"), other::getMessage);
        }
        pipe().connect(directory, (pipe, error) -> log.add(error.getMessage()));
        run();
        assertTrue(log.getFirst().endsWith("it is a directory, not a socket"), log::getFirst);
        Files.delete(Path.of(link));
        Files.delete(Path.of(directory));
    }

    @Test
    void aFileAsDirectoryIsEnotdir() {
        String file = kernel.freshName();
        kernel.createFile(file);
        assertFails(ErrorCode.ENOTDIR, () -> pipe().bind(file + "/x"));
        pipe().connect(file + "/x", logs("connect"));
        run();
        assertEquals(List.of("connect ENOTDIR"), log);
        kernel.remove(file);
    }

    @Test
    void linksLeadToTheServerAndAreNotReplaced() throws Exception {
        String name = kernel.freshName();
        String link = kernel.freshName();
        Files.createSymbolicLink(Path.of(link), Path.of(name));
        assertServes(name, name);
        for (BindOption[] options : new BindOption[][] {{}, {BindOption.REPLACE_STALE}}) {
            assertFails(ErrorCode.EADDRINUSE, () -> pipe().bind(link, options));
        }
        log.clear();
        Pipe server = listening(name, logs("connection"));
        pipe().connect(link, logs("connected"));
        runUntil(() -> log.size() == 2);
        server.close();
        assertTrue(Files.isSymbolicLink(Path.of(link)));
        kernel.remove(link);
    }

    @Test
    void aDirectoryIsNoName() throws Exception {
        String directory = kernel.freshName();
        Files.createDirectory(Path.of(directory));
        assertFails(ErrorCode.EADDRINUSE, () -> pipe().bind(directory));
        assertFails(ErrorCode.EADDRINUSE, () -> pipe().bind(directory, BindOption.REPLACE_STALE));
        pipe().connect(directory, logs("connect"));
        run();
        assertEquals(List.of("connect ECONNREFUSED"), log);
        Files.delete(Path.of(directory));
    }

    @Test
    void aFileThatWasMovedAwayIsLeftAlone() throws Exception {
        String name = kernel.freshName();
        String moved = kernel.freshName();
        Pipe server = listening(name, (listener, error) -> listener.accept(pipe()));
        Files.move(Path.of(name), Path.of(moved));
        boolean[] connected = new boolean[1];
        pipe().connect(moved, (client, error) -> {
            throwIfAny(error);
            connected[0] = true;
        });
        runUntil(() -> connected[0]);
        server.close();
        assertTrue(kernel.exists(moved), "it was bound under another name");
        kernel.remove(moved);
    }

    @Test
    void ofServersThatReplaceAStaleFileAtOnceOneWins() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            for (int round = 0; round < 40; round++) {
                String name = kernel.freshName();
                kernel.leaveStale(name);
                CyclicBarrier start = new CyclicBarrier(3);
                CyclicBarrier bound = new CyclicBarrier(3);
                Callable<String> replace = () -> replace(name, start, bound);
                List<Future<String>> results = threads.invokeAll(List.of(replace, replace, replace));
                int winners = 0;
                for (Future<String> result : results) {
                    winners += result.get().equals("serves") ? 1 : 0;
                }
                assertEquals(1, winners, "round " + round);
                assertFalse(kernel.exists(name));
            }
        }
    }

    private String replace(String name, CyclicBarrier start, CyclicBarrier bound) throws Exception {
        try (Loop own = KernelAccess.loop(kernel.kernel())) {
            Pipe server = new Pipe(own);
            start.await();
            try {
                server.bind(name, BindOption.REPLACE_STALE);
                server.listen((listener, error) -> listener.accept(new Pipe(own)));
            } catch (PanpipeException refused) {
                assertEquals(ErrorCode.EADDRINUSE, refused.code());
                bound.await();
                return "refused";
            }
            bound.await();
            boolean[] reached = new boolean[1];
            new Pipe(own).connect(name, (client, error) -> {
                throwIfAny(error);
                reached[0] = true;
            });
            while (!reached[0]) {
                own.run(RunMode.ONCE);
            }
            return "serves";
        }
    }
}
