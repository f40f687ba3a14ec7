/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.panpipe.PanpipeException;
import io.panpipe.StreamCallback;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** A server and a client that talk to each other while faults befall them, and a look at what they leave behind. */
abstract class FaultFixture {

    final SimulatedKernel kernel = SimulatedKernel.quiet();
    final SimulatedProcess server = kernel.process("server");
    final SimulatedProcess client = kernel.process("client");
    final String name = kernel.freshName();
    final Echo echo = new Echo();
    final List<String> log = new ArrayList<>();

    @AfterEach
    final void close() {
        kernel.close();
        assertEquals(0, server.openDescriptors() + client.openDescriptors());
        assertEquals(List.of(), kernel.misuses());
    }

    final void converse(int bytes) throws PanpipeException {
        echo.serve(server.loop(), name);
        echo.connect(client.loop(), name, new byte[bytes]);
        kernel.run();
    }

    final StreamCallback<Object> logs(String label) {
        return (stream, error) -> log.add(error == null ? label : label + " " + error.code());
    }
}
