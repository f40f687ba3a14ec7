/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.Async;
import io.panpipe.BindOption;
import io.panpipe.Handle;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.Tcp;
import io.panpipe.Timer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pre-forking HTTP server: {@code Prefork PORT WORKERS}. This process owns the listening socket and never accepts; it
 * hands the socket to worker processes over a pipe, and replaces those that die. Meanwhile connections wait in the backlog.
 */
public final class Prefork {

    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Loop loop;
    private final RawDescriptor listener;
    private final Pipe control;
    private final String name = Pipe.portableName("prefork-" + ProcessHandle.current().pid());
    private final Map<Long, Process> workers = new HashMap<>();

    /** Keeps the loop waiting for the ends of the workers, of which other threads tell it. */
    private final Async children;

    private boolean stopping;

    private Prefork(Loop loop, Tcp bound) throws PanpipeException {
        this.loop = loop;
        bound.listen((socket, error) -> {});
        // A Tcp that listens takes connections. This loop is to own the socket, and to leave it alone.
        listener = new RawDescriptor(loop);
        listener.open(bound.detach());
        control = new Pipe(loop);
        // A file of this name was left by a dead process that had our process id.
        control.bind(name, BindOption.REPLACE_STALE);
        control.listen(this::welcome);
        children = new Async(loop, async -> {});
    }

    public static void main(String... args) throws IOException {
        Thread main = Thread.currentThread();
        try (Loop loop = new Loop()) {
            Tcp socket = new Tcp(loop);
            socket.bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])));
            InetSocketAddress address = socket.localAddress();
            Prefork server = new Prefork(loop, socket);
            // On SIGTERM and SIGINT the JVM runs this thread, and ends with it.
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
                loop.execute(server::stop);
                join(main);
            }));
            for (int i = Integer.parseInt(args[1]); i > 0; i--) {
                server.startWorker();
            }
            System.out.println("http://127.0.0.1:" + address.getPort() + "/");
            loop.run();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void startWorker() throws IOException {
        String java = ProcessHandle.current().info().command().orElse("java");
        List<String> command = List.of(java, "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx64m", "-cp",
                System.getProperty("java.class.path"), PreforkWorker.class.getName(), name);
        Process worker = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        workers.put(worker.pid(), worker);
        worker.onExit().thenRun(() -> loop.execute(() -> ended(worker)));
    }

    /** Gives the listening socket to a worker, and to nobody else. */
    private void welcome(Pipe server, @Nullable PanpipeException error) throws PanpipeException {
        if (error != null) {
            throw error;
        }
        Pipe worker = new Pipe(loop, true);
        server.accept(worker);
        if (!workers.containsKey(worker.peerCredentials().pid())) {
            worker.close();
            return;
        }
        // A worker that cannot be written to is about to end, and that is told anyway.
        worker.write(ByteBuffer.wrap(new byte[1]), (same, failed) -> {}, listener);
        worker.startRead((same, data, end) -> {
            if (end != null) {
                same.close();
            }
        });
    }

    private void ended(Process worker) {
        workers.remove(worker.pid());
        if (!stopping) {
            System.err.println("worker " + worker.pid() + " ended with " + worker.exitValue());
            // A pause, so that workers that cannot start do not keep the machine busy.
            new Timer(loop).start(this::replace, PAUSE, PAUSE);
        } else if (workers.isEmpty()) {
            children.close();
        }
    }

    /** Starts a worker; if the system refuses, that is logged, and tried again after the next pause. */
    private void replace(Timer timer) throws IOException {
        if (!stopping) {
            startWorker();
        }
        timer.close();
    }

    /** Has the workers read the end of their pipes, upon which they end; the loop does so after the last one. */
    private void stop() {
        stopping = true;
        loop.handles().stream().filter(handle -> handle instanceof Pipe).forEach(Handle::close);
        listener.close();
        Timer patience = new Timer(loop);
        patience.start(timer -> workers.values().forEach(Process::destroyForcibly), PATIENCE);
        patience.unref();
        if (workers.isEmpty()) {
            children.close();
        }
    }
}
