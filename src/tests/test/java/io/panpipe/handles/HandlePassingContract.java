/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.Handle;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.PendingType;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.Tcp;
import io.panpipe.Timer;
import io.panpipe.Udp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The rules of sending and accepting handles. */
public abstract class HandlePassingContract extends HandlesContract {

    private static final int MOST = 253;

    /** Sends handles with one byte and waits until they have arrived; nothing accepts them. */
    private Ends passed(Handle... handles) throws PanpipeException {
        Ends ends = ipcEnds();
        Arrivals arrivals = Arrivals.at(ends.b());
        ends.a().write(buffer("x"), logs("sent"), handles);
        runUntil(() -> arrivals.size() == 1 && log.contains("sent"));
        log.clear();
        return ends;
    }

    private static Handle[] times(int count, Handle handle) {
        Handle[] handles = new Handle[count];
        Arrays.fill(handles, handle);
        return handles;
    }

    @Test
    void aHandleArrivesWithItsDataAndTheCallbackKnows() throws Exception {
        Ends ends = ipcEnds();
        Udp udp = boundUdp();
        List<PendingType> seen = new ArrayList<>();
        StringBuilder data = new StringBuilder();
        ends.b().startRead2((pipe, piece, pending, error) -> {
            data.append(text(piece));
            seen.add(pending);
            if (seen.size() == 1) {
                assertEquals(1, pipe.pendingCount());
                Udp received = new Udp(loop);
                pipe.accept(received);
                assertEquals(udp.localAddress(), received.localAddress());
            }
            assertEquals(0, pipe.pendingCount());
            assertEquals(PendingType.NONE, pipe.pendingType());
        });
        ends.a().write(buffer("with it"), logs("sent"), udp);
        assertEquals(List.of(), log, "called back inside the call");
        runUntil(() -> data.length() == 7 && !log.isEmpty());
        assertEquals("with it", data.toString());
        assertEquals(PendingType.UDP, seen.removeFirst(), "with the first bytes");
        assertTrue(seen.stream().allMatch(PendingType.NONE::equals), "and with no later ones");
        assertEquals(List.of("sent"), log);
    }

    @Test
    void dataWithoutHandlesSaysNoneAndNothingWaits() throws Exception {
        Ends ends = ipcEnds();
        List<PendingType> seen = new ArrayList<>();
        ends.b().startRead2((pipe, data, pending, error) -> seen.add(pending));
        assertEquals(0, ends.b().pendingCount());
        assertEquals(PendingType.NONE, ends.b().pendingType());
        ends.a().write(buffer("x"), (pipe, error) -> pipe.close());
        runUntil(() -> seen.size() == 2);
        assertEquals(List.of(PendingType.NONE, PendingType.NONE), seen);
        assertFails(ErrorCode.EAGAIN, () -> ends.b().accept(new Tcp(loop)));
        assertFails(ErrorCode.EAGAIN, () -> ends.b().accept(new Udp(loop)));
        assertFails(ErrorCode.EAGAIN, () -> ends.b().accept(new RawDescriptor(loop)));
        assertFails(ErrorCode.EAGAIN, () -> ends.b().accept(pipe()));
    }

    @Test
    void plainReadingCollectsHandlesToo() throws Exception {
        Ends ends = ipcEnds();
        Udp udp = boundUdp();
        Collected<Pipe> data = collect(ends.b());
        ends.a().write(buffer("abc"), logs("sent"), udp);
        runUntil(() -> data.size() == 3);
        assertEquals(1, ends.b().pendingCount());
        ends.b().accept(new Udp(loop));
    }

    @Test
    void acceptOfTheWrongKindNamesWhatWaitsAndLosesNothing() throws Exception {
        Tcp tcp = boundTcp();
        Udp udp = boundUdp();
        Pipe receiver = passed(tcp, udp, payload().a(), file()).b();
        Handle[] fresh = {new Tcp(loop), new Udp(loop), pipe(), new RawDescriptor(loop)};
        PendingType[] types = {PendingType.TCP, PendingType.UDP, PendingType.PIPE, PendingType.DESCRIPTOR};
        for (int waiting = 0; waiting < 4; waiting++) {
            for (int asked = 0; asked < 3; asked++) {
                if (asked != waiting) {
                    Handle wrong = fresh[asked];
                    var refused = assertThrows(IllegalArgumentException.class, () -> accept(receiver, wrong));
                    assertTrue(refused.getMessage().contains(types[waiting].name()), refused::getMessage);
                    assertTrue(refused.getMessage().contains(types[asked].name()), refused::getMessage);
                    assertEquals(4 - waiting, receiver.pendingCount());
                }
            }
            accept(receiver, fresh[waiting]);
        }
        assertEquals(tcp.localAddress(), ((Tcp) fresh[0]).localAddress());
        assertEquals(udp.localAddress(), ((Udp) fresh[1]).localAddress());
    }

    private static void accept(Pipe receiver, Handle handle) throws PanpipeException {
        switch (handle) {
            case Tcp tcp -> receiver.accept(tcp);
            case Udp udp -> receiver.accept(udp);
            case Pipe pipe -> receiver.accept(pipe);
            case RawDescriptor raw -> receiver.accept(raw);
            default -> throw new IllegalArgumentException(handle.toString());
        }
    }

    @Test
    void acceptIntoAUsedHandleIsRefusedAndLosesNothing() throws Exception {
        Tcp tcp = boundTcp();
        Udp udp = boundUdp();
        Pipe receiver = passed(tcp, udp, payload().a(), file()).b();
        Handle[] used = {boundTcp(), boundUdp(), ends().a(), file()};
        Handle[] fresh = {new Tcp(loop), new Udp(loop), pipe(), new RawDescriptor(loop)};
        for (int i = 0; i < 4; i++) {
            Handle inUse = used[i];
            assertThrows(IllegalStateException.class, () -> accept(receiver, inUse));
            assertEquals(4 - i, receiver.pendingCount());
            accept(receiver, fresh[i]);
        }
        assertEquals(tcp.localAddress(), ((Tcp) fresh[0]).localAddress());
    }

    @Test
    void acceptIntoAnotherLoopsHandleIsRefused() throws Exception {
        Pipe receiver = passed(boundUdp()).b();
        try (Loop other = KernelAccess.loop(kernel.kernel())) {
            Udp foreign = new Udp(other);
            assertThrows(IllegalArgumentException.class, () -> receiver.accept(foreign));
        }
        assertEquals(1, receiver.pendingCount());
        receiver.accept(new Udp(loop));
    }

    @Test
    void aHandleClosedRightAfterWriteStillArrives() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        ends.a().write(buffer("x"), logs("sent"), payload.a());
        payload.a().close();
        Arrivals arrivals = Arrivals.at(ends.b());
        runUntil(() -> arrivals.size() == 1);
        Pipe received = pipe();
        ends.b().accept(received);
        assertTalk(received, payload.b());
    }

    @Test
    void theSentHandleStaysUsableHere() throws Exception {
        Ends payload = payload();
        Pipe receiver = passed(payload.a()).b();
        assertTalk(payload.a(), payload.b());
        receiver.close();
        assertTalk(payload.a(), payload.b());
    }

    @Test
    void handlesOfAPeerThatHasGoneCanStillBeAccepted() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        ends.a().write(buffer("x"), (pipe, error) -> pipe.close(), payload.a());
        payload.a().close();
        Arrivals arrivals = Arrivals.at(ends.b());
        runUntil(() -> arrivals.end() != null);
        assertEquals(ErrorCode.EOF, arrivals.end());
        assertEquals(1, ends.b().pendingCount());
        Pipe received = pipe();
        ends.b().accept(received);
        assertTalk(received, payload.b());
    }

    @Test
    void handlesThatNobodyAcceptsAreClosedWithThePipe() throws Exception {
        Ends payload = payload();
        Ends ends = passed(payload.a(), payload.a(), payload.a());
        payload.a().close();
        ends.b().accept(new RawDescriptor(loop));
        assertEquals(2, ends.b().pendingCount());
        loop.handles().stream().filter(RawDescriptor.class::isInstance).forEach(Handle::close);
        assertPeerThere(payload.b());
        ends.b().close();
        assertEquals(0, ends.b().pendingCount());
        assertPeerGone(payload.b());
    }

    @Test
    void handlesThatNobodyEvenReadAreClosedWithThePipe() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        ends.a().write(buffer("x"), logs("sent"), payload.a());
        runUntil(() -> !log.isEmpty());
        payload.a().close();
        assertPeerThere(payload.b());
        ends.b().close();
        assertPeerGone(payload.b());
    }

    @Test
    void detachIsRefusedWhileHandlesWait() throws Exception {
        Pipe receiver = passed(boundUdp()).b();
        assertThrows(IllegalStateException.class, receiver::detach);
        receiver.accept(new Udp(loop));
        Pipe again = new Pipe(loop, true);
        again.open(receiver.detach());
    }

    @Test
    void withoutDataThereIsNothingToCarryHandles() throws Exception {
        Ends ends = ipcEnds();
        Udp udp = boundUdp();
        var refused = assertThrows(IllegalArgumentException.class,
                () -> ends.a().write(buffer(""), logs("sent"), udp));
        assertTrue(refused.getMessage().contains("one byte"), refused::getMessage);
        assertThrows(IllegalArgumentException.class, () -> ends.a().tryWrite(buffer(""), udp));
        pass();
        assertEquals(List.of(), log);
    }

    @Test
    void noHandleAtAllIsRefused() throws Exception {
        Ends ends = ipcEnds();
        Handle[] none = {};
        assertThrows(IllegalArgumentException.class, () -> ends.a().write(buffer("x"), logs("sent"), none));
        assertThrows(IllegalArgumentException.class, () -> ends.a().tryWrite(buffer("x"), none));
    }

    @Test
    void asManyAsTheSystemTakesArriveAtOnceAndOneMoreIsRefused() throws Exception {
        Ends payload = payload();
        Ends ends = passed(times(MOST, payload.a()));
        assertEquals(MOST, ends.b().pendingCount());
        Handle[] tooMany = times(MOST + 1, payload.a());
        var refused = assertThrows(IllegalArgumentException.class,
                () -> ends.a().write(buffer("x"), logs("sent"), tooMany));
        assertTrue(refused.getMessage().contains("253"), refused::getMessage);
        assertThrows(IllegalArgumentException.class, () -> ends.a().tryWrite(buffer("x"), tooMany));
        payload.a().close();
        Pipe last = pipe();
        for (int i = 0; i < MOST; i++) {
            last.close();
            last = pipe();
            ends.b().accept(last);
        }
        assertTalk(last, payload.b());
        last.close();
        assertPeerGone(payload.b());
    }

    @Test
    void whatHasNoDescriptorCannotBeSent() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        Timer timer = new Timer(loop);
        for (Handle without : List.of(timer, new Tcp(loop), new Udp(loop), pipe(), new RawDescriptor(loop))) {
            for (Executable call : List.<Executable>of(
                    () -> ends.a().write(buffer("x"), logs("sent"), payload.a(), without),
                    () -> ends.a().tryWrite(buffer("x"), payload.a(), without))) {
                assertThrows(IllegalArgumentException.class, call, without::toString);
            }
        }
        assertNothingSent(ends, payload);
    }

    @Test
    void aClosedHandleCannotBeSent() throws Exception {
        Ends ends = ipcEnds();
        Ends payload = payload();
        Udp closed = boundUdp();
        closed.close();
        assertThrows(IllegalArgumentException.class,
                () -> ends.a().write(buffer("x"), logs("sent"), payload.a(), closed));
        assertNothingSent(ends, payload);
    }

    /** Neither data nor a handle has left, and no copy of the handle is left behind. */
    private void assertNothingSent(Ends ends, Ends payload) throws PanpipeException {
        Arrivals arrivals = Arrivals.at(ends.b());
        payload.a().close();
        assertPeerGone(payload.b());
        assertEquals(0, ends.a().writeQueueSize());
        assertEquals(0, arrivals.size());
        assertEquals(0, ends.b().pendingCount());
        assertEquals(List.of(), log);
    }

    @Test
    void aPipeThatIsNotMadeForHandlesRefusesThem() throws Exception {
        Ends plain = ends();
        Udp udp = boundUdp();
        assertFalse(plain.a().ipc());
        for (Executable call : List.<Executable>of(
                () -> plain.a().write(buffer("x"), logs("sent"), udp),
                () -> plain.a().tryWrite(buffer("x"), udp),
                () -> plain.a().startRead2((pipe, data, pending, error) -> {}),
                () -> plain.a().accept(new Tcp(loop)),
                () -> plain.a().accept(new Udp(loop)),
                () -> plain.a().accept(new RawDescriptor(loop)))) {
            assertThrows(IllegalStateException.class, call);
        }
        assertThrows(IllegalStateException.class, () -> plain.a().accept(pipe()));
        assertEquals(0, plain.a().pendingCount());
        assertEquals(PendingType.NONE, plain.a().pendingType());
        assertTalk(plain.a(), plain.b());
    }

    @Test
    void anIpcPipeIsAConnectionAndNeverListens() throws Exception {
        Pipe ipc = new Pipe(loop, true);
        assertTrue(ipc.ipc());
        ipc.bind(kernel.freshName());
        assertThrows(IllegalStateException.class, () -> ipc.listen(logs("connection")));
    }

    @Test
    void copyingAnIpcPipeIsRefusedSinceItWouldLoseHandles() throws Exception {
        Ends ends = ipcEnds();
        Ends plain = ends();
        assertThrows(IllegalStateException.class, () -> ends.a().pipeTo(plain.a(), logs("copied")));
        assertTalk(ends.a(), ends.b());
    }

    @Test
    void ipcPipesConnectByNameAndPassHandlesBothWays() throws Exception {
        String name = kernel.freshName();
        Pipe accepted = new Pipe(loop, true);
        listening(name, (listener, error) -> listener.accept(accepted));
        Pipe client = new Pipe(loop, true);
        Udp first = boundUdp();
        Udp second = boundUdp();
        client.connect(name, (pipe, error) -> throwIfAny(error));
        // Before the connection is there: it leaves with it.
        client.write(buffer("x"), logs("sent"), first);
        runUntil(accepted::readable);
        accepted.write(buffer("y"), logs("sent"), second);
        Arrivals atClient = Arrivals.at(client);
        Arrivals atServer = Arrivals.at(accepted);
        runUntil(() -> atClient.size() == 1 && atServer.size() == 1);
        Udp there = new Udp(loop);
        accepted.accept(there);
        Udp here = new Udp(loop);
        client.accept(here);
        assertEquals(first.localAddress(), there.localAddress());
        assertEquals(second.localAddress(), here.localAddress());
    }

    @Test
    void aFailedConnectReleasesTheHandlesThatWereToLeaveWithIt() throws Exception {
        Ends payload = payload();
        Pipe client = new Pipe(loop, true);
        client.connect(kernel.freshName(), logs("connect"));
        client.write(buffer("x"), logs("write"), payload.a());
        payload.a().close();
        runUntil(() -> log.size() == 2);
        assertEquals(List.of("connect ENOENT", "write ECANCELED"), log);
        assertPeerGone(payload.b());
    }
}
