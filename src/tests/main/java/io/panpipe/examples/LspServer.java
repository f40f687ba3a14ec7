/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.Async;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A language server that this process starts with {@code --pipe=NAME}, as editors do: the editor listens on that name,
 * and the server connects to it.
 */
final class LspServer {

    private final Pipe listener;
    private final Process process;
    private final CompletableFuture<Pipe> connected = new CompletableFuture<>();
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();

    /** Keeps the loop waiting for the end of the process, of which another thread tells it. */
    private final Async ending;

    /**
     * Starts one.
     *
     * @param name of a pipe, which nobody else knows
     */
    LspServer(Loop loop, String name, List<String> command) throws IOException {
        listener = new Pipe(loop);
        listener.bind(name);
        listener.listen(this::accept);
        ending = new Async(loop, async -> {});
        List<String> whole = new ArrayList<>(command);
        whole.add("--pipe=" + name);
        try {
            process = new ProcessBuilder(whole)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException missing) {
            listener.close();
            ending.close();
            throw missing;
        }
        process.onExit().thenRun(() -> loop.execute(this::end));
    }

    /** Completed when the server has connected. */
    CompletableFuture<Pipe> connected() {
        return connected;
    }

    /** Completed with the exit code when the process has ended. */
    CompletableFuture<Integer> ended() {
        return ended;
    }

    void kill() {
        process.destroyForcibly();
    }

    private void accept(Pipe same, @Nullable PanpipeException error) throws PanpipeException {
        if (error != null) {
            connected.completeExceptionally(error);
            kill();
            return;
        }
        Pipe pipe = new Pipe(same.loop());
        same.accept(pipe);
        // There is one server, and the name has done its work.
        same.close();
        connected.complete(pipe);
    }

    private void end() {
        int code = process.exitValue();
        listener.close();
        ending.close();
        connected.completeExceptionally(new IOException("the language server ended with " + code + " at once"));
        ended.complete(code);
    }
}
