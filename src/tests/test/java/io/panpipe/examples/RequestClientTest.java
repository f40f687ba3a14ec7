/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.junit.FreshName;
import io.panpipe.junit.PanpipeExtension;
import io.panpipe.junit.Simulated;
import io.panpipe.junit.SimulatedTest;
import io.panpipe.testing.Call;
import io.panpipe.testing.Fault;
import io.panpipe.testing.SimulatedKernel;
import io.panpipe.testing.SimulatedProcess;
import io.panpipe.testing.Simulation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

/** The request client where all goes well, where nothing does, and a copy of it with a mistake that only seeds find. */
@ExtendWith(PanpipeExtension.class)
class RequestClientTest {

    private static final Duration TIMEOUT = Duration.ofMillis(50);

    private final List<String> answers = new ArrayList<>();

    private static byte[] answer(byte[] question) {
        return ("re: " + new String(question)).getBytes();
    }

    private void ask(RequestClient client, String question) {
        client.request(question.getBytes(), (body, error) -> {
            answers.add(error == null ? new String(body) : error.getMessage());
            if (answers.size() == 3) {
                client.close();
            }
        });
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void answersOnTheRunningSystem(Loop loop, @FreshName String name) throws Exception {
        RequestServer server = new RequestServer(loop, name, RequestClientTest::answer);
        RequestClient client = new RequestClient(loop, name, Duration.ofSeconds(30), 3);
        for (String question : List.of("a", "b", "c")) {
            ask(client, question);
        }
        while (answers.size() < 3) {
            loop.run(RunMode.ONCE);
        }
        server.close();
        loop.run();
        assertEquals(List.of("re: a", "re: b", "re: c"), answers);
    }

    @Test
    @Simulated
    @Tag("simulated")
    void whatIsNoFrameEndsTheConnectionOfWhoSentIt(Loop loop, SimulatedKernel kernel, @FreshName String name)
            throws Exception {
        RequestServer server = new RequestServer(loop, name, RequestClientTest::answer);
        for (int length : new int[] {Integer.MAX_VALUE, -1, Frames.LONGEST + 1}) {
            Pipe stranger = new Pipe(loop);
            stranger.connect(name, (same, error) -> {
                same.write(ByteBuffer.allocate(8).putInt(length).flip().limit(8));
                same.startRead((connected, data, end) -> {
                    answers.add(end.code() + " after " + length);
                    connected.close();
                });
            });
            kernel.run();
        }
        server.close();
        kernel.run();
        assertEquals(List.of("EOF after 2147483647", "EOF after -1", "EOF after 1048577"), answers);
    }

    @Test
    @Simulated
    @Tag("simulated")
    void givesUpAfterTheLastAttempt(Loop loop, SimulatedKernel kernel, @FreshName String name) {
        RequestClient client = new RequestClient(loop, name, Duration.ofHours(1), 3);
        ask(client, "anybody?");
        kernel.run();
        assertEquals(List.of("no answer after 3 attempts"), answers);
        assertEquals(Duration.ofHours(3), kernel.time());
    }

    @Test
    @Simulated
    @Tag("simulated")
    void asksAgainWhenTheServerIsStartedLate(Loop loop, SimulatedKernel kernel, @FreshName String name)
            throws Exception {
        RequestClient client = new RequestClient(loop, name, TIMEOUT, 10);
        ask(client, "anybody?");
        kernel.run(Duration.ofMillis(120));
        RequestServer server = new RequestServer(kernel.process("server").loop(), name, RequestClientTest::answer);
        kernel.run(Duration.ofSeconds(1));
        client.close();
        server.close();
        kernel.run();
        assertEquals(List.of("re: anybody?"), answers);
    }

    @Test
    @Simulated
    @Tag("simulated")
    void survivesAServerThatIsKilled(Loop loop, SimulatedKernel kernel, @FreshName String name) throws Exception {
        SimulatedProcess first = kernel.process("first");
        new RequestServer(first.loop(), name, RequestClientTest::answer);
        Fault killed = kernel.when(Call.READ).by(first).number(1).kills(first);
        RequestClient client = new RequestClient(loop, name, TIMEOUT, 3);
        ask(client, "anybody?");
        kernel.run();
        assertEquals(1, killed.count());
        assertEquals(List.of("no answer after 3 attempts"), answers);
        client.close();
    }

    @SimulatedTest(seeds = 500)
    @Tag("simulated")
    void everyAnswerIsThatToItsQuestion(SimulatedKernel kernel, @FreshName String name) throws Exception {
        converse(kernel, name, new RequestClient(kernel.process("client").loop(), name, TIMEOUT, 20)::request);
    }

    /** Asks a server that is slow, is held up now and then and gets resets, a question every ten milliseconds. */
    static void converse(SimulatedKernel kernel, String name, Asking client) throws Exception {
        SimulatedProcess home = kernel.process("server");
        RequestServer server = new RequestServer(home.loop(), name, RequestClientTest::answer);
        kernel.linkTo(name).latency(Duration.ofMillis(5), Duration.ofMillis(15));
        kernel.when(Call.READ).by(home).withProbability(0.05).pauses(home, Duration.ofMillis(60));
        kernel.when(Call.WRITE).to(name).withProbability(0.01).resetsTheConnection();
        kernel.when(Call.CONNECT).withProbability(0.2).fails(ErrorCode.ECONNREFUSED);
        List<String> answered = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String question = "question " + i;
            client.request(question.getBytes(), (body, error) -> {
                assertNull(error);
                assertArrayEquals(answer(question.getBytes()), body);
                answered.add(question);
            });
            kernel.run(Duration.ofMillis(10));
        }
        kernel.run(Duration.ofSeconds(10));
        assertEquals(20, answered.size());
        server.close();
        home.kill();
        kernel.run();
    }

    /** Either client's way to ask. */
    interface Asking {
        void request(byte[] body, RequestClient.Answer answer);
    }

    private static void hasty(SimulatedKernel kernel) throws Exception {
        String name = kernel.freshName();
        converse(kernel, name, new HastyRequestClient(kernel.process("client").loop(), name, TIMEOUT, 20)::request);
    }

    @Test
    @Tag("simulated")
    void seedsFindTheMistakeAndTheReplayLineFindsItAgain() {
        AssertionError found = null;
        long seed = 0;
        while (found == null && seed < 100) {
            found = failure(++seed);
        }
        assertTrue(found != null, "a hundred seeds do not find it");
        assertTrue(found.getMessage().contains("again with -Dpanpipe.seed=" + seed), found::getMessage);
        AssertionError again = failure(seed);
        assertEquals(found.getMessage(), again.getMessage(), "the same failure with the same trace");
    }

    private static AssertionError failure(long seed) {
        try {
            Simulation.runOne(seed, RequestClientTest::hasty);
            return null;
        } catch (AssertionError failure) {
            return failure;
        }
    }
}
