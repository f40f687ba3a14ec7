/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.programs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.PanpipeException;
import io.panpipe.StreamCallback;
import io.panpipe.StreamHandle;
import java.util.Set;

/** Copies between two streams, both ways, until both have ended or one way is broken. */
final class Relay {

    /** ENOTCONN is what the half-close of a TCP connection gets that was reset. */
    private static final Set<ErrorCode> BREAKS =
            Set.of(ErrorCode.EPIPE, ErrorCode.ECONNRESET, ErrorCode.ECANCELED, ErrorCode.ENOTCONN);

    private final RandomProgram program;
    private final StreamHandle<?> one;
    private final StreamHandle<?> other;
    private int running;
    private boolean broken;

    Relay(RandomProgram program, StreamHandle<?> one, StreamHandle<?> other) {
        this.program = program;
        this.one = one;
        this.other = other;
    }

    void begin() {
        copy(one, other);
        if (!broken) {
            copy(other, one);
        }
    }

    private void copy(StreamHandle<?> source, StreamHandle<?> sink) {
        boolean[] told = {false};
        StreamCallback<Object> callback = (stream, error) -> {
            if (!program.isDead(source.loop())) {
                assertTrue(!told[0], "the end of a copy is told twice");
                told[0] = true;
                ended(error);
                program.throwNowAndThen();
            }
        };
        try {
            source.pipeTo(sink, callback);
            running++;
        } catch (PanpipeException refused) {
            assertTrue(program.hasFaults(), refused::toString);
            broken = true;
            close();
        }
    }

    private void ended(PanpipeException error) {
        running--;
        if (error != null) {
            assertTrue(program.hasFaults() || BREAKS.contains(error.code()), error::toString);
            broken = true;
        }
        if (broken || running == 0) {
            close();
        }
    }

    private void close() {
        one.close();
        other.close();
    }

    /** Tells whether something may have been lost here. */
    boolean isBroken() {
        return broken;
    }
}
