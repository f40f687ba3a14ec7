/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ten thousand virtual threads that talk over pipes of one loop, and hold no carrier while they wait. */
@EnabledOnOs(OS.LINUX)
class VirtualThreadsTest extends ChannelFixture {

    private static final int CONNECTIONS = 5_000;
    private static final int ROUNDS = 2;

    /** The JDK's own begin() and end() hold a lock for a moment, and who meets another there is pinned for microseconds. */
    private static final String INTERRUPTIBLE = "java.nio.channels.spi.AbstractInterruptibleChannel";

    @TempDir
    Path directory;

    @Test
    void tenThousandTalkAndPinNoCarrier() throws Exception {
        // Threads that need a class while another one initialises it wait there, once, and pinned.
        converse(1);
        List<RecordedEvent> pinned = recordPinning(() -> converse(CONNECTIONS));
        assertEquals(List.of(), pinned.stream()
                .filter(event -> shows(event, "io.panpipe.") && !shows(event, INTERRUPTIBLE))
                .toList());
    }

    private void converse(int connections) throws Exception {
        PipeServerChannel server = server();
        CountDownLatch connected = new CountDownLatch(2 * connections);
        List<Running<Integer>> threads = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            int client = i;
            threads.add(start(() -> {
                try (PipeChannel connection = server.accept()) {
                    return echo(connection, connected);
                }
            }));
            threads.add(start(() -> {
                try (PipeChannel channel = PipeChannel.connect(loop, server.localName())) {
                    return talk(channel, client, connected);
                }
            }));
        }
        for (Running<Integer> thread : threads) {
            assertEquals(ROUNDS, thread.task().get());
        }
    }

    private static int talk(PipeChannel channel, int client, CountDownLatch connected) throws Exception {
        connected.countDown();
        connected.await();
        ByteBuffer answer = ByteBuffer.allocate(8);
        for (int round = 0; round < ROUNDS; round++) {
            channel.write(ByteBuffer.allocate(8).putInt(client).putInt(round).flip());
            answer.clear();
            while (answer.hasRemaining()) {
                assertTrue(channel.read(answer) > 0);
            }
            assertEquals(client, answer.getInt(0));
            assertEquals(round, answer.getInt(4));
        }
        return ROUNDS;
    }

    private static int echo(PipeChannel channel, CountDownLatch connected) throws Exception {
        connected.countDown();
        connected.await();
        ByteBuffer buffer = ByteBuffer.allocate(8);
        int rounds = 0;
        while (channel.read(buffer) >= 0) {
            if (!buffer.hasRemaining()) {
                channel.write(buffer.flip());
                buffer.clear();
                rounds++;
            }
        }
        return rounds;
    }

    /** The same by sockets, which know no monitor either. */
    @Test
    void aThousandTalkBySocketsAndPinNoCarrier() throws Exception {
        converseBySockets(1);
        List<RecordedEvent> pinned = recordPinning(() -> converseBySockets(500));
        assertEquals(List.of(), pinned.stream()
                .filter(event -> shows(event, "io.panpipe.") && !shows(event, INTERRUPTIBLE))
                .toList());
    }

    private void converseBySockets(int connections) throws Exception {
        PipeServerSocket server = closing(PipeServerSocket.of(server()));
        CountDownLatch connected = new CountDownLatch(2 * connections);
        List<Running<Integer>> threads = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            threads.add(start(() -> {
                try (PipeSocket connection = server.accept()) {
                    connected.countDown();
                    connected.await();
                    return (int) connection.getInputStream().transferTo(connection.getOutputStream());
                }
            }));
            threads.add(start(() -> {
                try (PipeSocket socket = new PipeSocket(loop)) {
                    socket.connect(server.getLocalSocketAddress());
                    socket.setSoTimeout((int) PATIENCE.toMillis());
                    connected.countDown();
                    connected.await();
                    for (int round = 0; round < ROUNDS; round++) {
                        socket.getOutputStream().write(round);
                        assertEquals(round, socket.getInputStream().read());
                    }
                    return ROUNDS;
                }
            }));
        }
        for (Running<Integer> thread : threads) {
            assertEquals(ROUNDS, thread.get());
        }
    }

    /** Without this, a recorder that records nothing would let the test above pass. */
    @Test
    void aThreadThatPinsItsCarrierIsRecorded() throws Exception {
        List<RecordedEvent> pinned = recordPinning(() -> start(() -> Pinning.WAITED).get());
        assertTrue(pinned.stream().anyMatch(event -> shows(event, Pinning.class.getName())), pinned::toString);
    }

    /** A class initialiser is called by native code, which cannot leave its carrier. */
    private static final class Pinning {

        static final boolean WAITED = waited();

        private static boolean waited() {
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            return true;
        }
    }

    private interface Action {
        void run() throws Exception;
    }

    private List<RecordedEvent> recordPinning(Action action) throws Exception {
        Path file = Files.createTempFile(directory, "pinned", ".jfr");
        try (Recording recording = new Recording()) {
            recording.enable("jdk.VirtualThreadPinned").withStackTrace().withThreshold(Duration.ZERO);
            recording.start();
            action.run();
            recording.stop();
            recording.dump(file);
        }
        return readEvents(file);
    }

    private static List<RecordedEvent> readEvents(Path file) throws IOException {
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("jdk.VirtualThreadPinned"))
                .toList();
    }

    private static boolean shows(RecordedEvent event, String prefix) {
        return event.getStackTrace() != null && event.getStackTrace().getFrames().stream()
                .anyMatch(frame -> frame.getMethod().getType().getName().startsWith(prefix));
    }
}
