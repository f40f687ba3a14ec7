/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.Timer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That a raw descriptor is open just as long as it, or a write that sends it, needs it. */
public abstract class RawHandlesContract extends HandlesContract {

    private RawDescriptor raw(Pipe pipe) throws PanpipeException {
        RawDescriptor raw = new RawDescriptor(loop);
        raw.open(pipe.detach());
        return raw;
    }

    /** Reads all that is queued, and the pipes that come with it. */
    private List<Pipe> receive(Ends ends, long bytes, int handles) throws PanpipeException {
        List<Pipe> received = new ArrayList<>();
        Arrivals arrivals = Arrivals.at(ends.b(), (pipe, type, from, to) -> {
            Pipe next = pipe();
            pipe.accept(next);
            received.add(next);
        });
        runUntil(() -> arrivals.size() == bytes && received.size() >= handles);
        pass();
        assertEquals(handles, received.size());
        return received;
    }

    @Test
    void closedWhileItsWriteWaitsItStillLeaves() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        RawDescriptor raw = raw(payload.a());
        long before = block(ends.a());
        ends.a().write(buffer("x"), logs("sent"), raw);
        raw.close();
        assertThrows(IllegalArgumentException.class, () -> ends.a().write(buffer("x"), logs("sent closed"), raw));
        assertPeerThere(payload.b());
        Pipe received = receive(ends, before + 1, 1).getFirst();
        assertEquals(List.of("sent"), log);
        assertTalk(received, payload.b());
        received.close();
        assertPeerGone(payload.b());
    }

    @Test
    void sentSeveralTimesItLeavesAsOften() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        RawDescriptor raw = raw(payload.a());
        long before = block(ends.a());
        ends.a().write(buffer("x"), logs("first"), raw, raw);
        ends.a().write(buffer("y"), logs("second"), raw);
        raw.close();
        receive(ends, before + 2, 3).forEach(Pipe::close);
        assertEquals(List.of("first", "second"), log);
        assertPeerGone(payload.b());
    }

    @Test
    void aCancelledWriteLeavesItOpenUntilItIsClosed() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        RawDescriptor raw = raw(payload.a());
        block(ends.a());
        ends.a().write(buffer("x"), logs("sent"), raw);
        ends.a().close();
        runUntil(() -> !log.isEmpty());
        assertEquals(List.of("sent ECANCELED"), log);
        ends.b().close();
        assertPeerThere(payload.b());
        raw.close();
        assertPeerGone(payload.b());
    }

    @Test
    void closedBeforeItsWriteIsCancelledItIsClosedThen() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        RawDescriptor raw = raw(payload.a());
        block(ends.a());
        ends.a().write(buffer("x"), logs("sent"), raw);
        raw.close();
        ends.a().close();
        ends.b().close();
        assertPeerGone(payload.b());
        assertEquals(List.of("sent ECANCELED"), log);
    }

    @Test
    void givenUpWhileItsWriteWaitsItBelongsToTheCallerAndStillLeaves() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        RawDescriptor raw = raw(payload.a());
        long number = raw.fileno();
        long before = block(ends.a());
        ends.a().write(buffer("x"), logs("sent"), raw);
        assertEquals(number, raw.detach());
        RawDescriptor own = new RawDescriptor(loop);
        own.open(number);
        own.close();
        RawDescriptor other = file();
        Pipe received = receive(ends, before + 1, 1).getFirst();
        assertEquals(List.of("sent"), log);
        assertTalk(received, payload.b());
        received.close();
        assertPeerGone(payload.b());
        other.close();
    }

    @Test
    void aRefusedWriteLeavesItAsItWas() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        RawDescriptor raw = raw(payload.a());
        assertThrows(IllegalArgumentException.class,
                () -> ends.a().write(buffer("x"), logs("sent"), raw, new Timer(loop)));
        assertPeerThere(payload.b());
        raw.close();
        assertPeerGone(payload.b());
        assertEquals(List.of(), log);
    }
}
