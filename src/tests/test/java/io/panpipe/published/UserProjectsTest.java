/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.published;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that depend on Panpipe build, run and test with plain Maven, from what was installed. */
@Tag("installed")
class UserProjectsTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"classpath", "modular"})
    void aProgramBuildsTestsAndRuns(String kind) throws Exception {
        copy(Path.of("src/tests/projects", kind), directory);
        // One on the running system, one simulated, two hundred seeds.
        assertTests(202, Maven.run(directory, "test"));
        assertRuns("hello");
    }

    /** What its reader copies into three files is what runs here. */
    @Test
    void theProjectOfTheStartPageBuildsTestsAndRuns() throws Exception {
        String page = Files.readString(Path.of("docs/start.md"));
        write("pom.xml", block(page, "xml", "<project "));
        write("src/main/java/Hello.java", block(page, "java", "public class Hello "));
        write("src/test/java/EchoTest.java", block(page, "java", "class EchoTest "));
        assertTests(100, Maven.run(directory, "test"));
        assertRuns("Hello, pipe");
    }

    /** The program's word is the last; what Java has to say of Maven comes before. */
    private void assertRuns(String expected) throws Exception {
        String output = Maven.run(directory, "-q", "compile", "exec:exec").strip();
        assertEquals(expected, output.lines().reduce("", (before, line) -> line), output);
    }

    private static void assertTests(int expected, String output) {
        assertTrue(output.contains("Tests run: " + expected + ", Failures: 0, Errors: 0, Skipped: 0"), output);
    }

    private static String block(String page, String language, String part) {
        Matcher blocks = Pattern.compile("^```" + language + "\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE)
                .matcher(page);
        while (blocks.find()) {
            if (blocks.group(1).contains(part)) {
                return blocks.group(1);
            }
        }
        throw new AssertionError("the page has no block with " + part);
    }

    private void write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> tree = Files.walk(from)) {
            for (Path file : tree.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (!file.startsWith(from.resolve("target"))) {
                    Files.createDirectories(copy.getParent());
                    Files.copy(file, copy);
                }
            }
        }
    }
}
