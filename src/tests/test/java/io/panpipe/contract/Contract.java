/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.ErrorCode;
import io.panpipe.Handle;
import io.panpipe.HandleCallback;
import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.StreamCallback;
import io.panpipe.Timer;
import io.panpipe.testbed.Patience;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.function.Executable;

/**
 * What every theme of the contract stands on: a loop over the kernel under test, a watch over it, and a look around
 * after each test for what was left behind.
 *
 * <p>An assertion that fails inside a callback stops the loop and fails the test.
 */
public abstract class Contract implements KernelSource {

    /** Long enough for a busy machine, short enough to see which test hangs. */
    private static final Duration PATIENCE = Patience.seconds(60);

    /** Interrupting a test does not reach a thread that waits inside a system call; stopping its loop does. */
    private static final ScheduledExecutorService WATCH = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("contract-watch").unstarted(task));

    /** What happened, in order. */
    protected final List<String> log = new ArrayList<>();

    /** What callbacks threw. */
    protected final List<Throwable> uncaught = new ArrayList<>();

    protected ContractKernel kernel;
    protected Loop loop;

    @BeforeEach
    final void openLoop(TestInfo test) throws Exception {
        kernel = newKernel();
        assumeTraits(test.getTestMethod().orElseThrow());
        loop = KernelAccess.loop(kernel.kernel(), kernel.options());
        loop.uncaughtExceptionHandler((itself, thrown) -> {
            uncaught.add(thrown);
            itself.stop();
        });
    }

    private void assumeTraits(Method test) {
        Needs needs = test.getAnnotation(Needs.class);
        if (needs != null) {
            needs(needs.value());
        }
        Lacks lacks = test.getAnnotation(Lacks.class);
        assumeFalse(lacks != null && kernel.has(lacks.value()), () -> "elsewhere: " + lacks.value().without());
    }

    /** Ends a test that is about what the kernel under test does not have. */
    protected final void needs(Trait trait) {
        assumeTrue(kernel.has(trait), () -> "not here: " + trait.without());
    }

    @AfterEach
    final void closeLoop() {
        if (loop == null) {
            // Not a test for this kernel.
            kernel.close();
            return;
        }
        try {
            kernel.beforeClose(descriptors());
            loop.close();
            assertEquals(List.of(), loop.handles(), "handles left in a closed loop");
            kernel.assertNothingLeft();
            throwUncaught();
        } finally {
            kernel.close();
        }
    }

    private List<Long> descriptors() {
        List<Long> open = new ArrayList<>();
        for (Handle handle : loop.handles()) {
            if (handle instanceof Pipe pipe && !pipe.closed()) {
                try {
                    open.add(pipe.fileno());
                } catch (PanpipeException none) {
                    // A pipe that was never bound or connected.
                }
            }
        }
        return open;
    }

    /** Takes what callbacks have thrown so far, for a test that expects it. */
    protected final List<Throwable> takeUncaught() {
        List<Throwable> taken = List.copyOf(uncaught);
        uncaught.clear();
        return taken;
    }

    private void throwUncaught() {
        List<Throwable> thrown = takeUncaught();
        if (!thrown.isEmpty()) {
            AssertionError failure = new AssertionError("a callback threw: " + thrown.getFirst(), thrown.getFirst());
            thrown.stream().skip(1).forEach(failure::addSuppressed);
            throw failure;
        }
    }

    // Running.

    /** Runs the loop until nothing keeps it alive; fails if that takes too long or a callback threw. */
    protected final boolean run() {
        return run(RunMode.DEFAULT);
    }

    /** Runs the loop; fails if that takes too long or a callback threw. */
    protected final boolean run(RunMode mode) {
        AtomicBoolean late = new AtomicBoolean();
        var watch = WATCH.schedule(() -> {
            late.set(true);
            loop.stop();
        }, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        boolean alive;
        try {
            alive = loop.run(mode);
        } finally {
            watch.cancel(false);
        }
        throwUncaught();
        if (late.get()) {
            fail("the loop did not end in " + PATIENCE.toSeconds() + " s; log: " + log + "; " + loop.dump());
        }
        return alive;
    }

    /** Turns the loop until a condition holds. */
    protected final void runUntil(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (!run(RunMode.ONCE) && !condition.getAsBoolean()) {
                fail("nothing keeps the loop alive any more, and what was waited for has not come; log: " + log);
            }
        }
    }

    /** Turns the loop a few times without waiting: what could happen has happened. */
    protected final void settle() {
        for (int i = 0; i < 20; i++) {
            run(RunMode.NOWAIT);
        }
    }

    // Making things.

    /** Makes a pipe of the loop. */
    protected final Pipe pipe() {
        return new Pipe(loop);
    }

    /** Two ends of one connection. */
    public record Ends(Pipe a, Pipe b) {

        /** Closes both. */
        public void close() {
            a.close();
            b.close();
        }
    }

    /** Makes two connected pipes. */
    protected final Ends ends() throws PanpipeException {
        Pipe[] pair = Pipe.pair(loop);
        return new Ends(pair[0], pair[1]);
    }

    /** Returns a server that listens on a fresh name. */
    protected final Pipe listening(String name, StreamCallback<? super Pipe> callback) throws PanpipeException {
        Pipe server = pipe();
        server.bind(name);
        server.listen(callback);
        return server;
    }

    /** Connects a client and a server's end by a fresh name; the server itself is closed again. */
    protected final Ends connected() throws PanpipeException {
        return connected(kernel.freshName());
    }

    /** Connects a client and a server's end by a name; the server itself is closed again. */
    protected final Ends connected(String name) throws PanpipeException {
        Pipe accepted = pipe();
        Pipe client = pipe();
        boolean[] done = new boolean[2];
        Pipe server = listening(name, (listener, error) -> {
            throwIfAny(error);
            listener.accept(accepted);
            done[0] = true;
        });
        client.connect(server.localName(), (pipe, error) -> {
            throwIfAny(error);
            done[1] = true;
        });
        runUntil(() -> done[0] && done[1]);
        server.close();
        run(RunMode.NOWAIT);
        return new Ends(client, accepted);
    }

    /** Fails unless what is written to one end, which is closed then, is read from the other. */
    protected final void assertTalks(Ends ends) throws PanpipeException {
        Received received = receive(ends.b());
        ends.a().write(bytes("hello"), (a, error) -> a.close());
        runUntil(() -> received.end() != null);
        assertEquals("hello", received.text());
    }

    /** Fails unless somebody accepts clients under a name. */
    protected final void assertServes(String name) {
        boolean[] served = new boolean[1];
        pipe().connect(name, (client, error) -> {
            throwIfAny(error);
            client.close();
            served[0] = true;
        });
        runUntil(() -> served[0]);
    }

    protected static void throwIfAny(PanpipeException error) throws PanpipeException {
        if (error != null) {
            throw error;
        }
    }

    /** Returns a callback that logs {@code label}, with the error's code if there is one. */
    protected final StreamCallback<Object> logs(String label) {
        return (stream, error) -> log.add(error == null ? label : label + " " + error.code());
    }

    /** Returns a callback that logs {@code label}. */
    protected final HandleCallback<Object> notes(String label) {
        return handle -> log.add(label);
    }

    /** Reads a pipe to its end and closes it there. */
    protected final Received receive(Pipe pipe) throws PanpipeException {
        Received received = new Received(true);
        pipe.startRead(received);
        return received;
    }

    /** Reads a pipe to its end and leaves it open. */
    protected final Received receiveOnly(Pipe pipe) throws PanpipeException {
        Received received = new Received(false);
        pipe.startRead(received);
        return received;
    }

    /**
     * Reads so many bytes of a pipe and closes it there.
     *
     * @param expected how many bytes
     */
    protected final Received receive(Pipe pipe, int expected) throws PanpipeException {
        Received received = new Received(expected);
        pipe.startRead(received);
        return received;
    }

    /** Has the other end of a pipe read the end of the stream behind what was written: by a half-close, or else by closing. */
    protected final void finishWriting(Pipe pipe) {
        if (kernel.has(Trait.HALF_CLOSE)) {
            pipe.shutdown();
        } else {
            pipe.shutdown((same, refused) -> {
                assertEquals(ErrorCode.ENOTSUP, refused.code());
                same.close();
            });
        }
    }

    /**
     * Reads the answer to what was written to a pipe, to its end: behind a half-close, or else as much as there will be.
     *
     * @param expected how many bytes that is
     */
    protected final Received finishAndReceive(Pipe pipe, int expected) throws PanpipeException {
        if (!kernel.has(Trait.HALF_CLOSE)) {
            return receive(pipe, expected);
        }
        pipe.shutdown();
        return receive(pipe);
    }

    /** Fails if the loop turns without reason while a timer waits. */
    protected final void assertIdle() {
        long before = loop.metrics().iterations();
        new Timer(loop).start(Handle::close, Duration.ofMillis(50));
        run();
        long turns = loop.metrics().iterations() - before;
        assertTrue(turns < 15, () -> "the loop spins: " + turns + " turns");
    }

    /** Writes to a pipe until it takes no more, and leaves some queued. */
    protected final long block(Pipe pipe) throws PanpipeException {
        byte[] data = new byte[64 * 1024];
        long written = 0;
        while (pipe.writeQueueSize() < 8L * data.length) {
            pipe.write(data, (stream, error) -> {});
            written += data.length;
            run(RunMode.NOWAIT);
        }
        return written;
    }

    // Data and assertions.

    protected static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    protected static String text(ByteBuffer data) {
        return StandardCharsets.UTF_8.decode(data.duplicate()).toString();
    }

    /** Returns bytes that show when they are moved, lost or repeated. */
    protected static byte[] pattern(int length) {
        byte[] pattern = new byte[length];
        for (int i = 0; i < length; i++) {
            pattern[i] = patternAt(i);
        }
        return pattern;
    }

    protected static byte patternAt(long position) {
        return (byte) (position * 31 + (position >>> 8) * 7 + (position >>> 16));
    }

    /** Fails unless a call throws a {@link PanpipeException} of a code. */
    protected static PanpipeException assertFails(ErrorCode code, Executable call) {
        PanpipeException thrown = assertThrows(PanpipeException.class, call);
        assertEquals(code, thrown.code(), thrown::getMessage);
        return thrown;
    }
}
