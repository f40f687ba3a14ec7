/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Pipe;
import io.panpipe.testing.SimulatedKernel;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.SocketFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Sockets as far as they need no system. */
@Tag("simulated")
class SocketSurfaceTest {

    /** More than a simulated pipe and a channel hold. */
    private static final int MUCH = 600_000;

    /** What is not overridden would ask for an implementation of TCP. A later JDK that adds a method is noticed here. */
    @Test
    void everyMethodOfTheSuperclassIsOverridden() {
        assertEquals(List.of(), inherited(Socket.class, PipeSocket.class));
        assertEquals(List.of(), inherited(ServerSocket.class, PipeServerSocket.class));
        assertEquals(List.of(), inherited(SocketFactory.class, PipeSocketFactory.class));
    }

    private static List<Method> inherited(Class<?> above, Class<?> type) {
        return Arrays.stream(above.getMethods())
                .filter(method -> method.getDeclaringClass() == above)
                .filter(method -> !Modifier.isStatic(method.getModifiers()) || method.getName().equals("getDefault"))
                .filter(method -> !declares(type, method))
                .toList();
    }

    private static boolean declares(Class<?> type, Method method) {
        return Arrays.stream(type.getDeclaredMethods())
                .anyMatch(own -> own.getName().equals(method.getName())
                        && Arrays.equals(own.getParameterTypes(), method.getParameterTypes()));
    }

    @Test
    void namesAreWrittenWithAnAtSignForAnAbstractOne() {
        assertEquals("\0name", SocketDestination.written("@name"));
        assertEquals("./@name", SocketDestination.written("./@name"));
        assertEquals("@name", PipeAddress.of("\0name").toString());
        assertEquals(PipeAddress.of("a"), PipeAddress.of("a"));
        assertEquals(PipeAddress.of("a").hashCode(), PipeAddress.of("a").hashCode());
        assertFalse(PipeAddress.of("a").equals(PipeAddress.of("b")));
    }

    /** Whoever would wait for a simulated loop is told so, and nothing is left behind. */
    @Test
    void aThreadThatWouldWaitForASimulatedLoopIsRefused() throws Exception {
        try (SimulatedKernel kernel = SimulatedKernel.quiet()) {
            String name = kernel.freshName();
            CompletableFuture<PipeServerChannel> binding = PipeServerChannel.bindAsync(kernel.loop(), name);
            kernel.run();
            PipeServerSocket server = PipeServerSocket.of(binding.join());
            CompletableFuture<PipeChannel> connecting = PipeChannel.connectAsync(kernel.loop(), name);
            kernel.run();
            PipeSocket socket = PipeSocket.of(connecting.join());
            PipeSocket other = new PipeSocket(kernel.loop());
            assertRefused(server::accept);
            assertRefused(() -> socket.getInputStream().read());
            assertRefused(() -> socket.getOutputStream().write(1));
            assertRefused(() -> other.connect(PipeAddress.of(name)));
            assertRefused(() -> new PipeServerSocket(kernel.loop()).bind(null));
            assertFalse(socket.isClosed());
            assertFalse(other.isClosed());
            socket.close();
            server.close();
            kernel.run();
            assertThrows(SocketException.class, () -> socket.getInputStream().read());
            kernel.checkNothingLeft();
        }
    }

    private static void assertRefused(Executable call) {
        IllegalStateException refused = assertThrows(IllegalStateException.class, call);
        assertTrue(refused.getMessage().contains("simulated"), refused::getMessage);
    }

    /** A loop that reads for all, as it does on a simulated kernel, throws away what comes after shutdownInput. */
    @Test
    void whatComesAfterShutdownInputDoesNotHoldUpTheSender() throws Exception {
        for (long seed = 0; seed < 5; seed++) {
            try (SimulatedKernel kernel = new SimulatedKernel(seed)) {
                Pipe[] pair = Pipe.pair(kernel.loop());
                PipeChannel reader = PipeChannel.of(pair[0]);
                PipeChannel writer = PipeChannel.of(pair[1]);
                CompletableFuture<Integer> early = reader.readAsync(ByteBuffer.allocate(10));
                // So that the loop has stopped reading when it is shut.
                CompletableFuture<Integer> before = writer.writeAsync(ByteBuffer.allocate(MUCH));
                kernel.run();
                assertEquals(10, early.join());
                assertFalse(before.isDone());
                reader.shutdownInput();
                CompletableFuture<Integer> ended = reader.readAsync(ByteBuffer.allocate(10));
                CompletableFuture<Integer> after = writer.writeAsync(ByteBuffer.allocate(MUCH));
                kernel.run();
                assertEquals(-1, ended.join());
                assertEquals(MUCH, before.join());
                assertEquals(MUCH, after.join());
                assertEquals(0, reader.available());
                reader.closeAsync();
                writer.closeAsync();
                kernel.run();
                kernel.checkNothingLeft();
            }
        }
    }
}
