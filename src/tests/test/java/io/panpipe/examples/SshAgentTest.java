/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Loop;
import io.panpipe.junit.FreshName;
import io.panpipe.junit.PanpipeExtension;
import io.panpipe.junit.Simulated;
import io.panpipe.junit.SimulatedTest;
import io.panpipe.testing.Call;
import io.panpipe.testing.SimulatedKernel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Asks OpenSSH's agent for its keys, and agents that answer wrongly. */
@ExtendWith(PanpipeExtension.class)
class SshAgentTest {

    /** The client's one request, a length and a type. */
    private static final String REQUEST = "\0\0\0\1\13";

    /** A list of one key: its type is "ab", its comment "c". */
    private static final String ONE_KEY = "\0\0\0\24\14\0\0\0\1\0\0\0\6\0\0\0\2ab\0\0\0\1c";

    @Nested
    @EnabledOnOs(OS.LINUX)
    class OfOpenSsh {

        @TempDir
        private Path directory;

        private String name;
        private Program agent;

        @BeforeEach
        void start() throws Exception {
            Program.assumeInstalled("ssh-agent");
            name = directory.resolve("agent").toString();
            agent = new Program(new ProcessBuilder("ssh-agent", "-D", "-a", name));
            // The name is there before the agent listens.
            agent.await(() -> isAnswered(UnixDomainSocketAddress.of(name)), "the agent's socket");
        }

        @AfterEach
        void end() {
            agent.close();
        }

        private static boolean isAnswered(UnixDomainSocketAddress address) {
            try (SocketChannel channel = SocketChannel.open(address)) {
                return channel.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        }

        private Program client(List<String> command) throws Exception {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().put("SSH_AUTH_SOCK", name);
            return new Program(builder);
        }

        private String output(int code, String... command) throws Exception {
            try (Program program = client(List.of(command))) {
                assertEquals(code, program.exitCode(), program::toString);
                return program.output();
            }
        }

        private void addKey(String type, String comment) throws Exception {
            String file = directory.resolve(comment.replace(' ', '_')).toString();
            output(0, "ssh-keygen", "-q", "-t", type, "-N", "", "-C", comment, "-f", file);
            output(0, "ssh-add", "-q", file);
        }

        private List<SshKey> ask(Loop loop) {
            CompletableFuture<List<SshKey>> keys = SshAgent.keys(loop, name);
            loop.run();
            return keys.join();
        }

        @Test
        void listsWhatSshAddLists(Loop loop) throws Exception {
            addKey("ed25519", "a comment, grün");
            addKey("ecdsa", "another");
            List<SshKey> keys = ask(loop);
            assertEquals(List.of("ssh-ed25519", "ecdsa-sha2-nistp256"), keys.stream().map(SshKey::type).toList());
            StringBuilder lines = new StringBuilder();
            for (SshKey key : keys) {
                String type = key.type().equals("ssh-ed25519") ? "ED25519" : "ECDSA";
                lines.append("256 %s %s (%s)\n".formatted(key.fingerprint(), key.comment(), type));
            }
            assertEquals(output(0, "ssh-add", "-l"), lines.toString());
        }

        @Test
        void listsNothingWhereThereIsNothing(Loop loop) throws Exception {
            assertEquals(List.of(), ask(loop));
            addKey("ed25519", "one");
            assertEquals(1, ask(loop).size());
            output(0, "ssh-add", "-q", "-D");
            assertEquals(List.of(), ask(loop));
        }

        @Test
        void theProgramPrintsTheKeysAndTellsWhetherThereAreAny() throws Exception {
            addKey("ed25519", "mine");
            try (Program program = client(Program.java(SshAgent.class))) {
                assertEquals(0, program.exitCode(), program::toString);
                assertTrue(program.output().matches("SHA256:[A-Za-z0-9+/]{43} mine \\(ssh-ed25519\\)\n"),
                        program::output);
                assertEquals("", program.error());
            }
            output(0, "ssh-add", "-q", "-D");
            try (Program program = client(Program.java(SshAgent.class))) {
                assertEquals(1, program.exitCode(), program::toString);
                assertEquals("", program.output());
            }
        }

        @Test
        void anAgentThatWasKilledIsAnError(Loop loop) throws Exception {
            agent.process().destroyForcibly();
            agent.exitCode();
            CompletableFuture<List<SshKey>> keys = SshAgent.keys(loop, name);
            loop.run();
            assertTrue(Failures.of(keys).getMessage().contains("ECONNREFUSED"), () -> Failures.of(keys).getMessage());
            try (Program program = client(Program.java(SshAgent.class))) {
                assertEquals(2, program.exitCode(), program::toString);
                assertEquals("", program.output());
                assertTrue(program.error().contains("connection refused (ECONNREFUSED)"), program::error);
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void theProgramSaysThatThereIsNoAgent() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(Program.java(SshAgent.class));
        builder.environment().remove("SSH_AUTH_SOCK");
        try (Program program = new Program(builder)) {
            assertEquals(2, program.exitCode(), program::toString);
            assertEquals("no agent: SSH_AUTH_SOCK is not set\n", program.error());
        }
    }

    @SimulatedTest(seeds = 50)
    @Tag("simulated")
    void aListIsReadHoweverItIsCut(Loop home, Loop loop, SimulatedKernel kernel, @FreshName String name)
            throws Exception {
        kernel.when(Call.READ).withProbability(0.5).movesAtMost(1);
        CannedServer server = new CannedServer(home, name).answer(REQUEST, ONE_KEY);
        CompletableFuture<List<SshKey>> keys = SshAgent.keys(loop, name);
        kernel.run();
        assertEquals(REQUEST, server.heard());
        assertEquals(1, keys.join().size());
        assertEquals("ab", keys.join().getFirst().type());
        assertEquals("c", keys.join().getFirst().comment());
    }

    /** Octal digits of what the agent says, and how the client complains. */
    @ParameterizedTest
    @CsvSource({
        "'\0\0\0\1\5', the agent answers 5 and no list of keys",
        "'\0\0\0\0', the agent answers nothing",
        "'\177\0\0\0', a message of 2130706432 bytes is longer than the limit of 262144 bytes",
        "'\377\377\377\377', a message of 4294967295 bytes is longer than the limit of 262144 bytes",
        "'\0\0\0\1\14', a list of keys that ends in a key",
        "'\0\0\0\11\14\0\0\0\1\0\0\0\1', a list of keys that ends in a key",
        "'\0\0\0\5\14\377\377\377\377', a list of keys that ends in a key",
        "'\0\0\0\15\14\0\0\0\1\0\0\0\0\0\0\0\0', a list of keys that ends in a key",
        "'\0\0\0\21\14\0\0\0\1\0\0\0\4\0\0\0\1\0\0\0\0', a list of keys that ends in a key",
    })
    @Simulated
    @Tag("simulated")
    void anAnswerThatIsWrongIsAnError(String answer, String complaint, Loop home, Loop loop, SimulatedKernel kernel,
            @FreshName String name) throws Exception {
        new CannedServer(home, name).answer(REQUEST, answer);
        CompletableFuture<List<SshKey>> keys = SshAgent.keys(loop, name);
        kernel.run();
        assertEquals(complaint, Failures.of(keys).getMessage());
    }

    @Test
    @Simulated
    @Tag("simulated")
    void anAgentThatGoesAwayInTheMiddleIsAnError(Loop home, Loop loop, SimulatedKernel kernel, @FreshName String name)
            throws Exception {
        new CannedServer(home, name).answerAndClose(REQUEST, ONE_KEY.substring(0, 10));
        CompletableFuture<List<SshKey>> keys = SshAgent.keys(loop, name);
        kernel.run();
        assertEquals("the agent is gone", Failures.of(keys).getMessage());
    }
}
