/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;

/** The lines a peer has reported, which another thread waits for. */
final class Reports {

    private final List<String> lines = new ArrayList<>();
    private boolean ended;

    synchronized void add(String line) {
        lines.add(line);
        notifyAll();
    }

    /** No line will follow. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    synchronized String await(String word) {
        long deadline = Deadline.in(Deadline.GENEROUS);
        while (true) {
            for (String line : lines) {
                if (line.equals(word) || line.startsWith(word + " ")) {
                    return line;
                }
            }
            long millis = Deadline.millisTo(deadline);
            if (ended || millis <= 0) {
                return fail("the peer " + (ended ? "ended" : "took too long") + " and did not say \"" + word
                        + "\", but: " + String.join("\n", lines));
            }
            try {
                wait(millis);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return fail("interrupted while waiting for \"" + word + "\"; so far: " + String.join("\n", lines));
            }
        }
    }
}
