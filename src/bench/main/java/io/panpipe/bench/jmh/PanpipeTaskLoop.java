/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.jmh;

import io.panpipe.Async;
import io.panpipe.Loop;
import java.util.concurrent.CompletableFuture;

/** Panpipe's loop. */
final class PanpipeTaskLoop implements TaskLoop {

    private final Loop loop;
    private final Thread thread;

    PanpipeTaskLoop() {
        CompletableFuture<Loop> made = new CompletableFuture<>();
        thread = Thread.ofPlatform().name("panpipe").start(() -> run(made));
        loop = made.join();
    }

    private static void run(CompletableFuture<Loop> made) {
        try (Loop loop = new Loop()) {
            // Keeps the loop going without tasks.
            new Async(loop, async -> { });
            made.complete(loop);
            loop.run();
        } catch (Exception failed) {
            made.completeExceptionally(failed);
        }
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public void end() throws InterruptedException {
        loop.stop();
        thread.join();
    }
}
