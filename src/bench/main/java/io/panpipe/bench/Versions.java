/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds out what is measured, on what: from what runs, not from what a build file says. */
final class Versions {

    /** What the report calls a library, and its jar. */
    private static final Map<String, String> JARS = jars();

    private static final Pattern LIBUV = Pattern.compile("libuv\\S* => (\\S+)");
    private static final Pattern KERNEL = Pattern.compile("^\\d+(\\.\\d+)*");
    private static final long LONGEST_VERSION = 100;

    private Versions() {}

    private static Map<String, String> jars() {
        Map<String, String> jars = new LinkedHashMap<>();
        jars.put("Netty", "netty-transport");
        jars.put("junixsocket", "junixsocket-common");
        jars.put("jnr-unixsocket", "jnr-unixsocket");
        jars.put("JMH", "jmh-core");
        return jars;
    }

    /** The names that {@link #record} records, in their order. */
    static List<String> names() {
        List<String> names = new ArrayList<>(List.of("Linux", "Java", "gcc", "libuv"));
        names.addAll(JARS.keySet());
        return names;
    }

    /** Adds all versions, and the processors, to what is known of the run. */
    static void record(Environment environment, Data data) throws IOException, InterruptedException {
        data.about("processors", Runtime.getRuntime().availableProcessors() + " × " + processor());
        data.about("Linux", found(KERNEL, System.getProperty("os.version"), 0));
        data.about("Java", Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
        data.about("gcc", output("gcc", "--version").get(0));
        data.about("libuv", libuv(environment.program("libuv")));
        for (Map.Entry<String, String> jar : JARS.entrySet()) {
            String name = Pattern.quote(jar.getValue()) + "-(\\d[^/]*?)\\.jar(?=:|$)";
            data.about(jar.getKey(), found(Pattern.compile("(?<=/|:|^)" + name), Environment.classPath(), 1));
        }
    }

    private static String processor() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
    }

    /** Asks the library that the program is linked with; a program with its own copy of it knows the answer itself. */
    @SuppressWarnings("restricted")
    private static String libuv(String program) throws IOException, InterruptedException {
        Matcher linked = LIBUV.matcher(String.join("\n", output("ldd", program)));
        if (!linked.find()) {
            return output(program, "--version").get(0);
        }
        String library = linked.group(1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment version = SymbolLookup.libraryLookup(Path.of(library), arena)
                    .find("uv_version_string")
                    .orElseThrow(() -> new IOException(library + " has no version"));
            MemorySegment text = (MemorySegment) Linker.nativeLinker()
                    .downcallHandle(version, FunctionDescriptor.of(ValueLayout.ADDRESS))
                    .invokeExact();
            return text.reinterpret(LONGEST_VERSION).getString(0);
        } catch (IOException failed) {
            throw failed;
        } catch (Throwable unexpected) {
            throw new IOException("libuv does not tell its version", unexpected);
        }
    }

    private static String found(Pattern pattern, String text, int group) throws IOException {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IOException("no version: " + pattern + " is not in " + text);
        }
        return matcher.group(group);
    }

    private static List<String> output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (BufferedReader reader = process.inputReader()) {
            List<String> lines = reader.lines().toList();
            if (process.waitFor() != 0 || lines.isEmpty()) {
                throw new IOException(String.join(" ", command) + " failed: " + lines);
            }
            return lines;
        }
    }
}
