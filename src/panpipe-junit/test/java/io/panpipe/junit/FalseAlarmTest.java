/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.junit;

import static io.panpipe.junit.TestRun.assertAllPass;

import io.panpipe.Handle;
import io.panpipe.Loop;
import io.panpipe.channels.LoopThread;
import io.panpipe.channels.PipeChannel;
import io.panpipe.channels.PipeServerChannel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.ServerSocket;
import java.nio.channels.Selector;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/** What tests leave behind that is not theirs, such as what the JVM makes once and keeps. */
@Isolated
@EnabledOnOs(OS.LINUX)
class FalseAlarmTest {

    @ExtendWith(PanpipeExtension.class)
    static class Innocent {

        @Test
        void closesItsLoopItself(Loop loop, Loop second) {
            loop.close();
        }

        @Test
        void hasAnotherThreadRunItsLoop(Loop loop) throws Exception {
            Thread.ofPlatform().start(loop::run).join();
        }

        @Test
        void usesAVirtualThread() throws Exception {
            Thread.ofVirtual().start(() -> {}).join();
        }

        @Test
        void waitsForASocketInAVirtualThread() throws Exception {
            try (ServerSocket server = new ServerSocket(0)) {
                Thread accepting = Thread.ofVirtual().start(() -> {
                    try {
                        server.setSoTimeout(1);
                        server.accept().close();
                    } catch (IOException timeout) {
                        // As it should.
                    }
                });
                accepting.join();
            }
        }

        @Test
        void startsAProcess() throws Exception {
            new ProcessBuilder("true").start().waitFor();
        }

        @Test
        void usesTheCommonPool() throws Exception {
            CountDownLatch done = new CountDownLatch(1);
            CompletableFuture.runAsync(done::countDown);
            done.await();
        }

        @Test
        void connectsOverTheLoopThatAllShare(@FreshName String name) throws Exception {
            try (PipeServerChannel server = PipeServerChannel.bind(name);
                    PipeChannel client = PipeChannel.connect(name);
                    PipeChannel connection = server.accept()) {
                client.closeAsync().join();
                connection.closeAsync().join();
                server.closeAsync().join();
            }
        }

        @Test
        void hasMemoryThatIsCleanedUp() {
            Arena.ofAuto().allocate(8);
        }

        @Test
        void opensASelector() throws Exception {
            Selector.open().close();
        }
    }

    @Test
    void whatTheJvmKeepsIsNoLeak() throws Exception {
        endSharedLoop();
        assertAllPass(Innocent.class, 9);
    }

    /** So that a test starts it, which others may have done before. */
    private static void endSharedLoop() throws Exception {
        Loop shared = LoopThread.sharedLoop();
        shared.execute(() -> shared.handles().forEach(Handle::close));
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("panpipe-shared-loop")) {
                thread.join();
            }
        }
    }
}
