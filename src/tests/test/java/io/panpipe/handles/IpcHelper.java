/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static io.panpipe.handles.Scenario.pass;
import static io.panpipe.handles.Scenario.runUntil;

import io.panpipe.Handle;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.PendingType;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.Tcp;
import io.panpipe.Udp;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The other process of {@link LibuvIpcProcessTest}. It ends when the pipe does. */
final class IpcHelper {

    /** What is done with a handle that arrives. */
    private interface Task {
        void take(Pipe pipe, PendingType type) throws Exception;
    }

    private IpcHelper() {}

    private static void serve(String name, Task task) throws Exception {
        try (Loop loop = Scenario.loop()) {
            Pipe pipe = new Pipe(loop, true);
            boolean[] ended = new boolean[1];
            pipe.connect(name, (itself, error) -> pass(error));
            runUntil(loop, pipe::readable);
            pipe.startRead2((itself, data, pending, error) -> {
                while (itself.pendingCount() > 0) {
                    task.take(itself, itself.pendingType());
                }
                ended[0] = data == null;
            });
            runUntil(loop, () -> ended[0]);
        }
    }

    private static void tell(Pipe pipe, String text) {
        pipe.write(text.getBytes(StandardCharsets.UTF_8), (itself, error) -> pass(error));
    }

    static void echo(String... arguments) throws Exception {
        serve(arguments[0], (pipe, type) -> {
            Handle received = accept(pipe, type);
            pipe.write(ByteBuffer.wrap(new byte[] {'.'}), (itself, error) -> pass(error), received);
            received.close();
        });
    }

    private static Handle accept(Pipe pipe, PendingType type) throws PanpipeException {
        Loop loop = pipe.loop();
        switch (type) {
            case TCP -> {
                Tcp tcp = new Tcp(loop);
                pipe.accept(tcp);
                return tcp;
            }
            case UDP -> {
                Udp udp = new Udp(loop);
                pipe.accept(udp);
                return udp;
            }
            case PIPE -> {
                Pipe received = new Pipe(loop);
                pipe.accept(received);
                return received;
            }
            default -> {
                RawDescriptor raw = new RawDescriptor(loop);
                pipe.accept(raw);
                return raw;
            }
        }
    }

    static void listen(String... arguments) throws Exception {
        serve(arguments[0], (pipe, type) -> {
            Tcp server = (Tcp) accept(pipe, type);
            server.listen((listener, error) -> {
                pass(error);
                Tcp connection = new Tcp(pipe.loop());
                listener.accept(connection);
                connection.write("hello from the other process".getBytes(StandardCharsets.UTF_8),
                        (tcp, refused) -> tcp.close());
                tell(pipe, ", accepted");
            });
            tell(pipe, "listening");
        });
    }

    static void converse(String... arguments) throws Exception {
        serve(arguments[0], (pipe, type) -> ((Tcp) accept(pipe, type)).startRead((tcp, data, error) -> {
            if (data != null) {
                tcp.write(data, (itself, refused) -> pass(refused));
            } else {
                tcp.shutdown((itself, refused) -> itself.close());
                tell(pipe, "closed");
            }
        }));
    }
}
