/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.windows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.contract.OpenHandles;
import io.panpipe.testbed.WatchdogLimit;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Many clients, and many connections after each other. */
@WatchdogLimit("PT5M")
class WindowsEnduranceTest extends WindowsTest {

    private static final int CLIENTS = 200;
    private static final int ECHOES = 100;
    private static final int CONNECTIONS = 1_000;

    private int ended;

    private Pipe echoServer(String name) throws PanpipeException {
        Pipe server = new Pipe(loop);
        server.bind(name);
        server.listen((listener, error) -> {
            Pipe connection = new Pipe(loop);
            listener.accept(connection);
            connection.pipeTo(connection, (done, end) -> connection.close());
        });
        return server;
    }

    /** Sends numbers, each when the one before it has come back. */
    private void talk(Pipe client, int number) throws PanpipeException {
        ByteBuffer answer = ByteBuffer.allocate(8);
        int[] round = new int[1];
        send(client, number, 0);
        client.startRead((itself, data, error) -> {
            if (error != null) {
                throw error;
            }
            answer.put(data);
            if (answer.hasRemaining()) {
                return;
            }
            assertEquals(number, answer.getInt(0));
            assertEquals(round[0], answer.getInt(4));
            answer.clear();
            if (++round[0] == ECHOES) {
                itself.close();
                ended++;
            } else {
                send(itself, number, round[0]);
            }
        });
    }

    private static void send(Pipe client, int number, int round) {
        client.write(ByteBuffer.allocate(8).putInt(number).putInt(round).flip());
    }

    @RepeatedTest(10)
    void twoHundredClientsAtOnceHaveAHundredEchoesEach() throws Exception {
        String name = freshName();
        Pipe server = echoServer(name);
        for (int i = 0; i < CLIENTS; i++) {
            int number = i;
            new Pipe(loop).connect(name, (client, error) -> {
                if (error != null) {
                    throw error;
                }
                talk(client, number);
            });
        }
        runUntil(() -> ended == CLIENTS);
        server.close();
        run();
    }

    @Test
    void connectionsThatComeAndGoLeaveNoHandle() throws Exception {
        String name = freshName();
        Pipe server = echoServer(name);
        visit(name, 100);
        int before = OpenHandles.all().size();
        visit(name, CONNECTIONS);
        int after = OpenHandles.all().size();
        assertTrue(after < before + CONNECTIONS / 20, "handles: " + before + ", and then " + after);
        server.close();
        run();
    }

    private void visit(String name, int times) throws PanpipeException {
        int[] left = {times};
        visit(name, left);
        runUntil(() -> left[0] == 0);
    }

    /** Connects, has a byte echoed and closes; then again. */
    private void visit(String name, int[] left) {
        new Pipe(loop).connect(name, (client, error) -> {
            if (error != null) {
                throw error;
            }
            client.write(bytes("x"));
            client.startRead((itself, data, end) -> {
                itself.close();
                if (--left[0] > 0) {
                    visit(name, left);
                }
            });
        });
    }
}
