/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.panpipe.testbed.ChildProcess;
import io.panpipe.testbed.Patience;
import io.panpipe.testbed.QuickJvm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Compiles and runs every Java block of the documentation, and compares what it prints with the text block behind it.
 * Nothing is put around a block but what its page says is there; so who copies both has all.
 */
@EnabledOnOs(OS.LINUX)
class DocumentationTest {

    private static final Pattern BLOCK =
            Pattern.compile("```java\n(.*?)```\n(?:\n```text\n(.*?)```)?", Pattern.DOTALL);
    private static final Pattern IMPORT = Pattern.compile("^import .*$", Pattern.MULTILINE);
    private static final Pattern TEST_CLASS = Pattern.compile("^class (\\w+Test) \\{$", Pattern.MULTILINE);
    private static final Pattern PROGRAM = Pattern.compile("^public class (\\w+) \\{$", Pattern.MULTILINE);
    /** What pages say whose blocks begin in the middle of a program: they are given the import, a loop and a name. */
    private static final String GIVEN =
            "`io.panpipe.*` is imported, `loop` is a loop that runs after them, and `name` the name of a pipe";

    private static final Duration DEADLINE = Patience.seconds(60);

    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

    /** One for all blocks: it knows what is in the jars of the class path and in the JDK, which takes long to find out. */
    private static final StandardJavaFileManager FILES =
            COMPILER.getStandardFileManager(null, null, StandardCharsets.UTF_8);

    @AfterAll
    static void end() throws IOException {
        FILES.close();
    }

    @TempDir
    Path directory;

    @TestFactory
    Stream<DynamicContainer> everyBlockRuns() throws IOException {
        List<DynamicContainer> documents = new ArrayList<>();
        for (Path document : documents()) {
            // One session in jshell, which has a test of its own.
            if (!document.endsWith("jshell.md")) {
                documents.add(dynamicContainer(document.toString(), blocks(document)));
            }
        }
        return documents.stream();
    }

    static List<Path> documents() throws IOException {
        try (Stream<Path> pages = Files.list(Path.of("docs"))) {
            Stream<Path> texts = pages.filter(page -> page.toString().endsWith(".md")).sorted();
            return Stream.concat(Stream.of(Path.of("README.md")), texts).toList();
        }
    }

    private List<DynamicTest> blocks(Path document) throws IOException {
        String text = Files.readString(document);
        boolean given = text.replace('\n', ' ').contains(GIVEN);
        List<DynamicTest> tests = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            String code = matcher.group(1);
            String expected = matcher.group(2) == null ? "" : matcher.group(2);
            tests.add(dynamicTest("block " + (tests.size() + 1), () -> assertEquals(expected, run(code, given))));
        }
        int blocks = text.split("```java", -1).length - 1;
        assertEquals(blocks, tests.size(), () -> document + " has a block of another form");
        return tests;
    }

    private String run(String code, boolean isGiven) throws Exception {
        Path place = Files.createTempDirectory(directory, "block");
        Matcher tests = TEST_CLASS.matcher(code);
        if (tests.find()) {
            return runTests(place, tests.group(1), code);
        }
        Matcher program = PROGRAM.matcher(code);
        if (program.find()) {
            return runProgram(place, program.group(1), code);
        }
        compile(place, "Block", source(code, isGiven));
        return runBlock(place);
    }

    private String runBlock(Path place) throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        Path sockets = Files.createTempDirectory(Path.of("/tmp"), "pp");
        try (URLClassLoader loader = new URLClassLoader(new URL[] {place.toUri().toURL()});
                Loop given = new Loop()) {
            Timer deadline = new Timer(given);
            deadline.start(t -> given.stop(), DEADLINE);
            deadline.unref();
            loader.loadClass("Block")
                    .getMethod("run", Loop.class, String.class, PrintStream.class)
                    .invoke(null, given, sockets + "/s", new PrintStream(printed, true, StandardCharsets.UTF_8));
            assertFalse(given.run(), "the block has not come to an end");
        } finally {
            awaitEmpty(sockets);
            Files.delete(sockets);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    /** Waits for the files of channels, whose {@code close} does not wait for their loop; what stays fails the test. */
    private static void awaitEmpty(Path directory) {
        long begin = System.nanoTime();
        while (directory.toFile().list().length > 0 && System.nanoTime() - begin < DEADLINE.toNanos()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /**
     * Makes a class of a block: statements behind imports, which use the loop and name that their page says are given,
     * or make their own. Their own name is replaced, since tests run side by side.
     */
    private static String source(String code, boolean isGiven) {
        String imports = IMPORT.matcher(code).results()
                .map(found -> found.group() + "\n")
                .collect(Collectors.joining());
        String body = IMPORT.matcher(code).replaceAll("").replace("System.out", "out")
                .replace("Pipe.portableName(\"demo\")", "givenName");
        String loop = !isGiven || code.contains("new Loop()") ? "givenLoop" : "loop";
        String name = !isGiven || code.contains("String name =") ? "givenName" : "name";
        return (isGiven ? "import io.panpipe.*;\n" : "") + imports
                + "public class Block { public static void run(io.panpipe.Loop " + loop + ", String " + name
                + ", java.io.PrintStream out) throws Exception {\n" + body + "} }";
    }

    /** Runs a program in a JVM of its own, as a reader does, and returns what it prints. Its sockets are beside it. */
    private static String runProgram(Path place, String name, String source) throws Exception {
        Path file = Files.writeString(place.resolve(name + ".java"), source);
        Path printed = place.resolve("printed");
        List<String> command = QuickJvm.command();
        command.add(file.toString());
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("XDG_RUNTIME_DIR", Files.createDirectory(place.resolve("run")).toString());
        Process process = builder.redirectErrorStream(true).redirectOutput(printed.toFile()).start();
        if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
            ChildProcess.printStacks(process, () -> read(printed));
            process.destroyForcibly();
            fail(name + " has not come to an end: " + read(printed));
        }
        try (Stream<Path> left = Files.list(place.resolve("run"))) {
            assertEquals(List.of(), left.toList(), "left behind");
        }
        return read(printed);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Runs a class of tests, and tells how many passed, or the first lines of each failure. */
    private static String runTests(Path place, String name, String source) throws Exception {
        compile(place, name, source);
        StringBuilder told = new StringBuilder();
        int[] passed = {0};
        try (URLClassLoader loader = new URLClassLoader(new URL[] {place.toUri().toURL()})) {
            LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                    .selectors(DiscoverySelectors.selectClass(loader.loadClass(name)))
                    .build();
            LauncherFactory.create().execute(request, new TestExecutionListener() {
                @Override
                public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                    result.getThrowable().ifPresent(failure ->
                            failure.getMessage().lines().limit(2).forEach(line -> told.append(line).append('\n')));
                    passed[0] += test.isTest() && result.getThrowable().isEmpty() ? 1 : 0;
                }
            });
        }
        return told.isEmpty() ? passed[0] + " tests passed\n" : told.toString();
    }

    private static void compile(Path place, String name, String source) throws IOException {
        Path file = Files.writeString(place.resolve(name + ".java"), source);
        StringWriter messages = new StringWriter();
        List<String> options = List.of("-d", place.toString(), "-proc:none", "-Xlint:-path");
        boolean compiled = COMPILER.getTask(messages, FILES, null, options, null, FILES.getJavaFileObjects(file)).call();
        assertTrue(compiled, () -> messages + "\n" + source);
    }
}
