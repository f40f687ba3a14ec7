/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Loop;
import io.panpipe.junit.FreshName;
import io.panpipe.junit.PanpipeExtension;
import io.panpipe.junit.Simulated;
import io.panpipe.junit.SimulatedTest;
import io.panpipe.testbed.Patience;
import io.panpipe.testing.Call;
import io.panpipe.testing.SimulatedKernel;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Asks gunicorn, a daemon that serves HTTP on a Unix socket, and servers that say what no daemon should. */
@ExtendWith(PanpipeExtension.class)
class UnixHttpTest {

    private static final Duration PATIENCE = Patience.seconds(60);

    private static CompletableFuture<HttpResponse> get(Loop loop, String name) {
        return UnixHttp.request(loop, name, "GET", "/some/path?query=1", PATIENCE);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String body(HttpResponse response) {
        return new String(response.body(), StandardCharsets.ISO_8859_1);
    }

    /** What the page /chunked consists of. */
    private static String lines() {
        String line = "0123456789abcdef".repeat(64) + "\n";
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            text.append(i).append(' ').append(line, 0, i % line.length()).append('\n');
        }
        return text.toString();
    }

    @Nested
    @EnabledOnOs(OS.LINUX)
    class OfADaemon {

        @TempDir
        private static Path directory;

        private static Program daemon;
        private static String name;

        @BeforeAll
        static void start() throws Exception {
            Program.assumeInstalled("gunicorn");
            Path pages = Path.of(UnixHttpTest.class.getResource("pages.py").toURI());
            name = directory.resolve("http").toString();
            daemon = new Program(new ProcessBuilder("gunicorn", "--bind", "unix:" + name, "--worker-tmp-dir",
                    directory.toString(), "--chdir", pages.getParent().toString(), "pages"));
            daemon.await(() -> daemon.error().contains("Booting worker"), "a worker");
        }

        @AfterAll
        static void end() throws Exception {
            if (daemon != null) {
                assertEquals(0, daemon.terminate(), daemon::toString);
            }
        }

        private HttpResponse ask(Loop loop, String method, String target) {
            CompletableFuture<HttpResponse> answer = UnixHttp.request(loop, name, method, target, PATIENCE);
            loop.run();
            return answer.join();
        }

        @Test
        void aBodyWithALengthIsRead(Loop loop) {
            HttpResponse answer = ask(loop, "GET", "/length");
            assertEquals(200, answer.head().status());
            assertEquals("18", answer.head().field("content-length"));
            assertEquals("text/plain", answer.head().field("Content-Type"));
            assertEquals("body of 18 bytes\r\n", body(answer));
        }

        @Test
        void chunksArePutTogether(Loop loop) {
            HttpResponse answer = ask(loop, "GET", "/chunked");
            assertEquals(200, answer.head().status());
            assertEquals("chunked", answer.head().field("Transfer-Encoding"));
            assertEquals("", answer.head().field("Content-Length"));
            assertArrayEquals(bytes(lines()), answer.body());
        }

        @Test
        void anAnswerToHeadHasALengthAndNoBody(Loop loop) {
            HttpResponse answer = ask(loop, "HEAD", "/length");
            assertEquals(200, answer.head().status());
            assertEquals("18", answer.head().field("Content-Length"));
            assertEquals(0, answer.body().length);
        }

        @Test
        void noContentHasNoBody(Loop loop) {
            HttpResponse answer = ask(loop, "GET", "/empty");
            assertEquals(204, answer.head().status());
            assertEquals(0, answer.body().length);
        }

        @Test
        void notFoundIsAnAnswerWithABody(Loop loop) {
            HttpResponse answer = ask(loop, "GET", "/lost?and=found");
            assertEquals(404, answer.head().status());
            assertEquals("there is no page /lost?and=found\n", body(answer));
            assertEquals("1, 2", answer.head().field("x-twice"));
        }

        @Test
        void aWorkerThatDiesLeavesTheAnswerCutOff(Loop loop) {
            for (String page : new String[] {"/broken", "/broken-chunks"}) {
                CompletableFuture<HttpResponse> answer = UnixHttp.request(loop, name, "GET", page, PATIENCE);
                loop.run();
                assertEquals("the answer is cut off", Failures.of(answer).getMessage());
            }
        }

        @Test
        void theProgramPrintsTheBody() throws Exception {
            try (Program program = new Program(new ProcessBuilder(Program.java(UnixHttp.class, name, "/chunked")))) {
                assertEquals(0, program.exitCode(), program::toString);
                assertEquals(lines(), program.output());
                assertEquals("", program.error());
            }
        }

        @Test
        void theProgramTellsWhatWasNotFoundByItsExitCode() throws Exception {
            try (Program program = new Program(new ProcessBuilder(Program.java(UnixHttp.class, name, "/lost")))) {
                assertEquals(22, program.exitCode(), program::toString);
                assertEquals("there is no page /lost?\n", program.output());
                assertEquals("the answer is 404\n", program.error());
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void theProgramSaysThatThereIsNoDaemon(@FreshName String name) throws Exception {
        try (Program program = new Program(new ProcessBuilder(Program.java(UnixHttp.class, name, "/")))) {
            assertEquals(1, program.exitCode(), program::toString);
            assertEquals("", program.output());
            assertTrue(program.error().startsWith("connect " + name + ": no such file or directory (ENOENT)"),
                    program::error);
        }
    }

    @SimulatedTest(seeds = 100)
    @Tag("simulated")
    void anAnswerIsReadHoweverItIsCut(Loop home, Loop loop, SimulatedKernel kernel, @FreshName String name)
            throws Exception {
        kernel.when(Call.READ).withProbability(0.5).movesAtMost(1);
        String answer = "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5;name=value\r\nhello\r\nB\r\n, in pieces\r\n0\r\nTrailer: yes\r\n\r\n";
        CannedServer server = new CannedServer(home, name).answerAndClose("\r\n\r\n", answer);
        CompletableFuture<HttpResponse> result = get(loop, name);
        kernel.run();
        assertEquals(200, result.join().head().status());
        assertEquals("", result.join().head().field("Link"));
        assertEquals("hello, in pieces", body(result.join()));
        assertTrue(server.heard().startsWith("GET /some/path?query=1 HTTP/1.1\r\n"), server::heard);
        assertTrue(server.heard().endsWith("\r\n\r\n"), server::heard);
    }

    @Test
    @Simulated
    @Tag("simulated")
    void aDaemonThatSaysNothingIsGivenUp(Loop home, Loop loop, SimulatedKernel kernel, @FreshName String name)
            throws Exception {
        new CannedServer(home, name);
        CompletableFuture<HttpResponse> result = get(loop, name);
        kernel.run();
        assertEquals("no answer within PT1M", Failures.of(result).getMessage());
        assertEquals(PATIENCE, kernel.time());
    }

    @Test
    @Simulated
    @Tag("simulated")
    void aResetIsTold(Loop home, Loop loop, SimulatedKernel kernel, @FreshName String name) throws Exception {
        new CannedServer(home, name).answer("\r\n\r\n", "HTTP/1.1 200 OK\r\n");
        kernel.when(Call.WRITE).to(name).number(2).resetsTheConnection();
        CompletableFuture<HttpResponse> result = get(loop, name);
        kernel.run();
        assertTrue(Failures.of(result).getMessage().contains("ECONNRESET"), () -> Failures.of(result).getMessage());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aDaemonThatIsGoneIsRefused(Loop loop, @FreshName String name) throws Exception {
        Path file = Path.of(name);
        try (var killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            killed.bind(UnixDomainSocketAddress.of(file));
        }
        CompletableFuture<HttpResponse> result = get(loop, name);
        loop.run();
        Files.delete(file);
        assertTrue(Failures.of(result).getMessage().contains("ECONNREFUSED"), () -> Failures.of(result).getMessage());
    }
}
