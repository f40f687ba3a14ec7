/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.testbed.Patience;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The documentation's links lead somewhere, its shell is shell, and what it names exists. */
@EnabledOnOs(OS.LINUX)
class DocumentationTextTest {

    private static final Pattern BLOCK = Pattern.compile("^```.*?^```$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern SHELL = Pattern.compile("^```sh\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern LINK = Pattern.compile("\\[[^\\]]+\\]\\(([^)#]*)(?:#([^)]*))?\\)");
    private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);
    private static final Pattern ROW = Pattern.compile("^\\| (.*?) \\| (.*?) \\| .*$", Pattern.MULTILINE);
    private static final Pattern CODE = Pattern.compile("`(\\w+)[^`]*`");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+(?:Contract|Test))`");
    private static final Pattern CALL = Pattern.compile("`(\\w+)\\([^`]*\\)`");

    /** Every call and attribute of the pipe in pyuv's documentation. */
    private static final Set<String> PYUV = Set.of("Pipe", "loop", "bind", "listen", "open", "accept", "connect",
            "shutdown", "write", "try_write", "start_read", "start_read2", "stop_read", "pending_instances", "fileno",
            "send_buffer_size", "receive_buffer_size", "write_queue_size", "readable", "writable");

    private static String prose(Path document) throws IOException {
        return BLOCK.matcher(Files.readString(document)).replaceAll("");
    }

    /** As GitHub makes the anchor of a heading. */
    private static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path document : DocumentationTest.documents()) {
            for (MatchResult link : LINK.matcher(prose(document)).results().toList()) {
                if (link.group(1).startsWith("https:")) {
                    continue;
                }
                Path target = link.group(1).isEmpty() ? document : document.resolveSibling(link.group(1));
                if (Files.notExists(target) || link.group(2) != null && !hasHeading(target, link.group(2))) {
                    broken.add(document + ": " + link.group());
                }
            }
        }
        assertEquals(List.of(), broken);
    }

    private static boolean hasHeading(Path document, String anchor) throws IOException {
        return HEADING.matcher(prose(document)).results().anyMatch(found -> anchor(found.group(1)).equals(anchor));
    }

    @Test
    void everyPageIsListedInTheIndex() throws IOException {
        String index = Files.readString(Path.of("docs/README.md"));
        for (Path document : DocumentationTest.documents()) {
            String name = document.getFileName().toString();
            assertTrue(name.equals("README.md") || index.contains("](" + name + ")"), () -> name + " is not listed");
        }
    }

    @Test
    void everyExampleThatIsNamedExists() throws IOException {
        for (MatchResult row : ROW.matcher(Files.readString(Path.of("docs/README.md"))).results().toList()) {
            for (MatchResult name : CODE.matcher(row.group(1)).results().toList()) {
                Path source = Path.of("src/tests/main/java/io/panpipe/examples", name.group(1) + ".java");
                assertTrue(Files.exists(source), () -> source + " is not there");
            }
        }
    }

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        Set<String> tests;
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            tests = files.map(file -> file.getFileName().toString().replaceFirst("\\.java$", ""))
                    .collect(Collectors.toSet());
        }
        for (Path document : DocumentationTest.documents()) {
            for (MatchResult name : TEST.matcher(prose(document)).results().toList()) {
                assertTrue(tests.contains(name.group(1)), () -> document + ": there is no " + name.group(1));
            }
        }
    }

    @Test
    void everyShellBlockIsShellAndStartsClassesThatExist(@TempDir Path directory) throws Exception {
        Pattern type = Pattern.compile("\\bio\\.panpipe(?:\\.\\w+)*\\.[A-Z]\\w*");
        for (Path document : DocumentationTest.documents()) {
            for (MatchResult block : SHELL.matcher(Files.readString(document)).results().toList()) {
                Path script = Files.writeString(directory.resolve("script"), block.group(1));
                Process bash = new ProcessBuilder("bash", "-n", script.toString()).inheritIO().start();
                assertTrue(bash.waitFor(Patience.minutes(1).toMillis(), TimeUnit.MILLISECONDS));
                assertEquals(0, bash.exitValue(), () -> document + ": " + block.group(1));
                for (MatchResult name : type.matcher(block.group(1)).results().toList()) {
                    Class.forName(name.group());
                }
            }
        }
    }

    @Test
    void theTableOfPyuvHasEveryCallOfItAndNamesCallsThatExist() throws IOException {
        String page = Files.readString(Path.of("docs/pyuv.md"));
        Set<String> calls = new TreeSet<>();
        Set<String> missing = new TreeSet<>();
        Set<String> methods = Stream.of(Pipe.class, Loop.class, Timer.class, Async.class)
                .flatMap(type -> Arrays.stream(type.getMethods()))
                .map(Method::getName)
                .collect(Collectors.toSet());
        for (MatchResult row : ROW.matcher(page).results().toList()) {
            CODE.matcher(row.group(1)).results().forEach(call -> calls.add(call.group(1)));
            CALL.matcher(row.group(2)).results().map(call -> call.group(1)).filter(name -> !methods.contains(name))
                    .forEach(missing::add);
        }
        assertEquals(Set.of(), missing);
        assertEquals(Set.of(), PYUV.stream().filter(call -> !calls.contains(call)).collect(Collectors.toSet()));
    }
}
