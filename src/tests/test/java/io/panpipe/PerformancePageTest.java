/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every number on the page about performance is what {@code performance.csv} says, and the versions that are measured are
 * those that the page of features names. The suite itself is not built here: it needs libuv, and this part of it does not.
 */
@EnabledOnOs(OS.LINUX)
class PerformancePageTest {

    private static final Path DOCS = Path.of("docs");
    private static final Path PAGE = DOCS.resolve("performance.md");
    private static final Path SOURCES = Path.of("src/bench/main/java");

    /** What is not written by hand: what stands between marks, and names and options as code. */
    private static final Pattern NOT_BY_HAND = Pattern.compile(
            "<!--=.*?-->.*?<!--/-->|<!-- Rows.*?from here -->.*?<!-- to here: Rows.*?-->|`[^`]*`", Pattern.DOTALL);

    @TempDir
    Path directory;

    @Test
    void everyNumberIsWhatWasMeasured() throws Throwable {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        List<String> options = List.of("-d", directory.toString(), "-proc:none", "-nowarn", "-sourcepath",
                SOURCES.toString(), "-cp", System.getProperty("java.class.path"));
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(messages, files, null, options, null,
                    files.getJavaFileObjects(SOURCES.resolve("io/panpipe/bench/Recompute.java"))).call();
            assertTrue(compiled, messages::toString);
        }
        try (URLClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
            loader.loadClass("io.panpipe.bench.Recompute").getMethod("main", String[].class)
                    .invoke(null, (Object) new String[] {"--check", DOCS.toString()});
        } catch (InvocationTargetException failed) {
            throw failed.getCause();
        }
    }

    @Test
    void noNumberInTheExplanationsIsWrittenByHand() throws IOException {
        String page = Files.readString(PAGE);
        String explanations = page.substring(page.indexOf("\n## Where the time goes"));
        String byHand = NOT_BY_HAND.matcher(explanations).replaceAll("");
        List<String> numbers = Pattern.compile(".*\\d.*").matcher(byHand).results().map(MatchResult::group).toList();
        assertEquals(List.of(), numbers);
    }

    @Test
    void thePageOfFeaturesNamesTheVersionsThatAreMeasured() throws IOException {
        String features = Files.readString(DOCS.resolve("features.md")).replace('\n', ' ');
        Matcher named = Pattern.compile("\\[benchmarks\\]\\(performance.md\\) run Netty ([\\d.]+), junixsocket ([\\d.]+)"
                + " and jnr-unixsocket ([\\d.]+)\\.\\)").matcher(features);
        assertTrue(named.find(), "the page of features does not say what the benchmarks run");
        String poms = Files.readString(Path.of("pom.xml")) + Files.readString(Path.of("src/bench/pom.xml"));
        Map<String, String> expected = new TreeMap<>();
        List<String> libraries = List.of("Netty", "junixsocket", "jnr-unixsocket");
        Map<String, String> found = new TreeMap<>();
        for (int i = 0; i < libraries.size(); i++) {
            String library = libraries.get(i);
            expected.put(library, named.group(i + 1));
            found.put(library, version(poms, library.toLowerCase(Locale.ROOT)));
        }
        assertEquals(expected, found);
        // And what the numbers were measured with, since the suite records it.
        List<String> other = new ArrayList<>();
        for (String line : Files.readAllLines(DOCS.resolve("performance.csv"))) {
            String[] fields = line.split(",", 6);
            if (fields[0].equals("about") && expected.containsKey(fields[1])
                    && !fields[5].replace(".Final", "").equals(expected.get(fields[1]))) {
                other.add(line);
            }
        }
        assertEquals(List.of(), other);
    }

    private static String version(String poms, String library) {
        Matcher version = Pattern.compile("<" + library + "\\.version>([^<]+?)(?:\\.Final)?<").matcher(poms);
        assertTrue(version.find(), library);
        return version.group(1);
    }
}
