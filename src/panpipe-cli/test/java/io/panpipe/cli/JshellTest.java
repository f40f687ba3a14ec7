/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Loop;
import io.panpipe.jshell.Script;
import io.panpipe.jshell.ScriptRuns;
import io.panpipe.jshell.ScriptRuns.Result;
import io.panpipe.testbed.QuickJvm;
import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Modifier;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The prompt as people have it: in the tool itself, and scripts in a JVM of their own. */
@EnabledOnOs(OS.LINUX)
class JshellTest {

    private static final Path STARTUP = Path.of("src/panpipe-cli/main/resources/io/panpipe/jshell/panpipe.jsh");
    private static final Pattern BLOCK =
            Pattern.compile("```java\n(.*?)```\n(?:\n```text\n(.*?)```)?", Pattern.DOTALL);

    private static final ScriptRuns SCRIPTS = new ScriptRuns();

    @AfterAll
    static void end() {
        SCRIPTS.close();
    }

    @TempDir
    Path directory;

    private Child jshell(String... args) throws IOException {
        List<String> all = new ArrayList<>(List.of("--class-path", QuickJvm.jar().toString(),
                "-J-Djava.util.prefs.userRoot=" + directory, "--startup", STARTUP.toString()));
        // The tool and what it starts are two JVMs.
        QuickJvm.options().forEach(option -> all.addAll(List.of("-J" + option, "-R" + option)));
        all.addAll(List.of(args));
        return Child.ofJdk("jshell", all.toArray(String[]::new));
    }

    /** Starts a script in a process of its own. */
    private Child script(String text) throws IOException {
        return Child.at(QuickJvm.command(Script.class, file(text).toString()));
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("script.jsh"), text);
    }

    private ScriptRuns.Result run(String text) throws Exception {
        return SCRIPTS.run(file(text));
    }

    /** The files and sockets of this test's directory, but for what the tool itself keeps there. */
    private List<String> sockets() {
        return Stream.of(directory.toFile().listFiles())
                .filter(file -> !file.isFile() && !file.isDirectory()).map(File::getName).toList();
    }

    // The tool.

    @Test
    void theTourPrintsWhatItsPageShows() throws Exception {
        Assumptions.assumeTrue(Stream.of(System.getenv("PATH").split(":")).anyMatch(place ->
                Files.isExecutable(Path.of(place, "python3"))), "python3 is not installed");
        StringBuilder code = new StringBuilder();
        StringBuilder expected = new StringBuilder();
        Matcher block = BLOCK.matcher(Files.readString(Path.of("docs/jshell.md")));
        while (block.find()) {
            code.append(block.group(1).replaceAll("\"(demo|desk)\"", "\"" + directory + "/$1\""));
            expected.append(block.group(2) == null ? "" : block.group(2));
        }
        Path session = Files.writeString(directory.resolve("tour.jsh"), code + "/exit handles().size()\n");
        try (Child jshell = jshell("-s", session.toString())) {
            // Server, its connection and the client's in two conversations, the pair, and what keeps the loop running.
            assertTrue(jshell.exitCode() > 5, () -> jshell.output() + jshell.error());
            assertEquals(expected.toString(), jshell.output(), jshell::error);
        }
        Child.await(() -> sockets().isEmpty(), () -> "a socket file is left");
    }

    @Test
    void theEndOfInputLeavesNothingBehind() throws Exception {
        Path name = directory.resolve("served");
        try (Child jshell = jshell("-")) {
            jshell.type("var server = serve(\"" + name + "\")\nvar there = pipe(\"" + name + "\")\n"
                    + "every(ms(1), () -> {})\nserver.accept()\nprintln(\"\" + 41 + 1)\n");
            Child.await(() -> jshell.output().contains("411"), () -> jshell.output() + jshell.error());
            assertTrue(Files.exists(name));
            List<ProcessHandle> descendants = jshell.process().descendants().toList();
            assertFalse(descendants.isEmpty());
            jshell.endInput();
            assertEquals(0, jshell.exitCode(), jshell::error);
            Child.await(() -> !Files.exists(name), () -> "the socket file is left");
            Child.await(() -> descendants.stream().noneMatch(ProcessHandle::isAlive), () -> "a process is left");
        }
    }

    /** With "import module java.base", or packages of it, a name that two packages have must be imported by itself. */
    @Test
    void theStartUpFileImportsByItselfWhateverTheJdkHasAName() throws Exception {
        Set<String> ofJdk = ModuleFinder.ofSystem().find("java.base").orElseThrow().open().list()
                .filter(entry -> entry.startsWith("java/") && entry.endsWith(".class"))
                .map(entry -> entry.substring(entry.lastIndexOf('/') + 1).replace(".class", ""))
                .collect(Collectors.toSet());
        // In a jar, or in a folder where the build has packed none yet.
        Path library = Path.of(Loop.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<String> ours = ModuleFinder.of(library).find("io.panpipe").orElseThrow().open().list()
                .filter(entry -> entry.matches("io/panpipe/(channels/|framing/)?[A-Z]\\w*\\.class"))
                .map(entry -> entry.replace(".class", "").replace('/', '.'))
                .toList();
        List<String> lines = Files.readAllLines(STARTUP);
        int found = 0;
        for (String name : ours) {
            if (ofJdk.contains(name.substring(name.lastIndexOf('.') + 1)) && isPublic(name)) {
                found++;
                assertTrue(lines.contains("import " + name + ";"), name);
            }
        }
        assertTrue(found >= 2, "Pipe and Timer are among them");
    }

    private static boolean isPublic(String name) throws ClassNotFoundException {
        return Modifier.isPublic(Class.forName(name).getModifiers());
    }

    // Scripts.

    @Test
    void aScriptHasTheStreamsOfItsPipelineAndAStatus() throws Exception {
        try (Child script = script("""
                // what a pipeline says, by way of a server
                int twice(int n) {
                    return 2 * n;
                }
                var server = serve("%s", (client, line) -> client.send(line.toUpperCase()))
                var input = new BufferedReader(new InputStreamReader(System.in))
                var there = pipe(server.address())
                for (String line; (line = input.readLine()) != null; ) {
                    println(there.send(line).line());
                }
                /exit twice(21)
                println("never")
                """.formatted(directory.resolve("upper"))).input("one\ntwo\n")) {
            assertEquals(42, script.exitCode(), script::error);
            assertEquals("ONE\nTWO\n", script.output());
            assertEquals("", script.error());
        }
        assertEquals(List.of(), sockets());
    }

    @Test
    void aScriptStopsWhereItThrows() throws Exception {
        Path nobody = directory.resolve("nobody");
        assertEquals(new Result(1, "before\n", directory.resolve("script.jsh") + ":2: java.io.UncheckedIOException: connect "
                + nobody + ": no such file or directory (ENOENT)\n"),
                run("println(\"before\")\npipe(\"" + nobody + "\")\nprintln(\"behind\")\n"));
    }

    /** Runs a script, which is to print 1 and then be told that it is wrong. */
    private void assertWrong(String complaint, String text) throws Exception {
        Result result = run(text);
        assertEquals(2, result.status(), result::toString);
        assertEquals("1\n", result.output());
        assertTrue(result.error().startsWith(directory.resolve("script.jsh") + complaint), result::error);
    }

    @Test
    void aScriptStopsWhereItDoesNotCompile() throws Exception {
        assertWrong(":2: incompatible types", "println(1)\nint x = \"text\"\nprintln(2)\n");
    }

    @Test
    void aVariableOfAnUnknownTypeDoesNotCompile() throws Exception {
        assertWrong(":2: there is no class Sting\n", "println(1)\nSting s\nprintln(2)\n");
    }

    @Test
    void aMethodMayUseWhatComesLaterButNotWhatNeverComes() throws Exception {
        assertEquals(new Result(7, "", ""), run("int f() {\n    return g();\n}\nint g() {\n    return 7;\n}\n/exit f()\n"));
        for (String end : List.of("", "/exit\n", "/exit 3\n")) {
            assertWrong(":1: there is no method g()", "int f() {\n    return g();\n}\nprintln(1)\n" + end);
        }
    }

    @Test
    void anUnknownCommandEndsAScript() throws Exception {
        assertWrong(":2: a script knows no command but /exit: /vars", "println(1)\n/vars\n");
    }

    // What runs by itself.

    @Test
    void aConversationThatFailsSaysSoUnlessItsConnectionIsClosed() throws Exception {
        Path name = directory.resolve("relay");
        try (Child script = script("""
                var server = serve("%1$s", (client, line) -> {
                    if (line.equals("forward")) {
                        pipe("%1$s-nobody").send(line);
                    }
                    client.close();
                    client.send("late");
                })
                println(pipe("%1$s").send("close").line())
                println(pipe("%1$s").send("forward").line())
                System.in.read()
                """.formatted(name))) {
            script.awaitError("java.io.UncheckedIOException: connect " + name + "-nobody: no such file");
            script.endInput();
            assertEquals(0, script.exitCode(), script::error);
            assertEquals("null\nnull\n", script.output());
            assertEquals(2, script.error().split("Exception in thread \"panpipe-serve ", -1).length, script::error);
        }
    }

    /** In one method, since the compiler of the next line would find no descriptor either. */
    @Test
    void aServerOutlastsAShortageOfDescriptors() throws Exception {
        Path name = directory.resolve("served");
        try (Child script = scriptWithFewDescriptors("""
                var server = serve("%1$s", (client, line) -> client.send(line.toUpperCase()))
                void outlast() throws Exception {
                    try {
                        pipe("%1$s-nobody");
                    } catch (UncheckedIOException loadsItsClasses) {
                        println(pipe("%1$s").send("before").line());
                    }
                    var held = new ArrayList<InputStream>();
                    try {
                        while (true) {
                            held.add(new FileInputStream("/dev/null"));
                        }
                    } catch (IOException full) {
                        println("full");
                    }
                    System.in.read();
                    for (var each : held) {
                        each.close();
                    }
                    System.in.read();
                }
                outlast()
                """.formatted(name))) {
            Child.await(() -> script.output().equals("BEFORE\nfull\n"), () -> script.output() + script.error());
            try (SocketChannel client = Peer.client(name)) {
                Peer.write(client, "during\n");
                script.awaitError("(EMFILE)");
                script.type("\n");
                assertEquals("DURING\n", Peer.read(client, 7));
            }
            script.endInput();
            assertEquals(0, script.exitCode(), script::error);
        }
    }

    private Child scriptWithFewDescriptors(String text) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -n 256; exec \"$@\"", "sh"));
        command.addAll(QuickJvm.command(Script.class, file(text).toString()));
        return Child.at(command);
    }

    @Test
    void aScriptThatCannotBeReadIsOneLine() throws Exception {
        Path missing = directory.resolve("missing.jsh");
        assertEquals(new Result(2, "", missing + ": there is no such script\n"), SCRIPTS.run(missing));
        Path latin = Files.write(directory.resolve("latin.jsh"), new byte[] {'/', '/', (byte) 0xe9});
        assertEquals(new Result(2, "", latin + ": this script is not in UTF-8\n"), SCRIPTS.run(latin));
        assertEquals(new Result(2, "", directory + ": this script cannot be read: Is a directory\n"),
                SCRIPTS.run(directory));
    }

    @Test
    void aTimerMayBeUsedInItsOwnCallback() throws Exception {
        assertEquals(new Result(0, "Ticks 3, ended; at once\nTicks 3, ended\n1\n", ""), run("""
                var told = new CompletableFuture<String>()
                Ticks[] clock = new Ticks[1]
                inLoop(() -> clock[0] = every(ms(1), () -> {
                    if (clock[0].count() == 3) {
                        clock[0].close();
                        told.complete(clock[0] + "; " + inLoop(() -> "at once"));
                    }
                }))
                println(told.join())
                println(clock[0])
                println(handles().size())
                """));
    }

    @Test
    void aCallbackThatDoesNotReturnDoesNotKeepTheJvm() throws Exception {
        try (Child script = script("loop.execute(() -> new CompletableFuture<>().join())\nprintln(1)\n").input("")) {
            assertEquals(0, script.exitCode());
            assertEquals("1\n", script.output());
            assertEquals("the loop did not close within 5 s\n", script.error());
        }
    }
}
