/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Loop;
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

    @TempDir
    Path directory;

    private Child jshell(String... args) throws IOException {
        List<String> all = new ArrayList<>(List.of("--class-path", System.getProperty("java.class.path"),
                "-R--enable-native-access=ALL-UNNAMED", "-J-Djava.util.prefs.userRoot=" + directory,
                "--startup", STARTUP.toString()));
        all.addAll(List.of(args));
        return Child.ofJdk("jshell", all.toArray(String[]::new));
    }

    private Child script(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("script.jsh"), text);
        return Child.ofJdk("java", "--enable-native-access=ALL-UNNAMED", "-Xmx256m", "-cp",
                System.getProperty("java.class.path"), "io.panpipe.jshell.Script", file.toString());
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
        Path api = Path.of(Loop.class.getResource("Loop.class").toURI()).getParent();
        List<String> lines = Files.readAllLines(STARTUP);
        int found = 0;
        for (String room : List.of("io.panpipe", "io.panpipe.channels")) {
            Path place = room.endsWith("channels") ? api.resolve("channels") : api;
            try (Stream<Path> files = Files.list(place)) {
                for (Path file : files.filter(each -> each.toString().matches(".*/[A-Z]\\w*\\.class")).toList()) {
                    String simple = file.getFileName().toString().replace(".class", "");
                    if (ofJdk.contains(simple) && isPublic(room + "." + simple)) {
                        found++;
                        assertTrue(lines.contains("import " + room + "." + simple + ";"), simple);
                    }
                }
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
        try (Child script = script("println(\"before\")\npipe(\"" + nobody + "\")\nprintln(\"behind\")\n").input("")) {
            assertEquals(1, script.exitCode());
            assertEquals("before\n", script.output());
            assertEquals(directory.resolve("script.jsh") + ":2: java.io.UncheckedIOException: connect " + nobody
                    + ": no such file or directory (ENOENT)\n", script.error());
        }
    }

    @Test
    void aScriptStopsWhereItDoesNotCompile() throws Exception {
        try (Child script = script("println(1)\nint x = \"text\"\nprintln(2)\n").input("")) {
            assertEquals(2, script.exitCode());
            assertEquals("1\n", script.output());
            assertTrue(script.error().startsWith(directory.resolve("script.jsh") + ":2: incompatible types"),
                    script::error);
        }
    }

    @Test
    void aVariableOfAnUnknownTypeDoesNotCompile() throws Exception {
        try (Child script = script("println(1)\nSting s\nprintln(2)\n").input("")) {
            assertEquals(2, script.exitCode());
            assertEquals("1\n", script.output());
            assertTrue(script.error().startsWith(directory.resolve("script.jsh") + ":2: there is no class Sting\n"),
                    script::error);
        }
    }

    @Test
    void aMethodMayUseWhatComesLaterButNotWhatNeverComes() throws Exception {
        try (Child script = script("int f() {\n    return g();\n}\nint g() {\n    return 7;\n}\n/exit f()\n").input("")) {
            assertEquals(7, script.exitCode(), script::error);
        }
        for (String end : List.of("", "/exit\n", "/exit 3\n")) {
            try (Child script = script("int f() {\n    return g();\n}\nprintln(1)\n" + end).input("")) {
                assertEquals(2, script.exitCode());
                assertEquals("1\n", script.output());
                assertTrue(script.error().startsWith(directory.resolve("script.jsh") + ":1: there is no method g()"),
                        script::error);
            }
        }
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
        Path file = Files.writeString(directory.resolve("script.jsh"), text);
        return Child.program("sh", "-c", "ulimit -n 256; exec \"$@\"", "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-Xmx256m", "-cp", System.getProperty("java.class.path"),
                "io.panpipe.jshell.Script", file.toString());
    }

    @Test
    void aTimerMayBeUsedInItsOwnCallback() throws Exception {
        try (Child script = script("""
                var told = new CompletableFuture<String>()
                Ticks[] clock = new Ticks[1]
                clock[0] = inLoop(() -> every(ms(1), () -> {
                    if (clock[0].count() == 3) {
                        clock[0].close();
                        told.complete(clock[0] + "; " + inLoop(() -> "at once"));
                    }
                }))
                println(told.join())
                println(clock[0])
                println(handles().size())
                """).input("")) {
            assertEquals(0, script.exitCode(), script::error);
            assertEquals("Ticks 3, ended; at once\nTicks 3, ended\n1\n", script.output());
        }
    }

    @Test
    void aCallbackThatDoesNotReturnDoesNotKeepTheJvm() throws Exception {
        try (Child script = script("loop.execute(() -> new CompletableFuture<>().join())\nprintln(1)\n").input("")) {
            assertEquals(0, script.exitCode());
            assertEquals("1\n", script.output());
            assertEquals("the loop did not close within 5 s\n", script.error());
        }
    }

    @Test
    void anUnknownCommandEndsAScript() throws Exception {
        try (Child script = script("println(1)\n/vars\n").input("")) {
            assertEquals(2, script.exitCode());
            assertTrue(script.error().contains(":2: a script knows no command but /exit: /vars"), script::error);
        }
    }
}
