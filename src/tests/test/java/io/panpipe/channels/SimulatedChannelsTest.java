/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.testing.Call;
import io.panpipe.testing.SimulatedKernel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Channels over a simulated loop: futures work there, and a thread that would wait is refused. */
@Tag("simulated")
class SimulatedChannelsTest {

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static CompletableFuture<Void> echo(PipeChannel channel) {
        ByteBuffer buffer = ByteBuffer.allocate(100);
        return channel.readAsync(buffer).thenCompose(count -> count < 0
                ? channel.closeAsync()
                : channel.writeAsync(buffer.flip()).thenCompose(all -> echo(channel)));
    }

    private static CompletableFuture<String> readAll(PipeChannel channel, ByteBuffer into) {
        return channel.readAsync(into).thenCompose(count -> count >= 0
                ? readAll(channel, into)
                : channel.closeAsync().thenApply(closed -> StandardCharsets.UTF_8.decode(into.flip()).toString()));
    }

    private static CompletableFuture<String> converse(Loop loop, String name, String text) {
        return PipeChannel.connectAsync(loop, name).thenCompose(client -> client.writeAsync(bytes(text))
                .thenCompose(count -> client.shutdownOutputAsync())
                .thenCompose(ended -> readAll(client, ByteBuffer.allocate(1000))));
    }

    @Test
    void futuresWorkUnderEverySeed() {
        for (long seed = 0; seed < 50; seed++) {
            try (SimulatedKernel kernel = new SimulatedKernel(seed)) {
                kernel.longestCallback(Duration.ofMinutes(1)); // A busy machine is not what this is about.
                Loop serving = kernel.process("server").loop();
                Loop asking = kernel.process("client").loop();
                String name = kernel.freshName();
                CompletableFuture<Void> served = PipeServerChannel.bindAsync(serving, name)
                        .thenCompose(server -> server.acceptAsync()
                                .thenCompose(SimulatedChannelsTest::echo)
                                .thenCompose(done -> server.closeAsync()));
                kernel.run();
                CompletableFuture<String> answer = converse(asking, name, "simulated");
                kernel.run();
                assertEquals("simulated", answer.join(), "seed " + seed);
                assertTrue(served.isDone());
                kernel.checkNothingLeft();
            }
        }
    }

    @Test
    void aThreadThatWouldWaitIsRefused() {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            String name = kernel.freshName();
            CompletableFuture<PipeServerChannel> binding = PipeServerChannel.bindAsync(kernel.loop(), name);
            kernel.run();
            PipeServerChannel server = binding.join();
            CompletableFuture<PipeChannel> connecting = PipeChannel.connectAsync(kernel.loop(), name);
            kernel.run();
            PipeChannel client = connecting.join();
            assertRefused(() -> PipeChannel.connect(kernel.loop(), name));
            assertRefused(() -> PipeServerChannel.bind(kernel.loop(), name));
            assertRefused(server::accept);
            assertRefused(() -> client.read(ByteBuffer.allocate(1)));
            assertRefused(() -> client.write(bytes("x")));
            assertTrue(client.isOpen());
            client.closeAsync();
            server.closeAsync();
            kernel.run();
            kernel.checkNothingLeft();
        }
    }

    private static void assertRefused(Executable call) {
        IllegalStateException refused = assertThrows(IllegalStateException.class, call);
        assertTrue(refused.getMessage().contains("simulated"), refused::getMessage);
    }

    @Test
    void faultsReachTheFutures() {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            kernel.when(Call.CONNECT).fails(ErrorCode.ECONNREFUSED);
            CompletableFuture<PipeChannel> connecting = PipeChannel.connectAsync(kernel.loop(), kernel.freshName());
            kernel.run();
            CompletionException failed = assertThrows(CompletionException.class, connecting::join);
            assertTrue(failed.getMessage().contains("ECONNREFUSED"), failed::getMessage);
            assertFalse(connecting.isCancelled());
            kernel.checkNothingLeft();
        }
    }
}
