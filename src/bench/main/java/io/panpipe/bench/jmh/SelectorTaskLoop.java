/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Selector;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/** What one writes around the JDK's selector: a queue, and a wake-up only where the loop sleeps or is about to. */
final class SelectorTaskLoop implements TaskLoop {

    private final Selector selector = Selector.open();
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean sleeping = new AtomicBoolean();
    private final Thread thread;
    private boolean stopped;

    SelectorTaskLoop() throws IOException {
        thread = Thread.ofPlatform().name("selector").start(this::run);
    }

    private void run() {
        try (selector) {
            while (!stopped) {
                sleeping.set(true);
                if (tasks.isEmpty()) {
                    selector.select(key -> { });
                }
                sleeping.set(false);
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (sleeping.get() && sleeping.compareAndSet(true, false)) {
            selector.wakeup();
        }
    }

    @Override
    public void end() throws InterruptedException {
        execute(() -> stopped = true);
        thread.join();
    }
}
