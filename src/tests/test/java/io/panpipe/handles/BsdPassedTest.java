/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Pipe;
import io.panpipe.RunMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * How long macOS's kernel holds duplicates of sockets that were sent: until their receiver has read them, and no longer. The double
 * shuts a socket on its way that nobody holds.
 */
@EnabledIf("io.panpipe.testbed.DarwinDouble#isDoubled")
class BsdPassedTest extends HandlesContract implements BsdHandlesTest.OnBsd {

    private static final int PIECE = 20_000;

    /** Sends one end of a connection, keeps nothing of it, and returns the other end. */
    private Pipe give(Pipe by) throws Exception {
        Ends payload = payload();
        by.write(buffer("x"), (pipe, error) -> {
            throwIfAny(error);
            payload.a().close();
        }, payload.a());
        return payload.b();
    }

    /** Takes one handle, and fails unless it is the other end of what was kept, and open. */
    private void assertArrives(Pipe at, Pipe kept) throws Exception {
        Pipe received = pipe();
        at.accept(received);
        assertTalk(received, kept);
        received.close();
    }

    @Test
    void anEventFromBeforeASendSaysNothingOfIt() throws Exception {
        int[] two = RawSocket.pair();
        RawSocket peer = new RawSocket(two[1]);
        Pipe sender = new Pipe(loop, true);
        sender.open(two[0]);
        Pipe first = give(sender);
        String name = kernel.freshName();
        Pipe[] second = new Pipe[1];
        Pipe server = listening(name, (listener, error) -> {
            listener.accept(pipe());
            second[0] = give(sender);
        });
        run(RunMode.NOWAIT);
        run(RunMode.NOWAIT);
        // Both are ready in the next batch: first the listener, and then the sender, since its peer has read.
        pipe().connect(name, (pipe, error) -> throwIfAny(error));
        assertEquals(1, peer.swallow(100));
        runUntil(() -> second[0] != null);
        assertPeerGone(first);
        pass();
        Pipe receiver = new Pipe(loop, true);
        receiver.open(two[1]);
        Arrivals arrivals = Arrivals.at(receiver);
        runUntil(() -> arrivals.size() == 1);
        assertArrives(receiver, second[0]);
        server.close();
    }

    @Test
    void anEndOfOutputDoesNotLetGoOfWhatIsNotRead() throws Exception {
        Ends ends = ipcEnds();
        Pipe kept = give(ends.a());
        ends.a().shutdown(logs("shutdown"));
        runUntil(() -> !log.isEmpty());
        pass();
        Arrivals arrivals = Arrivals.at(ends.b());
        runUntil(() -> arrivals.end() != null);
        assertArrives(ends.b(), kept);
        assertPeerGone(kept);
    }

    @Test
    void whatIsReadIsLetGoOfThoughTheConnectionIsNeverEmpty() throws Exception {
        Ends ends = ipcEnds();
        Pipe kept = give(ends.a());
        int[] written = new int[1];
        ends.a().write(new byte[PIECE], (pipe, error) -> throwIfAny(error));
        boolean[] gone = new boolean[1];
        Pipe received = pipe();
        Arrivals arrivals = Arrivals.at(ends.b(), (pipe, type, from, to) -> {
            pipe.accept(received);
            received.close();
        });
        kept.startRead((pipe, data, error) -> {
            assertNull(data);
            assertNotNull(error);
            gone[0] = true;
            pipe.stopRead();
        });
        // Whenever one piece is read the next is on its way, so that there is always something unread.
        for (int i = 0; i < 100 && !gone[0]; i++) {
            ends.a().write(new byte[PIECE], (pipe, error) -> written[0]++);
            int next = arrivals.size() + 1;
            runUntil(() -> arrivals.size() >= next || gone[0]);
        }
        assertTrue(gone[0], "the duplicate is held though it was read long ago");
    }

    @Test
    void whatADisplacedConnectionHasPassedIsLetGoOf() throws Exception {
        Ends ends = ipcEnds();
        Pipe kept = give(ends.a());
        run(RunMode.NOWAIT);
        int number = (int) ends.a().fileno();
        Libc.close(number);
        // The lowest free number is that of the next socket.
        Ends others = ends();
        assertTrue(others.a().fileno() == number || others.b().fileno() == number, "no other file has the number");
        Arrivals arrivals = Arrivals.at(ends.b());
        runUntil(() -> arrivals.end() != null);
        Pipe received = pipe();
        ends.b().accept(received);
        received.close();
        assertPeerGone(kept);
    }
}
