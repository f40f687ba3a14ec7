/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What a channel tells of itself, and what can be set of it. */
abstract class AnswersContract extends ChannelFixture {

    @Test
    void bothEndsTellTheirNames() throws Exception {
        PipeServerChannel server = server();
        PipeChannel client = closing(PipeChannel.connect(loop, server.localName()));
        PipeChannel connection = closing(server.accept());
        assertEquals(server.localName(), client.peerName());
        assertEquals(server.localName(), connection.localName());
        client.close();
        assertThrows(ClosedChannelException.class, client::peerName);
    }

    @Test
    void buffersHaveTheSizeThatIsAskedForAtLeast() throws Exception {
        assumeFalse(WINDOWS, "a named pipe has no buffers to set");
        Ends ends = ends();
        ends.a().sendBufferSize(100_000);
        ends.a().receiveBufferSize(100_000);
        assertTrue(ends.a().sendBufferSize() >= 100_000);
        assertTrue(ends.a().receiveBufferSize() >= 100_000);
        assertThrows(IllegalArgumentException.class, () -> ends.a().sendBufferSize(0));
    }

    @Test
    void whereThereAreNoBuffersToSetItIsAnError() throws Exception {
        assumeTrue(WINDOWS, "sockets have buffers");
        Ends ends = ends();
        PanpipeException refused = assertThrows(PanpipeException.class, ends.a()::sendBufferSize);
        assertEquals(ErrorCode.ENOTSUP, refused.code());
    }

    @Test
    void aServerLetsInWhomItsPermissionsSay() throws Exception {
        assumeFalse(WINDOWS, "the file system shows no mode of a named pipe");
        PipeServerChannel server = server();
        Path file = Path.of(server.localName());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        server.permissions(PosixFilePermissions.fromString("rw-rw----"));
        assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        closing(PipeChannel.connect(loop, server.localName()));
        server.close();
        assertThrows(ClosedChannelException.class,
                () -> server.permissions(PosixFilePermissions.fromString("rw-------")));
    }

    @Test
    void aBacklogIsAsLongAsIsSaid() throws Exception {
        assumeFalse(WINDOWS, "a named pipe has no backlog");
        PipeServerChannel server = closing(PipeServerChannel.bind(loop, freshName(), 1));
        int waiting = 0;
        try {
            while (waiting < 100) {
                closing(PipeChannel.connect(loop, server.localName(), Duration.ZERO));
                waiting++;
            }
        } catch (PanpipeException full) {
            assertEquals(ErrorCode.ETIMEDOUT, full.code());
        }
        assertTrue(waiting >= 1 && waiting <= 3, waiting + " clients wait");
        assertThrows(IllegalArgumentException.class, () -> PipeServerChannel.bind(loop, freshName(), 0));
    }

    @Test
    void aLoopThreadIsClosedWithinATimeOrNot() throws Exception {
        LoopThread own = new LoopThread();
        CountDownLatch busy = new CountDownLatch(1);
        own.loop().execute(() -> {
            try {
                busy.await();
            } catch (InterruptedException unexpected) {
                throw new IllegalStateException(unexpected);
            }
        });
        assertThrows(IllegalArgumentException.class, () -> own.close(Duration.ofNanos(-1)));
        assertFalse(own.close(Duration.ZERO));
        assertFalse(own.close(Duration.ofMillis(1)));
        busy.countDown();
        assertTrue(own.close(PATIENCE));
        assertTrue(own.close(Duration.ZERO), "it has ended");
    }
}
