/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.framing.Framing;
import io.panpipe.junit.FreshName;
import io.panpipe.junit.PanpipeExtension;
import io.panpipe.junit.SimulatedTest;
import io.panpipe.testing.Call;
import io.panpipe.testing.SimulatedKernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Has vscode-json-languageserver check files, and talks to servers that fail. */
@ExtendWith(PanpipeExtension.class)
class LspCheckTest {

    @TempDir
    private Path directory;

    /** Returns the command of a real language server, which .ci/run installs by npm. */
    private static String server() {
        Program.assumeInstalled("node");
        Path installed = Path.of(System.getProperty("basedir", ""), ".lane", "lsp", "node_modules", ".bin");
        Path server = installed.resolve("vscode-json-languageserver");
        Assumptions.assumeTrue(Files.isExecutable(server), "vscode-json-languageserver is not installed: see .ci/run");
        return server.toAbsolutePath().toString();
    }

    private Program check(String text, String... server) throws Exception {
        Path file = Files.writeString(directory.resolve("file.json"), text);
        List<String> command = new ArrayList<>(Program.java(LspCheck.class, "json", file.toString()));
        command.addAll(List.of(server));
        ProcessBuilder builder = new ProcessBuilder(command);
        // Where the pipe is, so that a test can tell whether anything stays.
        builder.environment().put("XDG_RUNTIME_DIR", directory.toString());
        return new Program(builder);
    }

    private void assertNothingStays() throws Exception {
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(List.of(directory.resolve("file.json")), files.toList());
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void theProblemsOfAFileArePrintedWhereTheyAre() throws Exception {
        try (Program program = check("{\"a\": 1,\n  \"grün\": [1, 2,, 3],\n  \"b\": tru }\n", server())) {
            assertEquals(1, program.exitCode(), program::toString);
            String file = directory.resolve("file.json").toString();
            assertEquals(file + ":2:17: Value expected\n" + file + ":3:8: Value expected\n", program.output());
            assertEquals("", program.error());
        }
        assertNothingStays();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aGoodFileOfAMegabyteHasNone() throws Exception {
        StringBuilder text = new StringBuilder("[\"\\n\"");
        while (text.length() < 1 << 20) {
            text.append(",\n{\"number\": ").append(text.length()).append(", \"text\": \"grün\"}");
        }
        try (Program program = check(text.append("]\n").toString(), server())) {
            assertEquals(0, program.exitCode(), program::toString);
            assertEquals("", program.output());
        }
        assertNothingStays();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aServerThatEndsAtOnceIsAnError() throws Exception {
        try (Program program = check("{}", "sh", "-c", "exit 3")) {
            assertEquals(2, program.exitCode(), program::toString);
            assertEquals("the language server ended with 3 at once\n", program.error());
        }
        assertNothingStays();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aServerThatIsNotThereIsAnError() throws Exception {
        try (Program program = check("{}", directory.resolve("nothing").toString())) {
            assertEquals(2, program.exitCode(), program::toString);
            assertTrue(program.error().startsWith("Cannot run program"), program::error);
        }
        assertNothingStays();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aServerThatTalksNonsenseIsAnErrorAndIsEnded() throws Exception {
        Program.assumeInstalled("node");
        String script = "const s = require('net').connect(process.argv[1].slice(7), () => s.write('hello?\\r\\n'));"
                + "setInterval(() => {}, 1000)";
        try (Program program = check("{}", "node", "-e", script, "--")) {
            assertEquals(2, program.exitCode(), program::toString);
            assertEquals("no field of a message's header: hello?\n", program.error());
            assertEquals(0, program.process().descendants().count());
        }
        assertNothingStays();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aServerThatIsKilledFailsWhatWaits(Loop loop, @FreshName String name) throws Exception {
        LspServer server = new LspServer(loop, name, List.of(server()));
        CompletableFuture<Object> result = server.connected().thenCompose(pipe -> {
            LspSession session = begin(pipe);
            long editor = ProcessHandle.current().pid();
            return session.request("initialize", Map.of("processId", editor, "capabilities", Map.of()))
                    .thenCompose(offered -> {
                        assertTrue(Json.get(offered, "capabilities") instanceof Map, () -> Json.text(offered));
                        server.kill();
                        return session.request("textDocument/hover", Map.of());
                    });
        });
        loop.run();
        assertEquals("the language server is gone", Failures.of(result).getMessage());
        assertEquals(128 + 9, server.ended().join());
        assertFalse(Files.exists(Path.of(name)));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatTheServerRefusesIsAnError(Loop loop, @FreshName String name) throws Exception {
        LspServer server = new LspServer(loop, name, List.of(server()));
        CompletableFuture<Object> result = server.connected()
                .thenCompose(pipe -> begin(pipe).request("no/such/method", Map.of()))
                .whenComplete((nothing, failure) -> server.kill());
        loop.run();
        assertEquals("Unhandled method no/such/method", Failures.of(result).getMessage());
    }

    private static LspSession begin(Pipe pipe) {
        try {
            return new LspSession(pipe, (method, parameters) -> {});
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
    }

    @SimulatedTest(seeds = 50)
    @Tag("simulated")
    void aServerThatAsksIsAnsweredAndMessagesMayBeCutAnywhere(Loop home, Loop loop, SimulatedKernel kernel,
            @FreshName String name) throws Exception {
        kernel.when(Call.READ).withProbability(0.5).movesAtMost(1);
        String question = frame(Json.object("jsonrpc", "2.0", "id", "q", "method", "window/ask", "params", List.of()));
        String notice = frame(Json.object("jsonrpc", "2.0", "method", "notice", "params", "grün"));
        String answer = frame(Json.object("jsonrpc", "2.0", "id", 1));
        CannedServer server = new CannedServer(home, name).answer("shutdown\"}", question + notice)
                .answer("is not offered\"}}", answer);

        List<String> notices = new ArrayList<>();
        CompletableFuture<Object> result = new CompletableFuture<>();
        Pipe pipe = new Pipe(loop);
        pipe.connect(name, (same, error) -> {
            LspSession session = new LspSession(same, (method, told) -> notices.add(method + " " + told));
            session.request("shutdown", null).whenComplete((nothing, failure) -> {
                result.complete(nothing);
                same.close();
            });
        });
        kernel.run();
        assertNull(result.join());
        assertEquals(List.of("notice grün"), notices);
        assertTrue(server.heard().endsWith("{\"jsonrpc\":\"2.0\",\"id\":\"q\",\"error\":{\"code\":-32601,"
                + "\"message\":\"window/ask is not offered\"}}"), server::heard);
    }

    private static String frame(Object value) {
        return StandardCharsets.ISO_8859_1.decode(Framing.contentLength().frame(Json.text(value))).toString();
    }
}
