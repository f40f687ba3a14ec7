/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.BindOption;
import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that are files: their modes, what becomes of them under others' hands, and what dead servers leave. */
public abstract class FileNamesContract extends Contract {

    // Names that are no text.

    @ParameterizedTest
    @ValueSource(strings = {"\udcff\udcfe.sock", "\udce9", "\u00e4\udce2\udc82/x", "\ud83d\ude00\udcff"})
    void bytesThatAreNotUtf8MakeANameThatIsReadBack(String part) throws Exception {
        String name = kernel.freshName() + part.replace('/', '-');
        Ends ends = connected(name);
        assertEquals(name, ends.a().peerName());
        assertEquals(name, ends.b().localName());
        assertTalks(ends);
        String stale = name + 2;
        kernel.leaveStale(stale);
        assertTrue(kernel.exists(stale));
        PanpipeException error = assertFails(ErrorCode.EADDRINUSE, () -> pipe().bind(stale));
        assertTrue(error.getMessage().contains("\\x"), error::getMessage);
        assertEquals(stale, error.name());
        Pipe server = pipe();
        server.bind(stale, BindOption.REPLACE_STALE);
        server.close();
        assertFalse(kernel.exists(stale));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud800", "\udc00x", "\udc7f", "\udd00", "\ud83d"})
    void halfASurrogatePairIsEinvalAndNoOtherName(String half) throws Exception {
        String name = kernel.freshName();
        Pipe server = pipe();
        for (BindOption[] options : new BindOption[][] {{}, {BindOption.REPLACE_STALE}}) {
            assertFails(ErrorCode.EINVAL, () -> server.bind(name + half, options));
        }
        assertFails(ErrorCode.EINVAL, () -> server.bind("\0" + name + half));
        assertFalse(kernel.exists(name + "?"));
        pipe().connect(name + half, logs("path"));
        pipe().connect("\0" + name + half, logs("abstract"));
        pipe().connect("/x".repeat(100) + half, logs("long"));
        run();
        assertEquals(List.of("abstract EINVAL", "long EINVAL", "path EINVAL"), log.stream().sorted().toList());
    }

    @Test
    void pathsAreNames() throws Exception {
        String name = kernel.freshName();
        Pipe server = pipe();
        server.bind(Path.of(name));
        Pipe accepted = pipe();
        server.listen((listener, error) -> {
            listener.accept(accepted);
            log.add("accepted");
        });
        pipe().connect(Path.of(name), logs("connected"));
        pipe().connect(Path.of(name), Duration.ofSeconds(1), logs("connected"));
        runUntil(() -> log.size() >= 3);
        assertEquals(name, accepted.localName());
        assertEquals(Path.of(name), Pipe.pathOf(server.localName()));
        assertEquals(name, Pipe.nameOf(Path.of(name)));
    }

    @Test
    void pathsOfOtherFileSystemsAreNoNames() throws Exception {
        Path elsewhere = Path.of(URI.create("jrt:/java.base"));
        assertThrows(IllegalArgumentException.class, () -> Pipe.nameOf(elsewhere));
        assertThrows(IllegalArgumentException.class, () -> pipe().bind(elsewhere));
        assertThrows(IllegalArgumentException.class, () -> pipe().connect(elsewhere, logs("connected")));
    }

    @Test
    void aLinkThatLeadsToNothingIsNoName() throws Exception {
        String name = kernel.freshName();
        String link = kernel.freshName();
        assumeTrue(Files.isDirectory(Path.of(link).toAbsolutePath().getParent()), "not here: names are no files of this system");
        Files.createSymbolicLink(Path.of(link), Path.of(name));
        for (BindOption[] options : new BindOption[][] {{}, {BindOption.REPLACE_STALE}}) {
            PanpipeException error = assertFails(ErrorCode.EADDRINUSE, () -> pipe().bind(link, options));
            assertTrue(error.getMessage().contains("it is a symbolic link, not a"), error::getMessage);
            assertFalse(kernel.exists(name), "the socket was made where the link leads");
        }
        assertTrue(Files.isSymbolicLink(Path.of(link)));
        kernel.remove(link);
    }

    @Test
    void namesAreToldWhenThePeerHasGone() throws Exception {
        String name = kernel.freshName();
        Ends clients = connected(name);
        clients.b().close();
        Received atClient = receive(clients.a());
        assertEquals(0, atClient.size());
        assertEquals(name, clients.a().peerName());
        Ends servers = connected(name);
        servers.a().close();
        receive(servers.b());
        assertEquals("", servers.b().peerName());
        assertEquals(name, servers.b().localName());
    }

    // Modes.

    @Test
    void theModeIs0600AtFirst() throws Exception {
        String name = kernel.freshName();
        pipe().bind(name);
        assertEquals(0600, kernel.mode(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-rw-rw-", "rwxrwxrwx", "rw-rw----", "-w--w--w-", "---------", "rw-r--r--"})
    void permissionsBeforeBindAreTheModeWhateverTheUmask(String permissions) throws Exception {
        String name = kernel.freshName();
        Pipe server = pipe();
        server.permissions(PosixFilePermissions.fromString(permissions));
        server.bind(name);
        assertEquals(permissions, permissions(name));
    }

    private String permissions(String name) {
        int mode = kernel.mode(name);
        Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            if ((mode & 0400 >> permission.ordinal()) != 0) {
                set.add(permission);
            }
        }
        return PosixFilePermissions.toString(set);
    }

    @Test
    void permissionsChangeTheModeOfANameThatIsBound() throws Exception {
        String name = kernel.freshName();
        Pipe server = listening(name, logs("connection"));
        server.permissions(PosixFilePermissions.fromString("rw-rw-rw-"));
        assertEquals(0666, kernel.mode(name));
        server.permissions(PosixFilePermissions.fromString("rw-------"));
        assertEquals(0600, kernel.mode(name));
    }

    @Test
    void permissionsOfANameThatLeadsElsewhereFail() throws Exception {
        String name = kernel.freshName();
        Pipe server = pipe();
        server.bind(name);
        kernel.remove(name);
        assertFails(ErrorCode.ENOENT, () -> server.permissions(PosixFilePermissions.fromString("rw-rw-rw-")));
        Pipe successor = pipe();
        successor.bind(name);
        assertFails(ErrorCode.ENOENT, () -> server.permissions(PosixFilePermissions.fromString("rw-rw-rw-")));
        assertEquals(0600, kernel.mode(name), "the successor's is untouched");
    }

    // Ends of names.

    @Test
    void closeLeavesASuccessorsNameAlone() throws Exception {
        String name = kernel.freshName();
        Pipe old = listening(name, logs("connection"));
        kernel.remove(name);
        Pipe successor = listening(name, (listener, error) -> listener.accept(pipe()));
        old.close();
        run(RunMode.NOWAIT);
        assertTrue(kernel.exists(name));
        assertServes(name);
        successor.close();
        assertFalse(kernel.exists(name));
    }

    @Test
    void closeLeavesAFileOfThatNameAlone() throws Exception {
        String name = kernel.freshName();
        Pipe server = pipe();
        server.bind(name);
        kernel.remove(name);
        kernel.createFile(name);
        server.close();
        run();
        assertTrue(kernel.exists(name));
        kernel.remove(name);
    }

    @Test
    void closeOfANameThatIsGoneWorks() throws Exception {
        String name = kernel.freshName();
        Pipe server = pipe();
        server.bind(name);
        kernel.remove(name);
        server.close(notes("closed"));
        run();
        assertEquals(List.of("closed"), log);
    }

    // What dead servers leave.

    @Test
    void aStaleNameIsEaddrinuseAndTheMessageSaysSo() throws Exception {
        String name = kernel.freshName();
        kernel.leaveStale(name);
        PanpipeException error = assertFails(ErrorCode.EADDRINUSE, () -> pipe().bind(name));
        assertTrue(error.getMessage().contains("no process has this socket file bound any more"), error::getMessage);
        assertTrue(error.getMessage().contains("BindOption.REPLACE_STALE"), error::getMessage);
        assertTrue(kernel.exists(name), "it is left alone");
        kernel.remove(name);
    }

    @Test
    void aStaleNameIsReplacedOnRequest() throws Exception {
        String name = kernel.freshName();
        kernel.leaveStale(name);
        Pipe server = pipe();
        server.bind(name, BindOption.REPLACE_STALE);
        server.listen((listener, error) -> listener.accept(pipe()));
        assertEquals(0600, kernel.mode(name));
        assertServes(name);
        server.close();
        assertFalse(kernel.exists(name));
    }

    @Test
    void replaceStaleLeavesAFileAlone() throws Exception {
        String name = kernel.freshName();
        kernel.createFile(name);
        PanpipeException error =
                assertFails(ErrorCode.EADDRINUSE, () -> pipe().bind(name, BindOption.REPLACE_STALE));
        assertTrue(error.getMessage().contains("file"), error::getMessage);
        assertTrue(kernel.exists(name));
        PanpipeException plain = assertFails(ErrorCode.EADDRINUSE, () -> pipe().bind(name));
        assertTrue(plain.getMessage().contains("file, not a socket"), plain::getMessage);
        pipe().connect(name, (client, refused) -> log.add(refused.getMessage()));
        run();
        assertTrue(log.getFirst().contains("file, not a socket"), log::getFirst);
        kernel.remove(name);
    }

    @Test
    void aNameThatNobodyListensOnIsEconnrefused() throws Exception {
        String bound = kernel.freshName();
        pipe().bind(bound);
        String stale = kernel.freshName();
        kernel.leaveStale(stale);
        String file = kernel.freshName();
        kernel.createFile(file);
        pipe().connect(bound, logs("bound"));
        pipe().connect(stale, logs("stale"));
        pipe().connect(file, logs("file"));
        run();
        assertEquals(List.of("bound ECONNREFUSED", "file ECONNREFUSED", "stale ECONNREFUSED"),
                log.stream().sorted().toList());
        kernel.remove(stale);
        kernel.remove(file);
    }
}
