/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.KernelAccess;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which names there are, and what each end tells of them. */
public abstract class NamesContract extends Contract {

    private static String uniqueAbstract() {
        return "\0panpipe-" + UUID.randomUUID();
    }

    /** Connects by a name and returns both ends. */
    private Ends connect(String name) throws PanpipeException {
        Pipe accepted = pipe();
        Pipe client = pipe();
        Pipe server = pipe();
        server.bind(name);
        server.listen((listener, error) -> {
            listener.accept(accepted);
            log.add("accepted");
        });
        client.connect(server.localName(), logs("connected"));
        runUntil(() -> log.size() == 2);
        log.clear();
        server.close();
        run(RunMode.NOWAIT);
        return new Ends(client, accepted);
    }

    private void assertTalks(Ends ends) throws Exception {
        Received received = receive(ends.b());
        ends.a().write(bytes("hello"), (a, error) -> a.close());
        runUntil(() -> received.end() != null);
        assertEquals("hello", received.text());
    }

    @Test
    void bothEndsTellTheServersName() throws Exception {
        String name = kernel.freshName();
        Ends ends = connect(name);
        assertEquals(name, ends.a().peerName());
        assertEquals(name, ends.b().localName());
        assertEquals("", ends.a().localName());
        assertEquals("", ends.b().peerName());
        assertTalks(ends);
    }

    @Test
    void anAbstractNameWorks() throws Exception {
        String name = uniqueAbstract();
        Ends ends = connect(name);
        assertEquals(name, ends.a().peerName());
        assertEquals(name, ends.b().localName());
        assertTalks(ends);
    }

    @Test
    void anAbstractNameVanishesWithItsSocket() throws Exception {
        String name = uniqueAbstract();
        Pipe server = listening(name, logs("connection"));
        assertFails(ErrorCode.EADDRINUSE, () -> pipe().bind(name));
        server.close();
        run(RunMode.NOWAIT);
        pipe().connect(name, logs("connect"));
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("connect ECONNREFUSED"), log);
        Pipe next = pipe();
        next.bind(name);
        assertEquals(name, next.localName());
    }

    @Test
    void anAbstractNameMayContainNulAndMoreThanAscii() throws Exception {
        String name = uniqueAbstract() + "\0inner\0\u00e4\u20ac\0";
        Ends ends = connect(name);
        assertEquals(name, ends.a().peerName());
        assertEquals(name, ends.b().localName());
        assertTalks(ends);
    }

    @Test
    void anAbstractNameOfFullLengthWorksAndALongerOneFails() throws Exception {
        String full = (uniqueAbstract() + "x".repeat(108)).substring(0, 108);
        Ends ends = connect(full);
        assertEquals(full, ends.a().peerName());
        assertTalks(ends);
        PanpipeException error = assertFails(ErrorCode.ENAMETOOLONG, () -> pipe().bind(full + "x"));
        assertTrue(error.getMessage().contains("107"), error::getMessage);
        pipe().connect(full + "x", logs("connect"));
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("connect ENAMETOOLONG"), log);
    }

    @Test
    void anAbstractNameHasNoPermissions() throws Exception {
        Pipe server = pipe();
        server.bind(uniqueAbstract());
        assertFails(ErrorCode.EINVAL, () -> server.permissions(Set.of(PosixFilePermission.OWNER_WRITE)));
    }

    @Test
    void messagesShowTheNulOfAnAbstractName() throws Exception {
        String name = uniqueAbstract();
        pipe().bind(name);
        PanpipeException error = assertFails(ErrorCode.EADDRINUSE, () -> pipe().bind(name));
        assertTrue(error.getMessage().contains("@panpipe-"), error::getMessage);
        assertFalse(error.getMessage().contains("\0"), error::getMessage);
        assertEquals(name, error.name(), "the name itself is as it was given");
    }

    @Test
    void anEmptyNameIsOneThatTheSystemPicks() throws Exception {
        Pipe first = pipe();
        Pipe second = pipe();
        first.bind("");
        second.bind("");
        assertTrue(first.localName().matches("\0[0-9a-f]{5}"), first.localName());
        assertNotEquals(first.localName(), second.localName());
        first.close();
        assertTalks(connect(""));
    }

    @Test
    void aPathWithNulIsEinval() throws Exception {
        String name = kernel.freshName();
        assertFails(ErrorCode.EINVAL, () -> pipe().bind(name + "\0x"));
        assertFalse(kernel.exists(name), "nothing is cut");
    }

    @Test
    void aPathThatNoPathCanBeSoLongIsEnametoolong() {
        assertFails(ErrorCode.ENAMETOOLONG, () -> pipe().bind(kernel.freshName() + "/x".repeat(3000)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00e4\u00f6\u00fc\u20ac", "with space", "new\nline", "quote\"'", "-dash", "\ud83d\ude00"})
    void unusualPathsWork(String part) throws Exception {
        String name = kernel.freshName() + part;
        Ends ends = connect(name);
        assertEquals(name, ends.a().peerName());
        assertEquals(name, ends.b().localName());
        assertTalks(ends);
    }

    @Test
    void portableNameIsOneThatCanBeBound() throws Exception {
        String name = KernelAccess.portableName(kernel.kernel(), "panpipe-" + UUID.randomUUID());
        Ends ends = connect(name);
        assertEquals(name, ends.a().peerName());
        assertTalks(ends);
        assertFalse(kernel.exists(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "a\\b", "a\0b", "/"})
    void portableNameTakesPlainNamesOnly(String name) {
        assertThrows(IllegalArgumentException.class, () -> KernelAccess.portableName(kernel.kernel(), name));
    }

    @Test
    void aPairHasNoNames() throws Exception {
        Ends ends = ends();
        assertEquals("", ends.a().localName());
        assertEquals("", ends.a().peerName());
    }

    @Test
    void peerCredentialsAreThisProcesss() throws Exception {
        Ends ends = connected();
        assertEquals(ends.a().peerCredentials(), ends.b().peerCredentials());
        assertTrue(ends.a().peerCredentials().pid() > 0);
        assertEquals(ends().a().peerCredentials(), ends.a().peerCredentials());
        assertEquals(null, ends.a().peerCredentials().sid());
        assertFails(ErrorCode.EBADF, () -> pipe().peerCredentials());
        Pipe bound = pipe();
        bound.bind(kernel.freshName());
        assertFails(ErrorCode.ENOTCONN, bound::peerCredentials);
    }

    @Test
    void namesAndCredentialsNeedADescriptor() {
        Pipe fresh = pipe();
        assertFails(ErrorCode.EBADF, fresh::localName);
        assertFails(ErrorCode.EBADF, fresh::peerName);
        assertFails(ErrorCode.EBADF, fresh::fileno);
    }
}
