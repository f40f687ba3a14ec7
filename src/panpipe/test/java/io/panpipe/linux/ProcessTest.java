/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.linux;

import static io.panpipe.linux.Scenario.check;
import static io.panpipe.linux.Scenario.checkEquals;
import static io.panpipe.linux.Scenario.checkFails;
import static io.panpipe.linux.Scenario.open;
import static io.panpipe.linux.Scenario.pass;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.BindOption;
import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.PeerCredentials;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.StreamCallback;
import io.panpipe.testbed.ScenarioJvm;
import io.panpipe.testbed.ScenarioMain;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/** What takes a process of its own: its standard streams, its user and its directory. */
@EnabledOnOs(OS.LINUX)
class ProcessTest {

    @TempDir(factory = ShortTemp.class)
    private Path directory;

    /** A directory that every user may enter, with a path short enough for a socket. */
    static final class ShortTemp implements TempDirFactory {
        @Override
        public Path createTempDirectory(
                AnnotatedElementContext element,
                ExtensionContext context) throws IOException {
            Path made = Files.createTempDirectory(Path.of("/tmp"), "pp");
            return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private static final ScenarioJvm NOBODY = new Child().asNobody().shared(Scenarios.class);
    private static ScenarioJvm child;

    @BeforeAll
    static void begin(@TempDir Path home) {
        child = new Child().in(home).shared(Scenarios.class);
    }

    @AfterAll
    static void end() {
        child.close();
        NOBODY.close();
    }

    private String name() {
        return directory + "/s";
    }

    // Standard streams.

    @Test
    void standardInputIsCopiedToStandardOutput() throws Exception {
        copy(new Child());
    }

    @Test
    void standardStreamsOfAnotherUserAreCopied() throws Exception {
        copy(new Child().asNobody());
    }

    private static void copy(Child child) throws Exception {
        Process process = child.process(Scenarios.class, "cat").redirectError(ProcessBuilder.Redirect.INHERIT).start();
        byte[] data = Scenario.pattern(3_000_000);
        Thread feeder = Thread.ofPlatform().daemon().start(() -> {
            try (OutputStream in = process.getOutputStream()) {
                in.write(data);
            } catch (IOException broken) {
                // The child's exit status tells.
            }
        });
        byte[] copied = process.getInputStream().readAllBytes();
        Child.assertSucceeds(process, "");
        assertArrayEquals(data, copied);
        feeder.join();
    }

    @Test
    void aReaderOfStandardOutputThatGoesIsEpipe() throws Exception {
        Process process = new Child().process(Scenarios.class, "yes").redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.getInputStream().readNBytes(10);
        process.getInputStream().close();
        Child.assertSucceeds(process, "");
    }

    // Users.

    @Test
    void theModeIsSetWhateverTheUmask() throws Exception {
        child.run("modes", name());
    }

    @Test
    void anotherUserConnectsOnlyIfPermitted() throws Exception {
        try (Loop loop = new Loop(); Pipe server = new Pipe(loop)) {
            server.bind(name());
            server.listen((listener, error) -> listener.accept(new Pipe(loop)));
            NOBODY.run("isRefused", name());
            server.permissions(PosixFilePermissions.fromString("rw-rw-rw-"));
            NOBODY.run("isAdmitted", name());
            loop.run(RunMode.NOWAIT);
        }
    }

    @Test
    void anotherUserCannotBindWhereItMayNotWrite() throws Exception {
        NOBODY.run("mayNotBind", name());
        assertTrue(Files.notExists(Path.of(name())));
    }

    @Test
    void peerCredentialsTellTheOtherProcess() throws Exception {
        try (Loop loop = new Loop(); Pipe server = new Pipe(loop)) {
            server.permissions(PosixFilePermissions.fromString("rw-rw-rw-"));
            server.bind(name());
            List<PeerCredentials> seen = new ArrayList<>();
            server.listen((listener, error) -> {
                Pipe connection = new Pipe(loop);
                listener.accept(connection);
                seen.add(connection.peerCredentials());
                listener.close();
                connection.close();
            });
            ScenarioJvm.Task client = (Child.isRoot() ? NOBODY : child).start("isAdmitted", name());
            FutureTask<String> end = new FutureTask<>(client::output);
            Thread.ofPlatform().start(() -> {
                end.run();
                loop.execute(server::close);
            });
            loop.run();
            end.get();
            assertEquals(client.pid(), seen.getFirst().pid());
            if (Child.isRoot()) {
                assertEquals(new PeerCredentials(client.pid(), 65534, 65534, null), seen.getFirst());
            }
        }
    }

    // Names.

    @Test
    void relativeNamesWork() throws Exception {
        child.run("relative");
    }

    @Test
    void aStaleFileIsReplacedWhereItsDirectoryCannotBeRead() throws Exception {
        NOBODY.run("replacesUnread");
    }

    /** Run in the child. */
    static final class Scenarios {

        private Scenarios() {}

        private static String name() {
            return ScenarioMain.arguments().getFirst();
        }

        static void cat() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe in = open(loop, 0);
                in.pipeTo(open(loop, 1), (pipe, error) -> pass(error));
                loop.run();
            }
        }

        static void yes() throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe out = open(loop, 1);
                List<ErrorCode> ends = new ArrayList<>();
                byte[] line = "y\n".repeat(1000).getBytes(StandardCharsets.UTF_8);
                StreamCallback<Pipe> again = new StreamCallback<>() {
                    @Override
                    public void call(Pipe pipe, PanpipeException error) {
                        if (error == null) {
                            pipe.write(line, this);
                        } else {
                            ends.add(error.code());
                        }
                    }
                };
                out.write(line, again);
                loop.run();
                checkEquals(List.of(ErrorCode.EPIPE), ends);
            }
        }

        @SuppressWarnings("restricted")
        static void modes() throws Throwable {
            Linker linker = Linker.nativeLinker();
            MethodHandle umask = linker.downcallHandle(linker.defaultLookup().find("umask").orElseThrow(),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            int before = (int) umask.invokeExact(0);
            for (int mask : new int[] {0, 0077, 0777}) {
                int last = (int) umask.invokeExact(mask);
                check(last >= 0, last);
                for (String mode : List.of("rw-------", "rwxrwxrwx", "rw-rw-rw-", "---------")) {
                    isBoundWith(mode);
                }
            }
            checkEquals(0777, (int) umask.invokeExact(before));
        }

        private static void isBoundWith(String mode) throws Exception {
            try (Loop loop = Scenario.loop()) {
                Pipe server = new Pipe(loop);
                if (!mode.equals("rw-------")) {
                    server.permissions(PosixFilePermissions.fromString(mode));
                }
                server.bind(name());
                checkEquals(mode, PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(Path.of(name()), LinkOption.NOFOLLOW_LINKS)));
            }
        }

        private static String connect() throws Exception {
            List<String> results = new ArrayList<>();
            try (Loop loop = Scenario.loop()) {
                new Pipe(loop).connect(name(), (pipe, error) -> results.add(error == null ? "" : error.code().name()));
                loop.run();
            }
            return results.getFirst();
        }

        static void isRefused() throws Exception {
            checkEquals("EACCES", connect());
        }

        static void isAdmitted() throws Exception {
            checkEquals("", connect());
        }

        static void mayNotBind() throws Exception {
            try (Loop loop = Scenario.loop()) {
                checkFails(ErrorCode.EACCES, () -> new Pipe(loop).bind(name()));
            }
        }

        static void replacesUnread() throws Exception {
            Path directory = Files.createTempDirectory(Path.of("/tmp"), "pp");
            Path name = directory.resolve("s");
            try (ServerSocketChannel gone = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                gone.bind(UnixDomainSocketAddress.of(name));
            }
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("-wx-wx-wx"));
            try (Loop loop = Scenario.loop()) {
                new Pipe(loop).bind(name, BindOption.REPLACE_STALE);
                checkFails(ErrorCode.EADDRINUSE, () -> new Pipe(loop).bind(name, BindOption.REPLACE_STALE));
            }
            check(Files.notExists(name), name);
            Files.delete(directory);
        }

        static void relative() throws Exception {
            String deep = "d".repeat(120) + "/s";
            Files.createDirectory(Path.of("d".repeat(120)));
            for (String name : List.of("s", "./s", deep)) {
                try (Loop loop = Scenario.loop()) {
                    Pipe server = new Pipe(loop);
                    server.bind(name);
                    server.listen((listener, error) -> {
                        listener.accept(new Pipe(loop));
                        listener.close();
                    });
                    checkEquals(name, server.localName());
                    new Pipe(loop).connect(name, (pipe, error) -> pass(error));
                    loop.run();
                }
                check(Files.notExists(Path.of(name)), name);
            }
        }
    }
}
