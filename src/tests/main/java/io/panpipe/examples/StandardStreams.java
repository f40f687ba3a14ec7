/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Copies standard input to standard output in upper case, no faster than it is taken, and says how much it was. */
public final class StandardStreams {

    private final Pipe in;
    private final Pipe out;
    private final Pipe err;
    private long bytes;
    private boolean failed;

    private StandardStreams(Loop loop) throws PanpipeException {
        in = open(loop, 0);
        out = open(loop, 1);
        err = open(loop, 2);
    }

    private static Pipe open(Loop loop, long descriptor) throws PanpipeException {
        Pipe pipe = new Pipe(loop);
        pipe.open(descriptor);
        return pipe;
    }

    public static void main(String... args) throws IOException {
        boolean failed;
        try (Loop loop = new Loop()) {
            StandardStreams streams = new StandardStreams(loop);
            streams.start();
            loop.run();
            failed = streams.failed;
        } catch (PanpipeException refused) {
            // A regular file, for example: it is always ready, and no pipe.
            System.err.println(refused.getMessage());
            failed = true;
        }
        System.exit(failed ? 1 : 0);
    }

    private void start() throws PanpipeException {
        out.onDrain(drained -> {
            if (!in.closed()) {
                in.startRead(this::read);
            }
        });
        in.startRead(this::read);
    }

    private void read(Pipe same, @Nullable ByteBuffer data, @Nullable PanpipeException end) {
        if (data == null) {
            // What is still to be written keeps the loop going.
            in.close();
            if (end != null && end.code() != ErrorCode.EOF) {
                fail(end);
            }
            say(bytes + " bytes");
            return;
        }
        bytes += data.remaining();
        for (int i = data.position(); i < data.limit(); i++) {
            byte letter = data.get(i);
            if (letter >= 'a' && letter <= 'z') {
                data.put(i, (byte) (letter - 'a' + 'A'));
            }
        }
        if (!out.write(data, this::written)) {
            in.stopRead();
        }
    }

    private void written(Pipe same, @Nullable PanpipeException error) {
        if (error != null && !failed) {
            in.close();
            fail(error);
        }
    }

    private void fail(PanpipeException error) {
        failed = true;
        say(error.getMessage());
    }

    private void say(@Nullable String message) {
        err.write((message + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
