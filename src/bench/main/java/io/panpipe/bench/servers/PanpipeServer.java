/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import io.panpipe.Async;
import io.panpipe.ErrorCode;
import io.panpipe.HandleCallback;
import io.panpipe.Loop;
import io.panpipe.LoopOptions;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.ReadCallback;
import io.panpipe.StreamCallback;
import io.panpipe.StreamHandle;
import io.panpipe.Tcp;
import io.panpipe.Timer;
import io.panpipe.Udp;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The server as a user of Panpipe would write it. */
public final class PanpipeServer {

    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final Loop loop;
    private final ServerProcess process;
    private final ByteBuffer block = ByteBuffer.allocateDirect(ServerProcess.READ_SIZE);
    private final ByteBuffer small = ServerProcess.smallMessage();
    private final ByteBuffer one = ByteBuffer.allocateDirect(1);

    private final ReadCallback<StreamHandle<?>> echo = (pipe, data, end) -> {
        if (data == null) {
            pipe.close();
        } else if (!pipe.write(data)) {
            pipe.stopRead();
        }
    };
    private final HandleCallback<StreamHandle<?>> echoOn = pipe -> pipe.startRead(this.echo);
    private final StreamCallback<Pipe> closeOnError = (pipe, error) -> {
        if (error != null) {
            pipe.close();
        }
    };

    private PanpipeServer(Loop loop, ServerProcess process) {
        this.loop = loop;
        this.process = process;
    }

    /**
     * Serves until standard input ends.
     *
     * @param args the work, the path to listen at, and for a proxy the path to connect to
     * @throws Exception whatever goes wrong
     */
    public static void main(String[] args) throws Exception {
        ServerProcess process = ServerProcess.of(args);
        try (Loop loop = new Loop(options())) {
            loop.uncaughtExceptionHandler(PanpipeServer::failed);
            PanpipeServer server = new PanpipeServer(loop, process);
            server.listen();
            loop.run();
        }
    }

    /** With {@code -Dbench.busyPoll}, microseconds, the loop polls for so long before it sleeps. */
    private static LoopOptions options() {
        return LoopOptions.defaults().busyPoll(Duration.of(Long.getLong("bench.busyPoll", 0), ChronoUnit.MICROS));
    }

    /** That a client has gone before it got everything is no news; its reads end as well. */
    private static void failed(Loop loop, Throwable thrown) {
        if (!(thrown instanceof PanpipeException error && error.code() == ErrorCode.EPIPE)) {
            thrown.printStackTrace();
        }
    }

    private void listen() throws PanpipeException {
        switch (process.work()) {
            case "tcp-echo" -> listenAtPort();
            case "udp-echo" -> receive();
            default -> {
                listen(work());
                process.ready();
            }
        }
    }

    /** What is done with a new connection. */
    private HandleCallback<Pipe> work() throws PanpipeException {
        return switch (process.work()) {
            case "echo" -> this::echo;
            case "sink" -> this::sink;
            case "source" -> this::source;
            case "writes" -> this::writes;
            case "handles" -> this::handles;
            case "timers" -> this::timed;
            case "remote" -> {
                SecondThread second = new SecondThread(loop::execute);
                yield connection -> new PanpipeRemote(connection, second).start();
            }
            case "two-loops" -> twoLoops();
            case "proxy" -> client -> PanpipeProxy.start(client, process.requiredUpstream().toString(), false);
            case "proxy-copy" -> client -> PanpipeProxy.start(client, process.requiredUpstream().toString(), true);
            default -> throw process.unsupported();
        };
    }

    private void listen(HandleCallback<Pipe> work) throws PanpipeException {
        boolean ipc = process.work().equals("handles");
        Pipe server = new Pipe(loop);
        server.bind(process.path().toString());
        server.listen((s, error) -> {
            if (error != null) {
                throw error;
            }
            Pipe connection = new Pipe(loop, ipc);
            s.accept(connection);
            work.call(connection);
        });
    }

    private void listenAtPort() throws PanpipeException {
        Tcp server = new Tcp(loop);
        server.bind(ANY_PORT);
        server.listen((s, error) -> {
            if (error != null) {
                throw error;
            }
            Tcp connection = new Tcp(loop);
            s.accept(connection);
            connection.noDelay(true);
            echo(connection);
        });
        process.ready("tcp", server.localAddress().getPort());
    }

    private void receive() throws PanpipeException {
        Udp server = new Udp(loop);
        server.bind(ANY_PORT);
        server.startRecv((udp, data, sender, error) -> {
            if (error != null) {
                throw error;
            }
            udp.trySend(Objects.requireNonNull(data), Objects.requireNonNull(sender));
        });
        process.ready("udp", server.localAddress().getPort());
    }

    /** Every second connection goes to a loop of its own thread. */
    private HandleCallback<Pipe> twoLoops() {
        Loop second = runningLoop();
        boolean[] toSecond = {false};
        return connection -> {
            if (toSecond[0]) {
                long descriptor = connection.detach();
                second.execute(() -> adopt(second, descriptor));
            } else {
                echo(connection);
            }
            toSecond[0] = !toSecond[0];
        };
    }

    private static Loop runningLoop() {
        CompletableFuture<Loop> made = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("second").start(() -> {
            try (Loop loop = new Loop(options())) {
                loop.uncaughtExceptionHandler(PanpipeServer::failed);
                // Keeps the loop going without connections.
                new Async(loop, async -> { });
                made.complete(loop);
                loop.run();
            } catch (PanpipeException failed) {
                made.completeExceptionally(failed);
            }
        });
        return made.join();
    }

    private void adopt(Loop second, long descriptor) {
        Pipe connection = new Pipe(second);
        try {
            connection.open(descriptor);
            echo(connection);
        } catch (PanpipeException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private void echo(StreamHandle<?> connection) throws PanpipeException {
        connection.startRead(echo);
        connection.onDrain(echoOn);
    }

    /** An echo that puts off a timer of its connection with each message; that would close it. */
    private void timed(Pipe connection) throws PanpipeException {
        Timer silence = new Timer(loop);
        silence.start(timer -> {
            timer.close();
            connection.close();
        }, ServerProcess.SILENCE, ServerProcess.SILENCE);
        ReadCallback<Pipe> timed = (pipe, data, end) -> {
            if (data == null) {
                silence.close();
                pipe.close();
                return;
            }
            silence.again();
            if (!pipe.write(data)) {
                pipe.stopRead();
            }
        };
        connection.startRead(timed);
        connection.onDrain(pipe -> pipe.startRead(timed));
    }

    private void sink(Pipe connection) throws PanpipeException {
        connection.startRead((pipe, data, end) -> {
            if (data == null) {
                pipe.close();
            }
        });
    }

    private void source(Pipe connection) throws PanpipeException {
        // As much as Netty's server may queue: several blocks leave in one call then.
        connection.writeWatermarks(2 * ServerProcess.READ_SIZE, 4 * ServerProcess.READ_SIZE);
        fill(connection);
        connection.onDrain(this::fill);
    }

    private void fill(Pipe connection) {
        while (connection.write(block, closeOnError)) {
            // Until the queue is full.
        }
    }

    private void writes(Pipe connection) throws PanpipeException {
        connection.startRead((pipe, data, end) -> {
            if (data == null) {
                pipe.close();
                return;
            }
            for (int i = data.remaining() * ServerProcess.SMALL_WRITES; i > 0; i--) {
                pipe.write(small);
            }
        });
    }

    private void handles(Pipe connection) throws PanpipeException {
        connection.startRead(this::sendBack);
    }

    private void sendBack(Pipe pipe, @Nullable ByteBuffer data, @Nullable PanpipeException end)
            throws PanpipeException {
        if (data == null) {
            pipe.close();
        }
        while (pipe.pendingCount() > 0) {
            RawDescriptor received = new RawDescriptor(loop);
            pipe.accept(received);
            pipe.write(one, closeOnError, received);
            received.close();
        }
    }
}
