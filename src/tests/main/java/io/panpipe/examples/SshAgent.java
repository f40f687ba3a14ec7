/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Lists the keys that the user's ssh-agent holds, as {@code ssh-add -l} does (draft-ietf-sshm-ssh-agent). */
public final class SshAgent {

    private static final int REQUEST_IDENTITIES = 11;

    /** OpenSSH sends no longer ones, and takes none. */
    private static final int LONGEST = 256 * 1024;

    private final Pipe pipe;
    private final Incoming in = new Incoming();
    private final CompletableFuture<List<SshKey>> result = new CompletableFuture<>();

    private SshAgent(Loop loop) {
        pipe = new Pipe(loop);
    }

    public static void main(String... args) throws IOException {
        String name = System.getenv("SSH_AUTH_SOCK");
        if (name == null) {
            System.err.println("no agent: SSH_AUTH_SOCK is not set");
            System.exit(2);
        }
        try (Loop loop = new Loop()) {
            CompletableFuture<List<SshKey>> asked = keys(loop, name);
            loop.run();
            List<SshKey> keys = asked.join();
            keys.forEach(System.out::println);
            System.exit(keys.isEmpty() ? 1 : 0);
        } catch (CompletionException failure) {
            System.err.println(failure.getCause().getMessage());
            System.exit(2);
        }
    }

    /** Asks the agent of that name. */
    static CompletableFuture<List<SshKey>> keys(Loop loop, String name) {
        SshAgent agent = new SshAgent(loop);
        agent.pipe.connect(name, (same, error) -> {
            if (error != null) {
                agent.end(error);
                return;
            }
            same.write(ByteBuffer.allocate(5).putInt(1).put((byte) REQUEST_IDENTITIES).flip(), (pipe, failed) -> {});
            same.startRead(agent::read);
        });
        return agent.result;
    }

    private void read(Pipe same, @Nullable ByteBuffer data, @Nullable PanpipeException error) {
        if (data == null) {
            end(new IOException("the agent is gone", error));
            return;
        }
        in.add(data);
        if (in.remaining() < 4) {
            return;
        }
        int length = in.peekInt(0, ByteOrder.BIG_ENDIAN);
        if (length < 1 || length > LONGEST) {
            end(new IOException("a message of " + Integer.toUnsignedString(length) + " bytes"));
            return;
        }
        byte[] message = in.take(4 + length);
        if (message == null) {
            return;
        }
        try {
            result.complete(SshKey.list(ByteBuffer.wrap(message, 4, length)));
            pipe.close();
        } catch (IOException malformed) {
            end(malformed);
        }
    }

    private void end(IOException failure) {
        pipe.close();
        result.completeExceptionally(failure);
    }
}
