/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.Pipe;
import io.panpipe.interop.Task.Kind;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What Panpipe and any other program must be able to do over a Unix domain socket, whichever of both serves. One
 * subclass per peer says how to start it.
 */
abstract class PeerContract {

    private static final long HUNDRED_MEGABYTES = 100_000_000;
    private static final long ENDLESS = Long.MAX_VALUE / 2;
    private static final long MIDDLE = 8_000_000;
    private static final long SMALL = 1_500_000;
    private static final int CROWD = 1_000;

    private static final Set<ErrorCode> GONE_FOR_READS = EnumSet.of(ErrorCode.EOF, ErrorCode.ECONNRESET);
    private static final Set<ErrorCode> GONE_FOR_WRITES = EnumSet.of(ErrorCode.EPIPE, ErrorCode.ECONNRESET);

    private Meeting meeting;
    private Peer peer;

    /** Starts the peer: it connects where Panpipe serves, and listens where Panpipe connects. */
    abstract Peer start(Role role, Task task) throws IOException;

    /** Returns how many connections to open at once. */
    int crowd() {
        return CROWD;
    }

    @BeforeEach
    void meet() throws IOException {
        meeting = new Meeting();
    }

    @AfterEach
    void part() throws Exception {
        meeting.close();
    }

    @ParameterizedTest
    @EnumSource
    void hundredMegabytesArriveAtThePeer(Role role) throws Exception {
        PanpipeEnd end = new PanpipeEnd(HUNDRED_MEGABYTES);
        converse(role, Kind.SINK, 0, end);

        end.check();
        end.checkAllSent();
        assertEquals(received(HUNDRED_MEGABYTES), peer.await("received"));
        assertEquals(Content.digest(HUNDRED_MEGABYTES), end.text());
        assertEquals(List.of(ErrorCode.EOF), end.readEnds());
    }

    @ParameterizedTest
    @EnumSource
    void hundredMegabytesArriveFromThePeer(Role role) throws Exception {
        PanpipeEnd end = new PanpipeEnd(0).answering();
        converse(role, Kind.SOURCE, HUNDRED_MEGABYTES, end);

        end.check();
        assertEquals("sent " + HUNDRED_MEGABYTES + " " + Content.digest(HUNDRED_MEGABYTES), peer.await("sent"));
        assertEquals(HUNDRED_MEGABYTES, end.received());
        assertEquals(Content.digest(HUNDRED_MEGABYTES), end.digest());
        assertEquals(List.of(ErrorCode.EOF), end.readEnds());
        assertEquals(received(0), peer.await("received"));
    }

    @ParameterizedTest
    @EnumSource
    void peerAnswersAfterPanpipeHasEndedItsOutput(Role role) throws Exception {
        PanpipeEnd end = new PanpipeEnd(SMALL);
        converse(role, Kind.SINK, 0, end);

        end.check();
        assertEquals(received(SMALL), peer.await("received"));
        assertEquals(Content.digest(SMALL), end.text());
        assertEquals(List.of(ErrorCode.EOF), end.readEnds());
    }

    @ParameterizedTest
    @EnumSource
    void panpipeAnswersAfterThePeerHasEndedItsOutput(Role role) throws Exception {
        PanpipeEnd end = new PanpipeEnd(SMALL).answering();
        converse(role, Kind.SOURCE, 100_000, end);

        end.check();
        assertEquals(Content.digest(100_000), end.digest());
        assertEquals(List.of(ErrorCode.EOF), end.readEnds());
        assertEquals(List.of(), end.writeErrors());
        assertEquals(received(SMALL), peer.await("received"));
    }

    @ParameterizedTest
    @EnumSource
    void bothDirectionsEndWhenASendingPeerIsKilled(Role role) throws Exception {
        // The peer reads nothing, so that Panpipe's writes are stuck and its own input is unread when it dies.
        PanpipeEnd end = new PanpipeEnd(ENDLESS);
        end.whenMoved(() -> {
            if (end.received() > MIDDLE) {
                peer.kill();
            }
        });
        converse(role, Kind.SOURCE, ENDLESS, end);

        checkPeerGone(end);
        assertEquals(Content.digest(end.received()), end.digest(), "what arrived is the beginning of what was sent");
    }

    @ParameterizedTest
    @EnumSource
    void bothDirectionsEndWhenAReceivingPeerIsKilled(Role role) throws Exception {
        PanpipeEnd end = new PanpipeEnd(ENDLESS);
        end.whenMoved(() -> {
            if (end.acknowledged() > MIDDLE) {
                peer.kill();
            }
        });
        converse(role, Kind.SINK, 0, end);

        checkPeerGone(end);
        assertEquals(0, end.received());
    }

    private static void checkPeerGone(PanpipeEnd end) {
        end.check();
        assertEquals(1, end.readEnds().size(), "reading ends once");
        assertTrue(GONE_FOR_READS.containsAll(end.readEnds()), () -> end.readEnds().toString());
        assertTrue(end.writeErrors().size() > 1, "writes fail, and go on failing");
        assertTrue(GONE_FOR_WRITES.containsAll(end.writeErrors()), () -> end.writeErrors().toString());
    }

    @ParameterizedTest
    @EnumSource
    void sendingPeerSeesThatPanpipeCloses(Role role) throws Exception {
        PanpipeEnd end = new PanpipeEnd(ENDLESS);
        end.whenMoved(() -> {
            if (end.received() > MIDDLE) {
                end.close();
            }
        });
        converse(role, Kind.SOURCE, ENDLESS, end);

        end.check();
        assertEquals(List.of(), end.readEnds(), "reading is not called back for the own close");
        peer.await("broken");
    }

    @ParameterizedTest
    @EnumSource
    void receivingPeerSeesThatPanpipeCloses(Role role) throws Exception {
        PanpipeEnd end = new PanpipeEnd(ENDLESS);
        end.whenMoved(() -> {
            if (end.acknowledged() > MIDDLE) {
                // More than the last attempt at sending can send.
                end.writeAndClose((int) MIDDLE * 3);
            }
        });
        converse(role, Kind.SINK, 0, end);

        end.check();
        assertEquals(Set.of(ErrorCode.ECANCELED), EnumSet.copyOf(end.writeErrors()));
        Matcher report = Pattern.compile("received (\\d+) .*").matcher(peer.await("received"));
        assertTrue(report.matches());
        long received = Long.parseLong(report.group(1));
        assertEquals(received(received), report.group(), "what arrived is the beginning of what was sent");
        assertTrue(received >= end.acknowledged() && received < end.given(),
                received + " arrived, of " + end.given() + ", and " + end.acknowledged() + " were called back");
    }

    @ParameterizedTest
    @EnumSource
    void manyConnectionsAreOpenAtOnce(Role role) throws Exception {
        int size = crowd();
        Crowd crowd = new Crowd(size, role == Role.PANPIPE_CONNECTS);
        Task task = new Task(Kind.CROWD, meeting.socket(), size);
        if (role == Role.PANPIPE_SERVES) {
            int[] accepted = {0};
            Pipe[] server = new Pipe[1];
            // Room for all: a connect that does not block fails where there is none, and so do Node's and asyncio's.
            server[0] = meeting.listen(2 * size, connection -> {
                crowd.connected(connection);
                if (++accepted[0] == size) {
                    server[0].close();
                }
            });
            peer = meeting.with(start(role, task));
        } else {
            peer = meeting.with(start(role, task));
            peer.await("ready");
            for (int i = 0; i < size; i++) {
                meeting.connect(crowd::connected);
            }
        }
        meeting.run();

        crowd.check();
        assertEquals("crowd " + size + " " + size, peer.await("crowd"));
    }

    private static String received(long amount) {
        return "received " + amount + " " + Content.digest(amount) + " ends=1 error=none";
    }

    /** Has both do what they do on one connection, until Panpipe's end is closed. */
    private void converse(Role role, Kind kind, long amount, PanpipeEnd end) throws IOException {
        Task task = new Task(kind, meeting.socket(), amount);
        if (role == Role.PANPIPE_SERVES) {
            Pipe[] server = new Pipe[1];
            server[0] = meeting.listen(Pipe.DEFAULT_BACKLOG, connection -> {
                server[0].close();
                end.connected(connection);
            });
            peer = meeting.with(start(role, task));
        } else {
            peer = meeting.with(start(role, task));
            peer.await("ready");
            meeting.connect(end::connected);
        }
        meeting.run();
    }
}
