/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.framing.Framing;
import io.panpipe.framing.FramingException;
import io.panpipe.framing.MessageReader;
import io.panpipe.framing.MessageWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Lists the keys that the user's ssh-agent holds, as {@code ssh-add -l} does (draft-ietf-sshm-ssh-agent). */
public final class SshAgent {

    private static final Framing FRAMING = Framing.length(4);
    private static final byte[] REQUEST_IDENTITIES = {11};

    /** OpenSSH sends no longer ones, and takes none. */
    private static final int LONGEST = 256 * 1024;

    private final Pipe pipe;
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
            new MessageWriter<>(same, FRAMING).write(REQUEST_IDENTITIES, (pipe, failed) -> {});
            MessageReader.start(same, FRAMING, LONGEST, agent::read);
        });
        return agent.result;
    }

    private void read(Pipe same, @Nullable ByteBuffer message, @Nullable IOException error) {
        try {
            if (error instanceof FramingException malformed && malformed.kind() != FramingException.Kind.CUT_OFF) {
                throw malformed;
            }
            if (message == null) {
                throw new IOException("the agent is gone", error);
            }
            result.complete(SshKey.list(message));
            pipe.close();
        } catch (IOException failure) {
            end(failure);
        }
    }

    private void end(IOException failure) {
        pipe.close();
        result.completeExceptionally(failure);
    }
}
