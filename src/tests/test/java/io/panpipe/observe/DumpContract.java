/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Async;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.LoopOptions;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.StreamCallback;
import io.panpipe.Timer;
import io.panpipe.Udp;
import io.panpipe.contract.Contract;
import io.panpipe.contract.Needs;
import io.panpipe.contract.Trait;
import io.panpipe.testbed.Patience;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a loop's dump shows. */
abstract class DumpContract extends Contract {

    /** Returns the lines about one handle. */
    private static String linesOf(Object handle, String dump) {
        String number = String.format("%08x", System.identityHashCode(handle));
        return Pattern.compile("^\\[...] " + number + " .*\n(     .*\n)*", Pattern.MULTILINE).matcher(dump).results()
                .map(found -> found.group())
                .reduce((one, other) -> {
                    throw new AssertionError("twice in " + dump);
                })
                .orElse("");
    }

    private void assertShows(Object handle, String... facts) {
        String lines = linesOf(handle, loop.dump());
        for (String fact : facts) {
            assertTrue(lines.contains(fact), () -> "no \"" + fact + "\" in: " + loop.dump());
        }
    }

    @Test
    void aListenerIsShown() throws Exception {
        Pipe server = listening(kernel.freshName(), (listener, error) -> {});
        assertShows(server, "[RA-]", "Pipe " + server.localName().replace('\0', '@'), ": listening", " s old");
        server.unref();
        assertShows(server, "[-A-]");
        server.close();
        assertShows(server, "[--C]");
        run();
        assertEquals("", linesOf(server, loop.dump()));
    }

    @Test
    void aStreamIsShownWithItsQueueAndItsBytes() throws Exception {
        Ends ends = ends();
        assertShows(ends.b(), "[R--]", "connected", "not reading", "read 0 and written 0 bytes");
        receiveOnly(ends.b());
        assertShows(ends.b(), "[RA-]", ", reading");
        ends.a().write(bytes("hello"));
        assertShows(ends.a(), "[RA-]", "5 bytes queued", "requests pending");
        settle();
        assertShows(ends.a(), "written 5 bytes");
        assertShows(ends.b(), "read 5 ");
        assertFalse(linesOf(ends.a(), loop.dump()).contains("queued"), loop::dump);
        ends.b().stopRead();
        block(ends.a());
        assertShows(ends.a(), ends.a().writeQueueSize() + " bytes queued, ");
        ends.close();
    }

    @Test
    void aCopyNamesItsSink() throws Exception {
        Ends from = ends();
        Ends to = ends();
        from.a().pipeTo(to.a());
        assertShows(from.a(), "copied to Pipe");
    }

    @Test
    void anAnnouncedConnectionIsShownUntilItIsAccepted() throws Exception {
        Pipe server = listening(kernel.freshName(), notesConnection());
        pipe().connect(server.localName(), (client, error) -> throwIfAny(error));
        runUntil(() -> log.contains("connection"));
        assertShows(server, "waits to be accepted");
        server.accept(pipe());
        assertFalse(linesOf(server, loop.dump()).contains("accepted"), loop::dump);
    }

    private StreamCallback<Pipe> notesConnection() {
        return (server, error) -> {
            throwIfAny(error);
            log.add("connection");
        };
    }

    @Test
    void aTimerIsShownWithItsTime() {
        Timer timer = new Timer(loop);
        assertShows(timer, "[R--]", "Timer: not started");
        timer.start(notes("fired"), Duration.ofSeconds(100), Duration.ofMillis(1500));
        assertShows(timer, "[RA-]", "repeats every 1.500 s");
        String line = linesOf(timer, loop.dump());
        assertTrue(line.matches("(?s).*due in (99\\.\\d\\d\\d|100\\.000) s.*"), line);
    }

    @Test
    @Needs(Trait.TCP_AND_UDP)
    void udpIsShownWithItsBytes() throws Exception {
        Udp udp = new Udp(loop);
        udp.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0));
        assertShows(udp, "[R--]", "not receiving", "received 0 and sent 0 bytes");
        udp.startRecv((itself, data, from, error) -> log.add(text(data)));
        udp.send(ByteBuffer.wrap(bytes("hello")), udp.localAddress(), (itself, error) -> throwIfAny(error));
        assertShows(udp, "[RA-]", ", receiving", "5 bytes queued");
        runUntil(() -> log.contains("hello"));
        settle();
        assertShows(udp, "received 5 and sent 5 bytes");

        udp.trySend(ByteBuffer.wrap(bytes("at once")), udp.localAddress());
        runUntil(() -> log.contains("at once"));
        assertShows(udp, "received 12 and sent 12 bytes");
    }

    @Test
    void whatHasNoStateIsShownToo() {
        Async async = new Async(loop, notes("signalled"));
        RawDescriptor raw = new RawDescriptor(loop);
        assertShows(async, "[RA-]", "Async: not signalled");
        assertShows(raw, "[R--]", "RawDescriptor");
        async.send();
        assertShows(async, "Async: signalled");
    }

    @Test
    void theLoopItselfIsShown() throws Exception {
        Ends ends = ends();
        ends.a().write(bytes("x"));
        loop.execute(() -> log.add(loop.dump()));
        String before = loop.dump();
        assertTrue(before.startsWith("Loop "), before);
        assertTrue(before.contains("\"" + Thread.currentThread().getName() + "\": not running, turn 0"), before);
        assertTrue(before.contains("pending requests: 1, queued tasks: 1\n"), before);
        settle();
        assertTrue(log.getFirst().contains(": working, turn 1"), log::getFirst);
        loop.close();
        assertTrue(loop.dump().contains(": closed, "), loop::dump);
    }

    @Test
    void anotherThreadIsShownWhatTheLoopsThreadDoes() throws Exception {
        Ends ends = ends();
        receiveOnly(ends.b());
        ends.a().write(bytes("hello"));
        new Timer(loop).start(timer -> busyUntilDumped(), Duration.ofMillis(1));
        run();
        String dump = log.getFirst();
        assertTrue(linesOf(ends.b(), dump).contains("reading, read 5 "), dump);
        assertTrue(dump.contains(": working, "), dump);
        assertTrue(dump.contains("busyUntilDumped"), dump);
        ends.close();
    }

    @Test
    void theDumpOfAllHasEachLoopUntilItIsClosed() throws Exception {
        Timer here = new Timer(loop);
        Timer there;
        try (Loop other = KernelAccess.loop(kernel.kernel(), LoopOptions.defaults())) {
            there = new Timer(other);
            String all = elsewhere(Loop::dumpAll);
            assertTrue(linesOf(here, all).contains("Timer"), all);
            assertTrue(linesOf(there, all).contains("Timer"), all);
        }
        String all = Loop.dumpAll();
        assertTrue(linesOf(here, all).contains("Timer"), all);
        assertEquals("", linesOf(there, all));
    }

    private static String elsewhere(Supplier<String> dump) throws Exception {
        return CompletableFuture.supplyAsync(dump).get(Patience.seconds(60).toMillis(), TimeUnit.MILLISECONDS);
    }

    private void busyUntilDumped() throws Exception {
        log.add(elsewhere(loop::dump));
        loop.stop();
    }

    @Test
    void whereHandlesWereMadeIsRememberedIfAskedFor() throws Exception {
        try (Loop remembering = KernelAccess.loop(kernel.kernel(), LoopOptions.defaults().creationSites(true))) {
            Timer made = new Timer(remembering);
            Pipe paired = Pipe.pair(remembering)[0];
            String here = DumpContract.class.getName() + ".whereHandlesWereMadeIsRememberedIfAskedFor(DumpContract.java:";
            String dump = remembering.dump();
            assertTrue(linesOf(made, dump).contains("\n      made at " + here), dump);
            assertTrue(linesOf(paired, dump).contains("\n      made at " + here), dump);
            made.close();
            remembering.run();
            assertFalse(remembering.dump().contains("Timer"), remembering::dump);
        }
        new Timer(loop);
        assertFalse(loop.dump().contains("made at"), loop::dump);
    }
}
