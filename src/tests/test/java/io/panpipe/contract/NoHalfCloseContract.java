/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What asking for a half-close does where there is none: it is refused in its turn, and the stream goes on. */
public abstract class NoHalfCloseContract extends Contract {

    @Test
    void shutdownIsRefusedInItsTurnAndTheStreamStaysWritable() throws Exception {
        Ends ends = ends();
        long queued = block(ends.a());
        ends.a().write(bytes("before"), logs("before"));
        ends.a().shutdown(logs("shutdown"));
        ends.a().write(bytes("after"), logs("after"));
        assertTrue(ends.a().writable());
        settle();
        assertEquals(List.of(), log, "it is told behind what was asked before");
        Received received = receive(ends.b());
        runUntil(() -> log.size() == 3);
        assertEquals(List.of("before", "shutdown ENOTSUP", "after"), log);
        assertTrue(ends.a().writable());
        ends.a().close();
        runUntil(() -> received.end() != null);
        assertEquals(queued + "beforeafter".length(), received.size());
    }

    @Test
    void theRefusalSaysWhatAndWhere() throws Exception {
        Ends ends = connected();
        List<PanpipeException> refusals = new ArrayList<>();
        ends.a().shutdown((pipe, error) -> refusals.add(error));
        run();
        assertEquals("shutdown", refusals.getFirst().call());
        assertEquals(ends.a().peerName(), refusals.getFirst().name());
    }

    @Test
    void theRefusalNeverComesInside() throws Exception {
        Ends ends = ends();
        ends.a().shutdown(logs("shutdown"));
        assertEquals(List.of(), log);
        run();
        assertEquals(List.of("shutdown ENOTSUP"), log);
    }

    @Test
    void everyShutdownIsRefused() throws Exception {
        Ends ends = ends();
        ends.a().shutdown(logs("first"));
        ends.a().shutdown(logs("second"));
        run();
        ends.a().shutdown(logs("third"));
        run();
        assertEquals(List.of("first ENOTSUP", "second ENOTSUP", "third ENOTSUP"), log);
    }

    @Test
    void aRefusalWithoutCallbackReachesTheHandler() throws Exception {
        Ends ends = ends();
        loop.uncaughtExceptionHandler((itself, thrown) -> log.add(((PanpipeException) thrown).code().name()));
        ends.a().shutdown();
        run();
        assertEquals(List.of("ENOTSUP"), log);
    }

    @Test
    void aRefusalWaitsForTheConnection() throws Exception {
        String name = kernel.freshName();
        listening(name, (listener, error) -> {
            Pipe connection = pipe();
            listener.accept(connection);
            receive(connection);
            listener.close();
        });
        Pipe client = pipe();
        client.connect(name, logs("connected"));
        client.write(bytes("x"), logs("written"));
        client.shutdown(logs("shutdown"));
        runUntil(() -> log.size() == 3);
        assertEquals(List.of("connected", "written", "shutdown ENOTSUP"), log);
    }

    @Test
    void closeCancelsAShutdownThatWaits() throws Exception {
        Ends ends = ends();
        block(ends.a());
        ends.a().write(bytes("x"), logs("write"));
        ends.a().shutdown(logs("shutdown"));
        ends.a().close(notes("closed"));
        run();
        assertEquals(List.of("write ECANCELED", "shutdown ECANCELED", "closed"), log);
    }

    @Test
    void shutdownInsideTheWriteCallbackIsToldBehindTheWriteBeforeIt() throws Exception {
        Ends ends = connected();
        ends.a().write(bytes("first"), (pipe, error) -> {
            log.add("first");
            pipe.write(bytes("last"), logs("last"));
            pipe.shutdown(logs("shutdown"));
        });
        runUntil(() -> log.size() == 3);
        assertEquals(List.of("first", "last", "shutdown ENOTSUP"), log);
    }

    @Test
    void aRefusalOfAnUnreferencedHandleKeepsTheLoopAlive() throws Exception {
        Ends ends = ends();
        ends.a().unref();
        ends.a().shutdown(logs("shutdown"));
        assertTrue(loop.alive());
        assertFalse(run());
        assertEquals(List.of("shutdown ENOTSUP"), log);
    }

    @Test
    void tryWriteWorksBehindARefusal() throws Exception {
        Ends ends = ends();
        Received received = receive(ends.b());
        ends.a().shutdown(logs("shutdown"));
        run(RunMode.NOWAIT);
        assertEquals(1, ends.a().tryWrite(bytes("x")));
        runUntil(() -> received.size() == 1);
    }

    // Copying.

    @Test
    void aCopyEndsWithItsSourceAndLeavesItsSinkOpen() throws Exception {
        Ends in = connected();
        Ends out = connected();
        in.b().pipeTo(out.a(), logs("copied"));
        byte[] data = pattern(3_000_000);
        in.a().write(data, (pipe, error) -> pipe.close());
        Received received = receiveOnly(out.b());
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("copied"), log, "all is written, and that is no error");
        assertFalse(in.b().closed());
        assertTrue(out.a().writable(), "to close it is the end");
        out.a().close();
        run();
        assertArrayEquals(data, received.bytes());
        assertEquals(ErrorCode.EOF, received.end());
    }

    @Test
    void aProxyPassesOnTheEndByClosing() throws Exception {
        Ends in = connected();
        Ends out = connected();
        in.b().pipeTo(out.a(), (source, error) -> {
            log.add("there");
            out.a().close();
        });
        out.a().pipeTo(in.b(), (source, error) -> {
            log.add("back");
            in.b().close();
        });
        out.b().startRead((pipe, piece, error) -> {
            if (piece != null) {
                pipe.write(piece);
            } else {
                pipe.close();
            }
        });
        byte[] data = pattern(1_000_000);
        in.a().write(data);
        Received back = receive(in.a(), data.length);
        run();
        assertArrayEquals(data, back.bytes());
        assertEquals(List.of("there", "back"), log);
    }
}
