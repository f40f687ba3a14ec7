/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.ReadCallback;
import io.panpipe.StreamHandle;
import io.panpipe.Timer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One client and the program that serves it: each end of stream is passed on as the half-close it is, the connection
 * closes when the program has ended, and the program is ended when the connection breaks.
 */
final class ExecConnection implements InputPump.Owner, OutputPump.Owner {

    private static final int INPUT_PIECES = 2;
    private static final int OUTPUT_BYTES = 256 * 1024;

    /** How long a program may take to end after SIGTERM, before it gets SIGKILL. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Session session;
    private final TrafficLine traffic;
    private final ConnectionDump dump;
    private final StreamHandle<?> client;
    private final int number;
    private final Process process;
    private final Consumer<ExecConnection> finished;
    private final InputPump fromProgram;
    private final OutputPump toProgram;
    private final ReadCallback<StreamHandle<?>> onRead = this::received;
    private final Timer patience;
    private final Set<ProcessHandle> asked = new LinkedHashSet<>();
    private boolean paused;
    private boolean outputSent;
    private boolean exited;
    private boolean broken;
    private boolean killed;

    ExecConnection(
            Session session,
            TrafficLine traffic,
            ConnectionDump dump,
            StreamHandle<?> client,
            int number,
            Process process,
            Consumer<ExecConnection> finished) {
        this.session = session;
        this.traffic = traffic;
        this.dump = dump;
        this.client = client;
        this.number = number;
        this.process = process;
        this.finished = finished;
        patience = new Timer(session.loop());
        fromProgram = new InputPump(session.loop(), process.getInputStream(), INPUT_PIECES, this);
        toProgram = new OutputPump(session.loop(), process.getOutputStream(), OUTPUT_BYTES, this);
    }

    void start() throws IOException {
        fromProgram.attach(client);
        fromProgram.start("panpipe-from-" + process.pid());
        toProgram.start("panpipe-to-" + process.pid());
        process.onExit().thenRun(this::reportExit);
        try {
            client.startRead(onRead);
        } catch (PanpipeException refused) {
            breakOff();
            throw refused;
        }
    }

    private void received(StreamHandle<?> from, @Nullable ByteBuffer data, @Nullable PanpipeException error) {
        if (data != null) {
            traffic.received(data.remaining());
            dump.received(data);
            if (!toProgram.put(data)) {
                paused = true;
                from.stopRead();
            }
        } else if (error == null || error.code() == ErrorCode.EOF) {
            dump.receivedEnd();
            toProgram.end();
        } else {
            failed(error);
        }
    }

    @Override
    public void drained() {
        if (!paused || client.closed()) {
            return;
        }
        paused = false;
        try {
            client.startRead(onRead);
        } catch (PanpipeException refused) {
            failed(refused);
        }
    }

    /** The program's input is closed, be it that it wants no more: its output may still come. */
    @Override
    public void outputEnded(@Nullable IOException error) {
        if (!client.closed()) {
            client.stopRead();
        }
    }

    @Override
    public void sending(ByteBuffer data) {
        dump.sent(data);
    }

    @Override
    public void sent(StreamHandle<?> pipe, int bytes, @Nullable PanpipeException error) {
        if (error == null) {
            traffic.sent(bytes);
        } else {
            failed(error);
        }
    }

    @Override
    public void inputFailed(IOException error) {
        session.messages().error("connection " + number, error);
    }

    @Override
    public void inputEnded() {
        if (!client.closed()) {
            dump.sentEnd();
            client.shutdown((pipe, error) -> {
                outputSent = true;
                closeIfDone();
            });
        }
    }

    private void reportExit() {
        try {
            session.loop().execute(this::programExited);
        } catch (RejectedExecutionException loopClosed) {
            // The command has ended, and has seen to the program by itself.
            return;
        }
    }

    private void programExited() {
        exited = true;
        if (!hasLeft()) {
            patience.close();
        }
        session.messages().detail("connection " + number + ": the program ended with " + process.exitValue());
        closeIfDone();
    }

    private void closeIfDone() {
        if (exited && (outputSent || broken)) {
            toProgram.end();
            client.close();
            if (!hasLeft()) {
                finished.accept(this);
            }
        }
    }

    /** Tells whether something that the program has started still is to end, or to be killed. */
    private boolean hasLeft() {
        return broken && !killed && asked.stream().anyMatch(ProcessHandle::isAlive);
    }

    private void failed(PanpipeException error) {
        if (!broken && error.code() != ErrorCode.ECANCELED) {
            ListenOptions.tell(session, number, error);
            breakOff();
        }
    }

    /** Nothing has moved for as long as it may. */
    void fellSilent(String reason) {
        // What the program does not take may be there already.
        if (!broken && !paused) {
            session.messages().detail("connection " + number + ": " + reason);
            breakOff();
        }
    }

    private void breakOff() {
        broken = true;
        client.close();
        toProgram.end();
        terminate();
        if (!patience.closed()) {
            patience.start(timer -> patienceEnded(), PATIENCE);
        }
        closeIfDone();
    }

    private void patienceEnded() {
        kill();
        if (exited) {
            patience.close();
            closeIfDone();
        }
    }

    /** Asks the program to end, and what it has started: a shell alone would leave them behind. */
    void terminate() {
        // Kept, because the children of a shell that has ended are nobody's descendants.
        // The shell first: when what it waits for has ended, it would start the next.
        try (Stream<ProcessHandle> started = Stream.concat(Stream.of(process.toHandle()), process.descendants())) {
            started.forEach(asked::add);
        }
        asked.forEach(ProcessHandle::destroy);
    }

    private void kill() {
        killed = true;
        try (Stream<ProcessHandle> started = process.descendants()) {
            started.forEach(ProcessHandle::destroyForcibly);
        }
        asked.forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /**
     * Waits for the program, which was told to end, and for what it has started, and kills what is left then.
     *
     * @param deadline in the terms of {@link System#nanoTime}
     */
    void awaitExit(long deadline) {
        CompletableFuture<?>[] ends =
                asked.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(ends).get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            kill();
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ExecutionException late) {
            kill();
        }
    }
}
