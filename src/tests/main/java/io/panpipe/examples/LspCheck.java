/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Has a language server check a file: {@code LspCheck LANGUAGE FILE COMMAND...} prints what is wrong with it. */
public final class LspCheck {

    private final String uri;
    private final Map<String, Object> document;
    private final CompletableFuture<@Nullable Object> problems = new CompletableFuture<>();

    private LspCheck(String language, Path file) throws IOException {
        uri = file.toUri().toString();
        document = Map.of("uri", uri, "languageId", language, "version", 1, "text", Files.readString(file));
    }

    public static void main(String... args) throws IOException {
        LspCheck check = new LspCheck(args[0], Path.of(args[1]).toRealPath());
        try (Loop loop = new Loop()) {
            String name = Pipe.portableName("lsp-" + UUID.randomUUID());
            LspServer server = new LspServer(loop, name, List.of(args).subList(2, args.length));
            CompletableFuture<Integer> ended = server.connected().thenCompose(check::converse)
                    .whenComplete((done, failure) -> {
                        if (failure != null) {
                            server.kill();
                        }
                    })
                    .thenCompose(done -> server.ended());
            loop.run();
            System.exit(ended.join() != 0 ? 2 : check.print(args[1]));
        } catch (IOException | CompletionException failure) {
            System.err.println(failure instanceof IOException ? failure.getMessage() : failure.getCause().getMessage());
            System.exit(2);
        }
    }

    private CompletableFuture<Void> converse(Pipe pipe) {
        LspSession session;
        try {
            session = new LspSession(pipe, this::told);
        } catch (PanpipeException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        long editor = ProcessHandle.current().pid();
        return session.request("initialize", Map.of("processId", editor, "capabilities", Map.of()))
                .thenCompose(capabilities -> {
                    session.inform("initialized", Map.of());
                    session.inform("textDocument/didOpen", Map.of("textDocument", document));
                    // Ends also if the server is gone before it has told.
                    session.gone().thenAccept(problems::completeExceptionally);
                    return problems;
                })
                .thenCompose(found -> session.request("shutdown", null))
                .thenAccept(nothing -> session.inform("exit", null));
    }

    private void told(String method, @Nullable Object parameters) {
        if (method.equals("textDocument/publishDiagnostics") && uri.equals(Json.get(parameters, "uri"))) {
            problems.complete(Json.get(parameters, "diagnostics"));
        }
    }

    /** Prints the problems as compilers do, and returns the exit code. */
    private int print(String file) {
        List<?> list = (List<?>) problems.join();
        for (Object problem : list) {
            String place = file + ":" + fromOne(problem, "line") + ":" + fromOne(problem, "character");
            System.out.println(place + ": " + Json.get(problem, "message"));
        }
        return list.isEmpty() ? 0 : 1;
    }

    private static long fromOne(@Nullable Object problem, String part) {
        return Json.get(problem, "range", "start", part) instanceof Long number ? number + 1 : 1;
    }
}
