/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.testing.SimulatedKernel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Messages on a machine that notices when a buffer is changed under a pending write, or read after its callback. */
@Tag("simulated")
class SimulatedMessagesTest {

    private static String message(int number) {
        return number + " " + "x".repeat(number % 7 == 0 ? 5_000 : number % 90);
    }

    @Test
    void whatIsWrittenAndHandedOutIsNotTouchedBeforeItsTime() throws Exception {
        for (Framing framing : List.of(Framing.lines(), Framing.length(4), Framing.contentLength())) {
            for (long seed = 0; seed < 10; seed++) {
                try (SimulatedKernel kernel = new SimulatedKernel(seed)) {
                    kernel.longestCallback(Duration.ofMinutes(1)); // A busy machine is not what this is about.
                    converse(kernel, framing);
                    kernel.checkNothingLeft();
                }
            }
        }
    }

    private static void converse(SimulatedKernel kernel, Framing framing) throws Exception {
        Loop loop = kernel.loop();
        Pipe[] pair = Pipe.pair(loop);
        MessageWriter<Pipe> echo = new MessageWriter<>(pair[1], framing);
        MessageReader.start(pair[1], framing, (pipe, message, end) -> {
            if (message == null) {
                pipe.shutdown((same, error) -> same.close());
            } else if (message.remaining() % 2 == 0) {
                echo.write(message);
            } else {
                echo.write(message, (same, error) -> {});
            }
        });
        List<String> answers = new ArrayList<>();
        MessageReader.startText(pair[0], framing, (pipe, text, end) -> {
            if (text == null) {
                pipe.close();
            } else {
                answers.add(text);
            }
        });
        MessageWriter<Pipe> writer = new MessageWriter<>(pair[0], framing);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            expected.add(message(i));
            writer.write(message(i));
        }
        pair[0].shutdown();
        kernel.run();
        assertEquals(expected, answers);
    }
}
