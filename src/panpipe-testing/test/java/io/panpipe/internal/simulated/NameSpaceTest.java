/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import static io.panpipe.internal.simulated.Bench.assertFault;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("simulated")
class NameSpaceTest {

    private static final String NAME = "/tmp/demo";

    private final Bench bench = Bench.quiet();

    @Test
    void bindMakesAnEntryWithItsModeAndCloseRemovesIt() throws KernelException {
        PipeChannel server = bench.pipe("server");
        server.bind(NAME, 0640, 0);
        assertTrue(bench.kernel.exists(NAME));
        assertEquals(0640, bench.kernel.mode(NAME));
        assertEquals(NAME, server.localName());
        server.close();
        assertFalse(bench.kernel.exists(NAME));
        bench.end();
    }

    @Test
    void permissionsChangeTheEntryOnlyWhileItIsItsOwn() throws KernelException {
        PipeChannel server = bench.server(NAME, 1);
        server.permissions(0666);
        assertEquals(0666, bench.kernel.mode(NAME));
        assertFault(Fault.EINVAL, () -> server.permissions(01777));
        bench.kernel.unlink(NAME);
        bench.kernel.createFile(NAME);
        assertFault(Fault.ENOENT, () -> server.permissions(0600));
        server.close();
        assertTrue(bench.kernel.exists(NAME), "a successor's entry is not unlinked");
        bench.end();
    }

    @Test
    void permissionsNeedABoundPath() throws KernelException {
        PipeChannel none = bench.pipe("none");
        assertFault(Fault.EBADF, () -> none.permissions(0600));
        PipeChannel abstractly = bench.server("\0demo", 1);
        assertFault(Fault.EINVAL, () -> abstractly.permissions(0600));
        abstractly.close();
        bench.end();
    }

    @Test
    void liveStaleAndForeignNamesAreInUse() throws KernelException {
        PipeChannel server = bench.server(NAME, 1);
        PipeChannel second = bench.pipe("second");
        assertFault(Fault.EADDRINUSE, () -> second.bind(NAME, 0600, 0));
        assertFault(Fault.EADDRINUSE, () -> second.bind(NAME, 0600, PipeChannel.REPLACE_STALE));
        bench.kernel.abandon("/tmp/stale");
        KernelException stale =
                assertThrows(KernelException.class, () -> second.bind("/tmp/stale", 0600, 0));
        assertEquals(Fault.EADDRINUSE, stale.fault());
        assertNotEquals("", stale.hint());
        bench.kernel.createFile("/tmp/file");
        assertFault(Fault.EADDRINUSE, () -> second.bind("/tmp/file", 0600, PipeChannel.REPLACE_STALE));
        assertEquals(-1, second.descriptor(), "a refused bind leaves no descriptor");
        server.close();
        bench.end();
    }

    @Test
    void replaceStaleTakesOverADeadServersName() throws KernelException {
        PipeChannel dead = bench.server(NAME, 1);
        PipeChannel client = bench.client(NAME);
        bench.kernel.abandon(NAME);
        assertTrue(bench.kernel.exists(NAME));
        assertFault(Fault.ECONNRESET, () -> bench.read(client));
        assertFault(Fault.ECONNREFUSED, () -> bench.client(NAME).connect(NAME));
        assertFault(Fault.EBADF, dead::accept);
        PipeChannel heir = bench.pipe("heir");
        heir.bind(NAME, 0600, PipeChannel.REPLACE_STALE);
        dead.close();
        assertTrue(bench.kernel.exists(NAME), "the dead server no longer owns the name");
        heir.close();
        assertFalse(bench.kernel.exists(NAME));
    }

    @Test
    void aPathStaysWhenItsDescriptorIsClosedWithoutTheChannel() throws KernelException {
        PipeChannel server = bench.server(NAME, 1);
        bench.kernel.closeDescriptor(server.detach());
        assertTrue(bench.kernel.exists(NAME));
        PipeChannel client = bench.pipe("client");
        assertFault(Fault.ECONNREFUSED, () -> client.connect(NAME));
        client.close();
        bench.end();
    }

    @Test
    void abstractNamesVanishWithTheirSocketAndNeedNoPermission() throws KernelException {
        PipeChannel server = bench.pipe("server");
        server.bind("\0demo", 0, 0);
        server.listen(1);
        bench.client("\0demo").close();
        long descriptor = server.detach();
        assertTrue(bench.kernel.exists("\0demo"));
        bench.kernel.closeDescriptor(descriptor);
        assertFalse(bench.kernel.exists("\0demo"));
        PipeChannel late = bench.pipe("late");
        assertFault(Fault.ECONNREFUSED, () -> late.connect("\0demo"));
        late.close();
        bench.end();
    }

    @Test
    void anEmptyNameBindsToOneOfTheSystemsChoice() throws KernelException {
        PipeChannel one = bench.server("", 1);
        PipeChannel other = bench.server("", 1);
        assertTrue(one.localName().matches("\0[0-9a-f]{5}"), one.localName());
        assertNotEquals(one.localName(), other.localName());
        PipeChannel client = bench.client(one.localName());
        assertEquals(one.localName(), client.peerName());
        Bench.close(one, other, client);
        bench.end();
    }

    @Test
    void whatIsNoNameIsRefused() throws KernelException {
        PipeChannel pipe = bench.pipe("pipe");
        assertFault(Fault.EINVAL, () -> pipe.bind("/tmp/a\0b", 0600, 0));
        assertFault(Fault.EINVAL, () -> pipe.bind(NAME, 01777, 0));
        assertFault(Fault.ENAMETOOLONG, () -> pipe.bind("/" + "ä".repeat(2048), 0600, 0));
        assertFault(Fault.ENAMETOOLONG, () -> pipe.bind("\0" + "x".repeat(108), 0600, 0));
        assertFault(Fault.EINVAL, () -> pipe.connect(""));
        assertFault(Fault.EINVAL, () -> pipe.connect("/tmp/a\0b"));
        assertFault(Fault.ENAMETOOLONG, () -> pipe.connect("x".repeat(4096)));
        pipe.bind("/" + "x".repeat(4094), 0600, 0);
        pipe.close();
        bench.server("\0" + "x\0".repeat(53), 1).close();
        bench.end();
    }

    @Test
    void aSecondBindIsInvalid() throws KernelException {
        PipeChannel server = bench.server(NAME, 1);
        assertFault(Fault.EINVAL, () -> server.bind("/tmp/other", 0600, 0));
        server.close();
        assertFault(Fault.EBADF, () -> server.bind("/tmp/other", 0600, 0));
        bench.end();
    }

    @Test
    void connectSaysWhyThereIsNoServer() throws KernelException {
        PipeChannel client = bench.pipe("client");
        assertFault(Fault.ENOENT, () -> client.connect(NAME));
        bench.kernel.createFile(NAME);
        assertFault(Fault.ECONNREFUSED, () -> client.connect(NAME));
        bench.kernel.unlink(NAME);
        PipeChannel deaf = bench.pipe("deaf");
        deaf.bind(NAME, 0600, 0);
        assertFault(Fault.ECONNREFUSED, () -> client.connect(NAME));
        deaf.listen(1);
        assertTrue(client.connect(NAME), "the same channel may try again");
        Bench.close(client, deaf);
        bench.end();
    }

    @Test
    void theModeDecidesWhichUsersMayConnect() throws KernelException {
        PipeChannel server = bench.server(NAME, 9);
        Bench groupMate = Bench.on(bench.kernel.process(2, 2000, 1000));
        Bench stranger = Bench.on(bench.kernel.process(3, 3000, 3000));
        Bench root = Bench.on(bench.kernel.process(4, 0, 0));
        PipeChannel mates = groupMate.pipe("mate");
        PipeChannel strangers = stranger.pipe("stranger");
        assertFault(Fault.EACCES, () -> mates.connect(NAME));
        server.permissions(0020);
        assertTrue(mates.connect(NAME));
        assertFault(Fault.EACCES, () -> strangers.connect(NAME));
        assertFault(Fault.EACCES, () -> bench.client(NAME));
        root.client(NAME);
        server.permissions(0002);
        assertTrue(strangers.connect(NAME));
        assertEquals(new Credentials(2, 2000, 1000, null), bench.accept(server).peerCredentials());
        assertEquals(new Credentials(1000, 1000, 1000, null), mates.peerCredentials());
    }

    @Test
    void portableNamesAreSimple() {
        assertEquals("/simulated/demo", bench.kernel.portableName("demo"));
        for (String wrong : new String[] {"", "a/b", "a\0", "a\\b"}) {
            assertThrows(IllegalArgumentException.class, () -> bench.kernel.portableName(wrong));
        }
    }
}
