/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Linux's abstract names, which no file stands for. */
public abstract class AbstractNamesContract extends Contract {

    private static String uniqueAbstract() {
        return "\0panpipe-" + UUID.randomUUID();
    }

    @Test
    void anAbstractNameWorks() throws Exception {
        String name = uniqueAbstract();
        Ends ends = connected(name);
        assertEquals(name, ends.a().peerName());
        assertEquals(name, ends.b().localName());
        assertTalks(ends);
    }

    @Test
    void anAbstractNameNeedsNoNul() throws Exception {
        String name = Pipe.abstractName("panpipe-" + UUID.randomUUID());
        assertEquals('\0', name.charAt(0));
        assertTalks(connected(name));
        assertThrows(IllegalArgumentException.class, () -> Pipe.abstractName(""));
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
        Ends ends = connected(name);
        assertEquals(name, ends.a().peerName());
        assertEquals(name, ends.b().localName());
        assertTalks(ends);
    }

    @Test
    void anAbstractNameMayBeAnyBytes() throws Exception {
        String name = uniqueAbstract() + "\udcff\0\udc80";
        Ends ends = connected(name);
        assertEquals(name, ends.a().peerName());
        assertEquals(name, ends.b().localName());
        assertTalks(ends);
    }

    @Test
    void anAbstractNameOfFullLengthWorksAndALongerOneFails() throws Exception {
        String full = (uniqueAbstract() + "x".repeat(108)).substring(0, 108);
        Ends ends = connected(full);
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
    void handlesPrintTheNulOfAnAbstractName() throws Exception {
        Pipe hidden = pipe();
        hidden.bind(uniqueAbstract());
        assertTrue(hidden.toString().startsWith("Pipe @panpipe-"), hidden::toString);
    }

    @Test
    void anEmptyNameIsAnAbstractOneThatLinuxPicks() throws Exception {
        Pipe server = pipe();
        server.bind("");
        assertTrue(server.localName().matches("\0[0-9a-f]{5}"), server.localName());
    }
}
