/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.jshell;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.Diag;
import jdk.jshell.EvalException;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.VarSnippet;
import org.jspecify.annotations.Nullable;

/**
 * Runs a script of {@code jshell} in a pipeline, where the tool itself is of no use: it keeps standard input from the
 * script, prints an exception and goes on, and ends with 0 then.
 *
 * <p>A script runs in this JVM, has its standard streams, and stops at the first line that does not compile (status 2) or
 * throws (status 1), which standard error tells. A method or class may use what later lines declare; what none has
 * declared is told at the end (status 2). Of the tool's commands there is only {@code /exit}, with an expression of the
 * status or without.
 *
 * @since 0.1
 */
public final class Script {

    private static final int THREW = 1;
    private static final int WRONG = 2;

    private final JShell shell;
    private final PrintStream errors;
    private final Map<Snippet, Integer> incomplete = new LinkedHashMap<>();
    private String name = "";

    private Script(JShell shell, PrintStream errors) {
        this.shell = shell;
        this.errors = errors;
    }

    /**
     * Runs a script and ends the JVM with its status.
     *
     * @param arguments the script's file
     * @throws IOException if this program itself cannot be read
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            System.err.println("usage: java --enable-native-access=ALL-UNNAMED -cp panpipe-cli.jar "
                    + Script.class.getName() + " FILE");
            System.exit(WRONG);
        }
        int status = run(arguments[0], System.err);
        System.out.flush();
        System.exit(status);
    }

    /**
     * Runs a script.
     *
     * @param file the script, in UTF-8
     * @param errors where to tell why it stopped
     * @return its status
     * @throws IOException if this program itself cannot be read
     */
    static int run(String file, PrintStream errors) throws IOException {
        String text;
        try {
            text = Files.readString(Path.of(file));
        } catch (InvalidPathException | IOException unreadable) {
            errors.println(file + ": " + describe(unreadable));
            return WRONG;
        }
        try (JShell shell = JShell.builder().executionEngine("local").build();
                InputStream startup = Objects.requireNonNull(Script.class.getResourceAsStream("panpipe.jsh"))) {
            shell.addToClasspath(System.getProperty("java.class.path"));
            Script script = new Script(shell, errors);
            Integer status = script.run("panpipe.jsh", new String(startup.readAllBytes(), StandardCharsets.UTF_8));
            if (status == null) {
                status = script.run(file, text);
            }
            return status == null ? script.complain() : status;
        }
    }

    private static String describe(Exception unreadable) {
        return switch (unreadable) {
            case NoSuchFileException missing -> "there is no such script";
            case AccessDeniedException refused -> "this script may not be read";
            case CharacterCodingException other -> "this script is not in UTF-8";
            case InvalidPathException undecoded -> "this locale's charset lacks some of its characters: set LC_ALL=C.UTF-8";
            default -> "this script cannot be read: " + unreadable.getMessage();
        };
    }

    /** Line by line, as the tool does, so that a line needs no semicolon; null at the end of the text. */
    private @Nullable Integer run(String source, String text) {
        name = source;
        String pending = "";
        int first = 0;
        int line = 0;
        for (String next : (Iterable<String>) text.lines()::iterator) {
            line++;
            if (pending.isBlank()) {
                first = line;
                if (next.matches("/[a-z!?].*")) {
                    return command(next.strip(), line);
                }
            }
            CompletionInfo info = shell.sourceCodeAnalysis().analyzeCompletion(pending + next + "\n");
            while (info.completeness().isComplete() && !info.source().isBlank()) {
                Integer status = evaluate(info.source(), first);
                if (status != null) {
                    return status;
                }
                first = line;
                info = shell.sourceCodeAnalysis().analyzeCompletion(info.remaining());
            }
            pending = info.remaining().isBlank() ? "" : info.remaining();
        }
        return pending.isEmpty() ? null : evaluate(pending, first);
    }

    private int command(String command, int line) {
        if (!command.matches("/exit\\b.*")) {
            errors.println(name + ":" + line + ": a script knows no command but /exit: " + command);
            return WRONG;
        }
        String expression = command.substring("/exit".length()).strip();
        int incomplete = complain();
        if (expression.isEmpty() || incomplete != 0) {
            return incomplete;
        }
        for (SnippetEvent event : shell.eval(expression)) {
            Integer status = judge(event, line);
            if (status != null) {
                return status;
            }
            if (event.value() != null && event.value().matches("-?\\d{1,9}")) {
                return Integer.parseInt(event.value());
            }
        }
        errors.println(name + ":" + line + ": the status is no number: " + expression);
        return WRONG;
    }

    private @Nullable Integer evaluate(String snippet, int line) {
        for (SnippetEvent event : shell.eval(snippet)) {
            Integer status = judge(event, line);
            if (status != null) {
                return status;
            }
            if (isIncomplete(event.status())) {
                incomplete.put(event.snippet(), line);
                if (event.snippet() instanceof VarSnippet) {
                    // Its initializer has not run, and the lines behind rely on it.
                    return complain();
                }
            }
        }
        return null;
    }

    /** Methods and classes may use what only later lines declare. */
    private static boolean isIncomplete(Snippet.Status status) {
        return status == Snippet.Status.RECOVERABLE_DEFINED || status == Snippet.Status.RECOVERABLE_NOT_DEFINED;
    }

    /** Tells what uses something that no line has declared; returns the status. */
    private int complain() {
        int status = 0;
        for (Map.Entry<Snippet, Integer> entry : incomplete.entrySet()) {
            if (entry.getKey() instanceof DeclarationSnippet declaration && isIncomplete(shell.status(declaration))) {
                status = WRONG;
                shell.unresolvedDependencies(declaration).forEach(missing ->
                        errors.println(name + ":" + entry.getValue() + ": there is no " + missing));
                errors.println(declaration.source().strip());
            }
        }
        return status;
    }

    private @Nullable Integer judge(SnippetEvent event, int line) {
        if (event.causeSnippet() == null && event.status() == Snippet.Status.REJECTED) {
            Diag[] complaints = shell.diagnostics(event.snippet()).toArray(Diag[]::new);
            for (Diag complaint : complaints) {
                errors.println(name + ":" + line + ": " + complaint.getMessage(Locale.ROOT));
            }
            errors.println(event.snippet().source().strip());
            return WRONG;
        }
        JShellException thrown = event.exception();
        if (thrown == null) {
            return null;
        }
        String what = thrown instanceof EvalException evaluated
                ? evaluated.getExceptionClassName() + ": " + evaluated.getMessage()
                : "what it calls is not complete: " + thrown.getMessage();
        errors.println(name + ":" + line + ": " + what);
        return THREW;
    }
}
