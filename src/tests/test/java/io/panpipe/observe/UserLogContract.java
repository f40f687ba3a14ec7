/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Handle;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.contract.Contract;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a user is told by the log. */
abstract class UserLogContract extends Contract {

    @Test
    void receivedHandlesThatNobodyAcceptsAreTold() throws Exception {
        Pipe[] ipc = Pipe.pair(loop, true);
        Ends passed = ends();
        ipc[0].write(ByteBuffer.wrap(bytes("two")), (pipe, error) -> {}, passed.a(), passed.b());
        ipc[1].startRead((pipe, data, error) -> throwIfAny(error));
        runUntil(() -> ipc[1].pendingCount() == 2);
        try (LogWatch watch = new LogWatch()) {
            ipc[1].close();
            run(RunMode.NOWAIT);
            assertEquals(1, watch.lines().size(), watch.lines()::toString);
            assertTrue(watch.lines().getFirst().matches(
                    "WARNING Pipe.* is closed, and with it received handles that nobody has accepted: 2"),
                    watch.lines()::toString);
        }
    }

    @Test
    void whatACloseThrowsAwayOfWritesWithoutACallbackIsTold() throws Exception {
        Ends ends = ends();
        try (LogWatch watch = new LogWatch()) {
            ends.a().write(new byte[5 << 20]);
            ends.a().write(new byte[1 << 20], logs("written"));
            ends.a().close();
            run();
            assertEquals(List.of("written ECANCELED"), log);
            assertEquals(1, watch.lines().size(), watch.lines()::toString);
            assertTrue(watch.lines().getFirst().matches("WARNING Pipe.* is closed, and with it [0-9]+ bytes thrown away.*"),
                    watch.lines()::toString);
            long lost = Long.parseLong(watch.lines().getFirst().replaceFirst(".* with it ([0-9]+) bytes.*", "$1"));
            long[] received = new long[1];
            ends.b().startRead((b, data, end) -> received[0] += data == null ? 0 : data.remaining());
            run();
            assertEquals(5 << 20, lost + received[0]);
        }
    }

    @Test
    void whatACallbackTellsTheLogDoesNot() throws Exception {
        Ends ends = ends();
        try (LogWatch watch = new LogWatch()) {
            ends.a().write(new byte[5 << 20], logs("written"));
            ends.a().close();
            run();
            assertEquals(List.of("written ECANCELED"), log);
            assertEquals(List.of(), watch.lines());
        }
    }

    @Test
    void anOrdinaryLifeIsNotWorthALine() throws Exception {
        try (LogWatch watch = new LogWatch()) {
            Pipe[] ipc = Pipe.pair(loop, true);
            Ends passed = ends();
            ipc[0].write(ByteBuffer.wrap(bytes("one")), (pipe, error) -> throwIfAny(error), passed.a());
            ipc[1].startRead2((pipe, data, pending, error) -> {
                throwIfAny(error);
                pipe.accept(pipe());
            });
            runUntil(() -> loop.handles().size() == 5);
            loop.handles().forEach(Handle::close);
            run();
            assertEquals(List.of(), watch.lines());
        }
    }
}
