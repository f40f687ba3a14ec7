/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import io.panpipe.ErrorCode;
import io.panpipe.HandleCallback;
import io.panpipe.Loop;
import io.panpipe.LoopOptions;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.ReadCallback;
import io.panpipe.StreamCallback;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** The server as a user of Panpipe would write it. */
public final class PanpipeServer {

    private final Loop loop;
    private final ServerProcess process;
    private final ByteBuffer block = ByteBuffer.allocateDirect(ServerProcess.READ_SIZE);
    private final ByteBuffer small = ByteBuffer.allocateDirect(ServerProcess.SMALL_SIZE);
    private final ByteBuffer one = ByteBuffer.allocateDirect(1);

    private final ReadCallback<Pipe> echo = (pipe, data, end) -> {
        if (data == null) {
            pipe.close();
        } else if (!pipe.write(data)) {
            pipe.stopRead();
        }
    };
    private final HandleCallback<Pipe> echoOn = pipe -> pipe.startRead(this.echo);
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
            server.listen(server.work());
            process.ready();
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

    /** What is done with a new connection. */
    private HandleCallback<Pipe> work() {
        return switch (process.work()) {
            case "echo" -> this::echo;
            case "sink" -> this::sink;
            case "source" -> this::source;
            case "writes" -> this::writes;
            case "handles" -> this::handles;
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

    private void echo(Pipe connection) throws PanpipeException {
        connection.startRead(echo);
        connection.onDrain(echoOn);
    }

    private void sink(Pipe connection) throws PanpipeException {
        connection.startRead((pipe, data, end) -> {
            if (data == null) {
                pipe.close();
            }
        });
    }

    private void source(Pipe connection) throws PanpipeException {
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
