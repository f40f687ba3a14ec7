/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.panpipe.Async;
import io.panpipe.ErrorCode;
import io.panpipe.Handle;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.LoopOptions;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.RunMode;
import io.panpipe.Tcp;
import io.panpipe.Timer;
import io.panpipe.Udp;
import io.panpipe.contract.Contract;
import io.panpipe.testbed.Patience;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A loop that was asked who forgets to close handles tells of one of which nothing can come any more, and closes what it has
 * of the system; and of no other.
 */
abstract class ForgottenHandleContract extends Contract {

    private LogWatch watch;

    @BeforeEach
    final void watchLog() throws Exception {
        loop.close();
        loop = KernelAccess.loop(kernel.kernel(), LoopOptions.defaults().creationSites(true));
        loop.uncaughtExceptionHandler((itself, thrown) -> uncaught.add(thrown));
        watch = new LogWatch();
    }

    @AfterEach
    final void leaveLog() {
        watch.close();
    }

    private List<String> told() {
        return watch.lines().stream().filter(line -> line.contains("a handle was never closed")).toList();
    }

    /** Collects, and turns the loop, until something has happened. */
    private void collectUntil(BooleanSupplier happened) {
        long deadline = System.nanoTime() + Patience.seconds(60).toNanos();
        while (!happened.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                fail("it has not happened; told: " + told() + "; " + loop.dump());
            }
            System.gc();
            run(RunMode.NOWAIT);
        }
    }

    private void forgetTimer() {
        new Timer(loop);
    }

    /** What could be collected has been: a handle is told that was forgotten after all others. */
    private void assertNothingElseTold() {
        forgetTimer();
        collectUntil(() -> told().stream().anyMatch(line -> line.contains("Timer: not started")));
        assertEquals(1, told().size(), () -> told().toString());
    }

    /** A copy whose two handles nobody has any more; only its far ends are kept. */
    private Pipe[] forgottenCopy(int[] ended) throws Exception {
        Pipe[] from = Pipe.pair(loop);
        Pipe[] to = Pipe.pair(loop);
        from[1].pipeTo(to[0], (source, error) -> ended[0]++);
        return new Pipe[] {from[0], to[1]};
    }

    /** It is at work by itself: also where its sink waits for room, and its source is not read meanwhile. */
    @Test
    void aCopyThatNobodyRefersToGoesOn() throws Exception {
        int[] ended = {0};
        int size = 3_000_000;
        Pipe[] ends = forgottenCopy(ended);
        int[] received = {0};
        ends[0].write(new byte[size / 2]);
        ends[1].startRead((pipe, data, end) -> {
            if (data != null) {
                received[0] += data.remaining();
            }
        });
        collectUntil(() -> received[0] == size / 2);
        ends[1].stopRead();
        ends[0].write(new byte[size / 2]);
        ends[0].shutdown();
        for (int i = 1; i <= 4; i++) {
            // Whatever could be collected has been when this is told.
            int timers = i;
            forgetTimer();
            collectUntil(() -> told().size() >= timers);
            assertEquals(timers, told().size(), () -> told().toString());
        }
        ends[1].startRead((pipe, data, end) -> {
            if (data != null) {
                received[0] += data.remaining();
            }
        });
        collectUntil(() -> received[0] == size && ended[0] == 1);
        ends[0].close();
        ends[1].close();
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** Something that makes handles and keeps none. */
    private interface Forgetful {
        void run() throws Exception;
    }

    /** Has something forgotten that is told with who has made it. */
    private String forget(Forgetful maker) throws Exception {
        maker.run();
        collectUntil(() -> !told().isEmpty());
        String line = told().getFirst();
        assertTrue(line.startsWith("WARNING "), line);
        assertTrue(line.contains("\n      made at ") && line.contains("io.panpipe.observe.ForgottenHandleContract"), line);
        return line;
    }

    private Pipe halfForgottenPair() throws Exception {
        Pipe[] pair = Pipe.pair(loop);
        return pair[1];
    }

    @Test
    void aStreamIsToldAndClosedSoThatItsPeerSeesTheEnd() throws Exception {
        Pipe[] kept = new Pipe[1];
        String line = forget(() -> kept[0] = halfForgottenPair());
        assertTrue(line.contains("Pipe: connected, descriptor "), line);
        assertTrue(line.contains("not reading, read 0 and written 0 bytes"), line);
        kept[0].startRead((pipe, data, error) -> log.add(error.code().name()));
        run();
        assertEquals(List.of("EOF"), log);
        assertEquals(List.of(kept[0]), loop.handles());
        assertEquals(1, told().size());
    }

    @Test
    void oneThatHasWorkedIsToldWithWhatItDid() throws Exception {
        String line = forget(() -> {
            Ends ends = ends();
            ends.b().startRead((pipe, data, error) -> pipe.stopRead());
            ends.a().write(bytes("hello"));
            settle();
        });
        collectUntil(() -> told().size() == 2);
        assertTrue(told().stream().anyMatch(each -> each.contains("read 5 and written 0 bytes")), () -> told().toString());
        assertTrue(told().stream().anyMatch(each -> each.contains("read 0 and written 5 bytes")), () -> told().toString());
        assertEquals(List.of(), loop.handles());
        assertFalse(loop.alive());
    }

    @Test
    void aNameIsFreeAgain() throws Exception {
        String name = kernel.freshName();
        String line = forget(() -> pipe().bind(name));
        assertTrue(line.contains(name.replace('\0', '@')), line);
        pipe().bind(name);
    }

    @Test
    void everyKindOfHandleIsTold() throws Exception {
        forget(() -> {
            new Udp(loop).bind(loopback());
            new Tcp(loop).bind(loopback());
            new RawDescriptor(loop).open(Pipe.pair(loop)[0].detach());
            new Timer(loop).start(timer -> log.add("fired"), Duration.ZERO);
            run();
        });
        for (String kind : List.of("Udp ", "Tcp ", "RawDescriptor ", "Timer: not started", "Pipe: ")) {
            collectUntil(() -> told().stream().anyMatch(line -> line.contains("closed now: " + kind)));
        }
        assertEquals(5, told().size(), () -> told().toString());
        assertEquals(List.of("fired"), log);
        assertEquals(List.of(), loop.handles());
    }

    @Test
    void whatItsUserRefersToIsNotForgotten() throws Exception {
        Ends ends = ends();
        Timer timer = new Timer(loop);
        assertNothingElseTold();
        assertEquals(List.of(ends.a(), ends.b(), timer), loop.handles());
        receiveOnly(ends.b());
        ends.a().write(bytes("still here"), (pipe, error) -> log.add("written " + error));
        runUntil(() -> log.contains("written null"));
    }

    /** Makes handles that somebody waits for, and returns the other ends of three of them. */
    private List<Pipe> forgetActiveOnes(String name) throws Exception {
        listening(name, (server, error) -> server.accept(pipe()));
        Ends blocked = ends();
        block(blocked.a());
        blocked.a().write(bytes("queued"), (pipe, error) -> log.add("written"));
        Pipe[] answering = Pipe.pair(loop);
        answering[0].startRead((pipe, data, error) -> pipe.write(data));
        answering[1].startRead((pipe, data, error) -> log.add("answer"));
        new Timer(loop).start(timer -> timer.close(), Duration.ofDays(1));
        Ends watched = ends();
        watched.a().idleTimeout(Duration.ofDays(1), pipe -> log.add("idle"));
        Ends closed = ends();
        closed.a().onClose(pipe -> log.add("closed"));
        new Async(loop, signal -> {}).unref();
        return List.of(blocked.b(), watched.b(), closed.b());
    }

    @Test
    void whatSomethingMayComeOfIsNotForgotten() throws Exception {
        List<Pipe> kept = forgetActiveOnes(kernel.freshName());
        assertNothingElseTold();
        assertEquals(8 + kept.size(), loop.handles().size(), () -> loop.dump());
        assertEquals(List.of(), log);
    }

    private void useAndForget(Pipe[] kept) throws Exception {
        kept[1].startRead((pipe, data, error) -> {
            if (data != null) {
                pipe.write(data);
            }
        });
    }

    @Test
    void whatIsUsedAgainIsNotForgotten() throws Exception {
        Pipe[] kept = Pipe.pair(loop);
        // The loop has let go of both by then.
        assertNothingElseTold();
        useAndForget(kept);
        kept[1] = null;
        forgetTimer();
        collectUntil(() -> told().size() == 2);
        kept[0].startRead((pipe, data, error) -> log.add("answer " + data.remaining()));
        kept[0].write(bytes("hello"));
        runUntil(() -> log.contains("answer 5"));
        assertEquals(2, loop.handles().size());
    }

    @Test
    void handlesThatNobodyHasAcceptedAreClosedWithTheirStream() throws Exception {
        Pipe[] kept = new Pipe[1];
        forget(() -> {
            Pipe[] pair = Pipe.pair(loop, true);
            Pipe[] sent = Pipe.pair(loop);
            pair[1].startRead2((pipe, data, type, error) -> pipe.stopRead());
            pair[0].write(ByteBuffer.wrap(bytes("x")), (pipe, error) -> pipe.close(), sent[0]);
            sent[0].close();
            kept[0] = sent[1];
            settle();
        });
        kept[0].startRead((pipe, data, error) -> log.add(error.code().name()));
        runUntil(() -> log.contains(ErrorCode.EOF.name()));
    }

    @Test
    void theCloseOfALoopIsNoneOfItsBusiness() throws Exception {
        Loop closing = KernelAccess.loop(kernel.kernel(), LoopOptions.defaults().creationSites(true));
        new Udp(closing).bind(loopback());
        for (int i = 0; i < 3; i++) {
            System.gc();
            closing.run(RunMode.NOWAIT);
            System.gc();
        }
        int before = told().size();
        closing.close();
        assertEquals(before, told().size());
    }

    @Test
    void whoHasNotAskedIsNotTold() throws Exception {
        try (Loop plain = KernelAccess.loop(kernel.kernel())) {
            new Timer(plain);
            for (int i = 0; i < 3; i++) {
                System.gc();
                plain.run(RunMode.NOWAIT);
            }
            assertEquals(1, plain.handles().size());
        }
        assertEquals(List.of(), told());
    }
}
