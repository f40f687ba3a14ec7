/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What the library believes of Windows's C, compared with Wine's headers, which the compiler of this machine can read. */
@EnabledOnOs(OS.LINUX)
class WindowsBindingTest {

    private static final Path WINE_HEADERS = Path.of("/usr/include/wine/wine/windows");
    private static final Path SOURCES = Path.of("src/panpipe/main/java/io/panpipe/internal/windows");
    private static final Pattern CONSTANT =
            Pattern.compile("static final int ([A-Z][A-Z0-9_]+) = (-?(?:0x)?[0-9a-fA-F]+);");

    private static final String HEADERS = """
            #include <winsock2.h>
            #include <windef.h>
            #include <winbase.h>
            #include <winerror.h>
            #include <sddl.h>
            #include <stddef.h>
            int printf(const char *, ...);
            int main(void) {
            """;

    @TempDir
    private Path directory;

    /** Compiles a program's body, runs it and returns the pairs it prints. */
    private Map<String, Long> ask(String body) throws Exception {
        assumeTrue(Child.hasProgram("gcc"), "gcc is the one to ask");
        assumeTrue(Files.isDirectory(WINE_HEADERS), "Wine's headers are not here");
        Path source = directory.resolve("ask.c");
        Path program = directory.resolve("ask");
        Files.writeString(source, HEADERS + body + "return 0; }\n");
        // Windows's wchar_t is a short, and its long an int: the headers see to the latter.
        output("gcc", "-fshort-wchar", "-I" + WINE_HEADERS, "-o", program.toString(), source.toString());
        Map<String, Long> answers = new TreeMap<>();
        for (String line : output(program.toString()).lines().toList()) {
            String[] pair = line.split(" ");
            answers.put(pair[0], Long.valueOf(pair[1]));
        }
        return answers;
    }

    private static String output(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    @Test
    void structuresHaveTheSizesAndOffsetsOfWindows() throws Exception {
        StringBuilder body = new StringBuilder();
        Map<String, Long> expected = new TreeMap<>();
        for (Field field : Class.forName("io.panpipe.internal.windows.WindowsLayouts").getDeclaredFields()) {
            field.setAccessible(true);
            if (field.get(null) instanceof StructLayout structure) {
                String name = structure.name().orElseThrow();
                body.append("printf(\"%s %%zu\\n\", sizeof(%s));%n".formatted(name, name));
                expected.put(name, structure.byteSize());
                for (MemoryLayout member : structure.memberLayouts()) {
                    member.name().ifPresent(part -> {
                        String key = name + "." + part;
                        body.append("printf(\"%s %%zu\\n\", offsetof(%s, %s));%n".formatted(key, name, part));
                        expected.put(key, structure.byteOffset(PathElement.groupElement(part)));
                    });
                }
            }
        }
        body.append("printf(\"socket %zu\\n\", sizeof(WSAPROTOCOL_INFOW));\n");
        expected.put("socket", 628L);
        assertTrue(expected.size() > 12, expected::toString);
        assertEquals(expected, ask(body.toString()));
    }

    /** Read from the sources: to load the classes would link Windows's functions. */
    private static Map<String, Long> constants() throws Exception {
        assumeTrue(Files.exists(Path.of("pom.xml")), "the sources are not here");
        Map<String, Long> constants = new TreeMap<>();
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.toList()) {
                boolean errors = file.endsWith("WindowsErrors.java");
                Matcher matcher = CONSTANT.matcher(Files.readString(file));
                while (matcher.find()) {
                    String name = errors && !matcher.group(1).equals("WAIT_TIMEOUT")
                            ? "ERROR_" + matcher.group(1)
                            : matcher.group(1);
                    constants.put(name, (long) Long.decode(matcher.group(2)).intValue());
                }
            }
        }
        return constants;
    }

    @Test
    void constantsHaveTheValuesOfWindows() throws Exception {
        Map<String, Long> ours = constants();
        StringBuilder body = new StringBuilder();
        ours.keySet().forEach(name ->
                body.append("\n#ifdef %s\nprintf(\"%s %%d\\n\", (int) %s);\n#endif\n".formatted(name, name, name)));
        Map<String, Long> answers = ask(body.toString());
        ours.keySet().retainAll(answers.keySet());
        assertEquals(answers, ours);
        assertTrue(ours.keySet().containsAll(List.of(
                "FILE_FLAG_FIRST_PIPE_INSTANCE", "WRITE_DAC", "FILE_FLAG_OVERLAPPED", "ERROR_PIPE_BUSY",
                "PROCESS_DUP_HANDLE", "DUPLICATE_CLOSE_SOURCE", "TOKEN_QUERY", "WSA_FLAG_OVERLAPPED",
                "PIPE_ACCESS_DUPLEX")), ours::toString);
    }
}
