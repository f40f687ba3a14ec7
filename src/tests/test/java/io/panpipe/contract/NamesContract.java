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
import io.panpipe.PeerCredentials;
import io.panpipe.Pipe;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which names there are, and what each end tells of them. */
public abstract class NamesContract extends Contract {

    @Test
    void bothEndsTellTheServersName() throws Exception {
        String name = kernel.freshName();
        Ends ends = connected(name);
        assertEquals(name, ends.a().peerName());
        assertEquals(name, ends.b().localName());
        assertEquals("", ends.a().localName());
        assertEquals("", ends.b().peerName());
        assertTalks(ends);
    }

    @Test
    @Needs(Trait.EMPTY_NAMES)
    void anEmptyNameIsOneThatTheSystemPicks() throws Exception {
        Pipe first = pipe();
        Pipe second = pipe();
        first.bind("");
        second.bind("");
        assertNotEquals("", first.localName());
        assertNotEquals(first.localName(), second.localName());
        first.close();
        assertTalks(connected(""));
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
        Ends ends = connected(name);
        assertEquals(name, ends.a().peerName());
        assertEquals(name, ends.b().localName());
        assertTalks(ends);
    }

    @Test
    void portableNameIsOneThatCanBeBound() throws Exception {
        String name = KernelAccess.portableName(kernel.kernel(), "panpipe-" + UUID.randomUUID());
        Ends ends = connected(name);
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
        assertFails(ErrorCode.EBADF, () -> pipe().peerCredentials());
        Pipe bound = pipe();
        bound.bind(kernel.freshName());
        assertFails(ErrorCode.ENOTCONN, bound::peerCredentials);
    }

    @Test
    @Needs(Trait.NUMBERED_USERS)
    void peerCredentialsNameUserAndGroupByNumber() throws Exception {
        PeerCredentials peer = ends().a().peerCredentials();
        assertTrue(peer.uid() >= 0 && peer.gid() >= 0, peer::toString);
        assertEquals(null, peer.sid());
    }

    @Test
    @Lacks(Trait.NUMBERED_USERS)
    void peerCredentialsNameTheUserByItsIdentifier() throws Exception {
        PeerCredentials peer = ends().a().peerCredentials();
        assertEquals(ProcessHandle.current().pid(), peer.pid());
        assertTrue(peer.sid().matches("S-1-5(-[0-9]+)+"), peer::toString);
        assertEquals(-1, peer.uid());
        assertEquals(-1, peer.gid());
    }

    @Test
    void namesAndCredentialsNeedADescriptor() {
        Pipe fresh = pipe();
        assertFails(ErrorCode.EBADF, fresh::localName);
        assertFails(ErrorCode.EBADF, fresh::peerName);
        assertFails(ErrorCode.EBADF, fresh::fileno);
    }

    @Test
    @Needs(Trait.NUMBERED_USERS)
    void securityDescriptorsAreNotSupported() {
        Pipe server = pipe();
        PanpipeException refused = assertFails(ErrorCode.ENOTSUP, () -> server.securityDescriptor("D:P(A;;GA;;;WD)"));
        assertTrue(refused.getMessage().contains("only Windows"), refused::getMessage);
    }
}
