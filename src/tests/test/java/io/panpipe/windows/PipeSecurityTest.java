/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.windows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.PeerCredentials;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may open a pipe, and who has opened it. Wine keeps access lists and does not enforce them. */
class PipeSecurityTest extends WindowsTest {

    private Pipe bound(String permissions) throws PanpipeException {
        Pipe server = new Pipe(loop);
        if (permissions != null) {
            server.permissions(PosixFilePermissions.fromString(permissions));
        }
        server.bind(freshName());
        return server;
    }

    @Test
    void atFirstTheOwnerAloneMayOpenIt() throws Exception {
        String list = Win32.accessList(bound(null).fileno());
        assertTrue(list.startsWith("D:P(A;;"), list);
        assertEquals(list.indexOf('('), list.lastIndexOf('('), list);
        assertFalse(list.contains(";WD)"), list);
    }

    @Test
    void everyInstanceHasTheListOfTheFirst() throws Exception {
        Pipe server = bound(null);
        String name = server.localName();
        String first = Win32.accessList(server.fileno());
        server.listen((listener, error) -> {
            Pipe accepted = new Pipe(loop);
            listener.accept(accepted);
            log.add(Win32.accessList(accepted.fileno()));
        });
        closing(Win32.open(name));
        closing(Win32.open(name));
        runUntil(() -> log.size() == 2);
        assertEquals(first, log.get(0));
        assertEquals(first, log.get(1));
    }

    @Test
    void permissionsBecomeRightsWithoutThatToMakeInstances() throws Exception {
        String list = Win32.accessList(bound("rw-rw-rw-").fileno());
        assertTrue(list.contains("(A;;0x12019b;;;WD)"), list);
        assertEquals(3, list.chars().filter(c -> c == '(').count(), list);
        assertTrue(Win32.accessList(bound("rw----r--").fileno()).contains("(A;;FR;;;WD)"));
        assertFalse(Win32.accessList(bound("rw-rw----").fileno()).contains(";WD)"));
    }

    @Test
    void permissionsOfABoundPipeChange() throws Exception {
        Pipe server = bound(null);
        server.permissions(PosixFilePermissions.fromString("rw-rw-rw-"));
        assertTrue(Win32.accessList(server.fileno()).contains(";WD)"));
        server.listen((listener, error) -> log.add("client"));
        server.permissions(PosixFilePermissions.fromString("rw-------"));
        assertFalse(Win32.accessList(server.fileno()).contains(";WD)"));
    }

    @Test
    void oneDirectionMayBeGrantedAlone() throws Exception {
        String list = Win32.accessList(bound("rw-----w-").fileno());
        assertTrue(list.contains("(A;;0x120112;;;WD)"), list);
    }

    @ParameterizedTest
    @ValueSource(strings = {"---------", "r--------", "rwx------"})
    void theOwnerHasAllRightsWhateverThePermissions(String permissions) throws Exception {
        assertEquals(Win32.accessList(bound(null).fileno()), Win32.accessList(bound(permissions).fileno()));
    }

    @Test
    void permissionsChangeAlsoWhileNoInstanceIsFree() throws Exception {
        Pipe server = bound(null);
        server.listen((listener, error) -> log.add("client"), 1);
        // One is announced and one waits: that is all a backlog of one has room for.
        for (int i = 0; i < 2; i++) {
            int before = log.size();
            new Pipe(loop).connect(server.localName(), (client, error) -> log.add("connected"));
            runUntil(() -> log.size() > before && log.contains("client"));
            for (int turn = 0; turn < 20; turn++) {
                loop.run(RunMode.NOWAIT);
            }
        }
        assertTrue(server.fileno() > 0);
        server.permissions(PosixFilePermissions.fromString("rw-rw-rw-"));
        assertTrue(Win32.accessList(server.fileno()).contains(";WD)"));
    }

    @Test
    void aSecurityDescriptorIsTakenAsItIs() throws Exception {
        Pipe server = new Pipe(loop);
        server.securityDescriptor("D:P(A;;GA;;;BA)(A;;GA;;;OW)");
        server.bind(freshName());
        String list = Win32.accessList(server.fileno());
        assertTrue(list.contains(";BA)") && list.contains(";OW)"), list);
    }

    @Test
    void aSecurityDescriptorThatCannotBeReadIsEinval() throws Exception {
        Pipe server = new Pipe(loop);
        server.securityDescriptor("nonsense");
        PanpipeException refused = assertThrows(PanpipeException.class, () -> server.bind(freshName()));
        assertEquals(ErrorCode.EINVAL, refused.code());
    }

    @Test
    void aNameThatSomeoneElseHasIsEaddrinuse() throws Exception {
        assumeFalse(Win32.isWine(), "Wine lets a second server make the first instance");
        String name = freshName();
        closing(Win32.createPipe(name, Win32.DUPLEX, 0, 10));
        PanpipeException refused = assertThrows(PanpipeException.class, () -> new Pipe(loop).bind(name));
        assertEquals(ErrorCode.EADDRINUSE, refused.code());
    }

    @Test
    void aNameWhoseInstancesAreAllUsedIsEaddrinuse() throws Exception {
        String name = freshName();
        closing(Win32.createPipe(name, Win32.DUPLEX, 0, 1));
        PanpipeException refused = assertThrows(PanpipeException.class, () -> new Pipe(loop).bind(name));
        assertEquals(ErrorCode.EADDRINUSE, refused.code());
    }

    @Test
    void permissionsOfAServerWithoutAnInstanceAreNotThoseOfTheProcess() throws Exception {
        assumeTrue(Win32.isWine(), "a name that two servers share");
        String name = freshName();
        closing(Win32.createPipe(name, Win32.DUPLEX, 0, 2));
        Pipe server = new Pipe(loop);
        server.pendingInstances(1);
        server.bind(name);
        String before = Win32.accessList(-1);
        server.listen((listener, error) -> {
            if (error == null) {
                listener.accept(new Pipe(loop));
            }
            log.add(error == null ? "client" : "none");
        });
        closing(Win32.open(name));
        closing(Win32.open(name));
        runUntil(() -> log.contains("client"));
        server.permissions(PosixFilePermissions.fromString("rw-rw-rw-"));
        assertEquals(before, Win32.accessList(-1));
    }

    @Test
    void namesThatLeadElsewhereAreRefused() throws Exception {
        for (String name : new String[] {"\\\\.\\pipe\\..\\C:\\x", "\\\\.\\pipe\\.", "\\\\.\\pipe\\a/../b",
            "\\\\.\\pipe\\a.", "\\\\.\\pipe\\a "}) {
            PanpipeException refused = assertThrows(PanpipeException.class, () -> new Pipe(loop).bind(name));
            assertEquals(ErrorCode.EINVAL, refused.code(), name);
            new Pipe(loop).connect(name, logs("connect"));
        }
        run();
        assertEquals(java.util.Collections.nCopies(5, "connect EINVAL"), log);
    }

    @Test
    void bothEndsKnowProcessAndUserOfTheOther() throws Exception {
        String name = freshName();
        Pipe server = new Pipe(loop);
        server.bind(name);
        PeerCredentials[] seen = new PeerCredentials[2];
        server.listen((listener, error) -> {
            Pipe accepted = new Pipe(loop);
            listener.accept(accepted);
            seen[0] = accepted.peerCredentials();
        });
        new Pipe(loop).connect(name, (client, error) -> seen[1] = client.peerCredentials());
        runUntil(() -> seen[0] != null && seen[1] != null);
        assertEquals(ProcessHandle.current().pid(), seen[0].pid());
        assertEquals(ProcessHandle.current().pid(), seen[1].pid());
        assertTrue(seen[0].sid().startsWith("S-1-5-"), seen[0].sid());
        assertEquals(seen[0], seen[1]);
    }

    @Test
    void aClientThatStaysAnonymousHasNoUser() throws Exception {
        assumeFalse(Win32.isWine(), "Wine has a server act as its own user, whoever the client is");
        int anonymous = 0x100000;
        String name = freshName();
        Pipe server = new Pipe(loop);
        server.bind(name);
        PeerCredentials[] seen = new PeerCredentials[1];
        server.listen((listener, error) -> {
            Pipe accepted = new Pipe(loop);
            listener.accept(accepted);
            seen[0] = accepted.peerCredentials();
        });
        closing(Win32.open(name, Win32.GENERIC_READ | Win32.GENERIC_WRITE, anonymous));
        runUntil(() -> seen[0] != null);
        assertNull(seen[0].sid());
    }

    @Test
    void askingWhoAClientIsLeavesTheThreadWhoItWas() throws Exception {
        Ends ends = served();
        assertTrue(ends.pipe().peerCredentials().sid().startsWith("S-1-5-"));
        int noToken = 1008;
        try (Arena arena = Arena.ofConfined()) {
            Win32.Answer token = Win32.call("advapi32.dll", "OpenThreadToken", -2, 8, 1,
                    arena.allocate(ValueLayout.JAVA_LONG).address());
            assertFalse(token.isTrue());
            assertEquals(noToken, token.error());
        }
    }

    @Test
    void whatAThreadActsAsAlreadyIsLeftToIt() throws Exception {
        Ends ends = served();
        assertTrue(Win32.call("advapi32.dll", "ImpersonateSelf", 2).isTrue());
        try (Arena arena = Arena.ofConfined()) {
            assertNull(ends.pipe().peerCredentials().sid(), "asking would end it");
            MemorySegment token = arena.allocate(ValueLayout.JAVA_LONG);
            assertTrue(Win32.call("advapi32.dll", "OpenThreadToken", -2, 8, 1, token.address()).isTrue());
            Win32.close(token.get(ValueLayout.JAVA_LONG, 0));
        } finally {
            Win32.call("advapi32.dll", "RevertToSelf");
        }
    }
}
