/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.Timer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What keeps a loop alive, and what every handle tells of itself. */
public abstract class HandleContract extends Contract {

    @Test
    void everyHandleIsReferencedAtFirstAndRefIsAFlag() {
        Pipe pipe = pipe();
        assertTrue(pipe.hasRef());
        pipe.unref();
        pipe.unref();
        assertFalse(pipe.hasRef());
        pipe.ref();
        assertTrue(pipe.hasRef(), "it is a flag and no count");
        pipe.ref();
        assertSame(loop, pipe.loop());
        pipe.close();
        assertTrue(pipe.hasRef());
        assertSame(loop, pipe.loop());
    }

    @Test
    void refAndUnrefWhileActiveKeepCount() throws Exception {
        Ends ends = ends();
        receive(ends.a());
        assertTrue(loop.alive());
        ends.a().unref();
        assertFalse(loop.alive());
        ends.a().unref();
        ends.a().ref();
        assertTrue(loop.alive());
        ends.a().unref();
        ends.a().stopRead();
        ends.a().ref();
        assertFalse(loop.alive(), "a handle that does nothing does not count");
        receive(ends.a());
        assertTrue(loop.alive());
    }

    @Test
    void anUnreferencedReaderLetsTheLoopEnd() throws Exception {
        Ends ends = ends();
        Received received = receive(ends.a());
        ends.a().unref();
        assertFalse(run());
        assertEquals(0, received.calls());
        ends.b().write(bytes("x"), logs("written"));
        run();
        assertEquals(List.of("written"), log);
    }

    @Test
    void aPendingConnectOfAnUnreferencedHandleKeepsTheLoopAlive() throws Exception {
        Pipe client = pipe();
        client.unref();
        client.connect(kernel.freshName(), logs("connect"));
        assertTrue(loop.alive());
        assertFalse(run());
        assertEquals(List.of("connect ENOENT"), log);
    }

    @Test
    void aPendingWriteOfAnUnreferencedHandleKeepsTheLoopAlive() throws Exception {
        Ends ends = ends();
        block(ends.a());
        ends.a().unref();
        assertTrue(loop.alive());
        ends.a().write(bytes("x"), logs("written"));
        Received received = receive(ends.b());
        ends.b().unref();
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("written"), log);
        assertTrue(received.size() > 0);
        assertFalse(loop.alive());
    }

    @Test
    @Needs(Trait.HALF_CLOSE)
    void aPendingShutdownOfAnUnreferencedHandleKeepsTheLoopAlive() throws Exception {
        Ends ends = ends();
        ends.a().unref();
        ends.a().shutdown(logs("shutdown"));
        assertTrue(loop.alive());
        assertFalse(run());
        assertEquals(List.of("shutdown"), log);
    }

    @Test
    void activeTellsWhetherItDoesSomething() throws Exception {
        String name = kernel.freshName();
        Pipe server = pipe();
        assertFalse(server.active());
        server.bind(name);
        assertFalse(server.active());
        server.listen((listener, error) -> listener.accept(pipe()));
        assertTrue(server.active());
        Pipe client = pipe();
        client.connect(name, logs("connected"));
        assertTrue(client.active(), "connecting");
        runUntil(() -> !log.isEmpty());
        assertFalse(client.active(), "connected");
        receive(client);
        assertTrue(client.active(), "reading");
        client.stopRead();
        assertFalse(client.active());
        block(client);
        assertTrue(client.active(), "writing");
        client.close();
        assertTrue(client.closed());
        run(RunMode.NOWAIT);
        runUntil(() -> !loop.handles().contains(client));
        assertFalse(client.active());
    }

    @Test
    void filenoTellsTheDescriptorWhileThereIsOne() throws Exception {
        Pipe server = pipe();
        assertFails(ErrorCode.EBADF, server::fileno);
        server.bind(kernel.freshName());
        long number = server.fileno();
        assertTrue(number > 2);
        Ends ends = ends();
        assertNotEquals(ends.a().fileno(), ends.b().fileno());
        assertEquals(number, server.fileno());
        server.close();
        assertThrows(IllegalStateException.class, server::fileno);
    }

    @Test
    @Needs(Trait.BUFFER_SIZES)
    void bufferSizesCanBeAskedAndSet() throws Exception {
        Ends ends = ends();
        assertTrue(ends.a().sendBufferSize() > 0);
        assertTrue(ends.a().receiveBufferSize() > 0);
        ends.a().sendBufferSize(10_000);
        assertTrue(ends.a().sendBufferSize() == 10_000 || ends.a().sendBufferSize() == 20_000);
        ends.a().receiveBufferSize(12_000);
        assertTrue(ends.a().receiveBufferSize() == 12_000 || ends.a().receiveBufferSize() == 24_000);
        assertThrows(IllegalArgumentException.class, () -> ends.a().sendBufferSize(0));
        assertThrows(IllegalArgumentException.class, () -> ends.a().receiveBufferSize(-1));
        Pipe fresh = pipe();
        assertFails(ErrorCode.EBADF, fresh::sendBufferSize);
        assertFails(ErrorCode.EBADF, () -> fresh.sendBufferSize(1000));
        assertFails(ErrorCode.EBADF, fresh::receiveBufferSize);
        assertFails(ErrorCode.EBADF, () -> fresh.receiveBufferSize(1000));
    }

    @Test
    @Needs(Trait.BUFFER_SIZES)
    void aSmallerSendBufferTakesLess() throws Exception {
        Ends small = ends();
        small.a().sendBufferSize(8_000);
        small.a().write(new byte[4 << 20], logs("small"));
        Ends normal = ends();
        normal.a().write(new byte[4 << 20], logs("normal"));
        for (int i = 0; i < 10; i++) {
            settle();
        }
        assertTrue(small.a().writeQueueSize() > normal.a().writeQueueSize());
    }

    @Test
    @Lacks(Trait.BUFFER_SIZES)
    void bufferSizesAreNotSupported() throws Exception {
        Ends ends = ends();
        PanpipeException refused = assertFails(ErrorCode.ENOTSUP, () -> ends.a().sendBufferSize());
        assertTrue(refused.getMessage().contains("fixed when it is made"), refused::getMessage);
        assertFails(ErrorCode.ENOTSUP, () -> ends.a().sendBufferSize(10_000));
        assertFails(ErrorCode.ENOTSUP, () -> ends.a().receiveBufferSize());
        assertFails(ErrorCode.ENOTSUP, () -> ends.a().receiveBufferSize(10_000));
        assertThrows(IllegalArgumentException.class, () -> ends.a().sendBufferSize(0));
        Pipe fresh = pipe();
        assertFails(ErrorCode.EBADF, fresh::sendBufferSize);
        assertFails(ErrorCode.EBADF, () -> fresh.receiveBufferSize(1000));
    }

    @Test
    void handlesPrintWhatTheyAre() throws Exception {
        Pipe pipe = pipe();
        assertEquals("Pipe", pipe.toString());
        String name = kernel.freshName();
        pipe.bind(name);
        assertEquals("Pipe " + name, pipe.toString());
        assertEquals("Timer", new Timer(loop).toString());
    }

    @Test
    void aHandleOfATimerThatIsUnreferencedAndStartedLaterStaysUnreferenced() {
        Timer timer = new Timer(loop);
        timer.unref();
        timer.start(notes("timer"), Duration.ofHours(1));
        assertFalse(loop.alive());
        assertFalse(run());
        timer.ref();
        assertTrue(loop.alive());
        timer.stop();
        assertFalse(loop.alive());
    }
}
