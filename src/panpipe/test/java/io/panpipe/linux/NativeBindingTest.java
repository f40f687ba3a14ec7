/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.panpipe.ErrorCode;
import io.panpipe.internal.ffi.FieldOffset;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.linux.LinuxKernel;
import io.panpipe.internal.linux.LinuxLayouts;
import io.panpipe.internal.unix.UnixLayouts;
import io.panpipe.internal.unix.UnixSystem;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What the library believes of C, compared with what the C compiler of this machine says. */
@EnabledOnOs(OS.LINUX)
class NativeBindingTest {

    private static final String HEADERS = """
            #define _GNU_SOURCE
            #include <netinet/in.h>
            #include <netinet/tcp.h>
            #include <stddef.h>
            #include <stdio.h>
            #include <errno.h>
            #include <fcntl.h>
            #include <limits.h>
            #include <linux/limits.h>
            #include <poll.h>
            #include <sys/epoll.h>
            #include <sys/file.h>
            #include <sys/mman.h>
            #include <sys/socket.h>
            #include <sys/stat.h>
            #include <sys/uio.h>
            #include <sys/un.h>
            int main(void) {
            """;

    /** GCC's names of processors, where Java's are others. */
    private static final Map<String, String> MACHINES = Map.of("amd64", "x86_64", "ppc64le", "powerpc64le", "ppc64", "powerpc64");

    @TempDir
    private Path directory;

    /** Compiles a program's body, runs it and returns the pairs it prints. */
    private Map<String, Long> ask(String body) throws Exception {
        String compiler = compiler();
        Path source = directory.resolve("ask.c");
        Path program = directory.resolve("ask");
        Files.writeString(source, HEADERS + body + "return 0; }\n");
        output(compiler, "-static", "-o", program.toString(), source.toString());
        Map<String, Long> answers = new TreeMap<>();
        for (String line : output(program.toString()).lines().toList()) {
            String[] pair = line.split(" ");
            answers.put(pair[0], Long.valueOf(pair[1]));
        }
        return answers;
    }

    /** Returns a compiler for the processor that this JVM was made for, which may not be that of the machine it runs on. */
    private static String compiler() throws Exception {
        String machine = MACHINES.getOrDefault(System.getProperty("os.arch"), System.getProperty("os.arch"));
        for (String name : List.of("gcc", machine + "-linux-gnu-gcc")) {
            if (Child.hasProgram(name) && output(name, "-dumpmachine").startsWith(machine + "-")) {
                return name;
            }
        }
        return abort("a C compiler for " + machine + " is the one to ask");
    }

    private static String output(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    private static List<StructLayout> structures() throws IllegalAccessException {
        List<StructLayout> structures = new ArrayList<>();
        for (Class<?> holder : List.of(UnixLayouts.class, LinuxLayouts.class)) {
            for (Field field : holder.getFields()) {
                if (field.get(null) instanceof StructLayout structure) {
                    structures.add(structure);
                }
            }
        }
        return structures;
    }

    @Test
    void structuresHaveTheSizesAndOffsetsOfC() throws Exception {
        StringBuilder body = new StringBuilder();
        Map<String, Long> expected = new TreeMap<>();
        for (StructLayout structure : structures()) {
            String name = structure.name().orElseThrow();
            body.append("printf(\"%s %%zu\\n\", sizeof(struct %s));%n".formatted(name, name));
            expected.put(name, structure.byteSize());
            for (MemoryLayout member : structure.memberLayouts()) {
                if (member.name().isPresent()) {
                    String field = member.name().get();
                    String key = name + "." + field;
                    body.append("printf(\"%s %%zu\\n\", offsetof(struct %s, %s));%n".formatted(key, name, field));
                    body.append("printf(\"%s:size %%zu\\n\", sizeof(((struct %s *) 0)->%s));%n"
                            .formatted(key, name, field));
                    expected.put(key, FieldOffset.of(structure, field));
                    expected.put(key + ":size", member.byteSize());
                }
            }
        }
        assertTrue(expected.size() > 40, expected::toString);
        assertEquals(expected, ask(body.toString()));
    }

    /** Appends a line that prints a macro's value if there is such a macro. */
    private static void printIfDefined(StringBuilder body, String name) {
        body.append("\n#ifdef %s\nprintf(\"%s %%d\\n\", (int) %s);\n#endif\n".formatted(name, name, name));
    }

    @Test
    void constantsHaveTheValuesOfC() throws Exception {
        Map<String, Long> ours = new TreeMap<>();
        for (Class<?> holder : rooms()) {
            for (Field field : holder.getDeclaredFields()) {
                boolean isNumber = field.getType() == int.class || field.getType() == short.class;
                if (isNumber && Modifier.isStatic(field.getModifiers()) && field.getName().matches("[A-Z].*")) {
                    field.setAccessible(true);
                    ours.put(field.getName(), ((Number) field.get(null)).longValue());
                }
            }
        }
        put(ours, system().numbers());
        put(ours, system().internet());
        StringBuilder body = new StringBuilder();
        ours.keySet().forEach(name -> printIfDefined(body, name));
        Map<String, Long> answers = ask(body.toString());
        ours.keySet().retainAll(answers.keySet());
        assertEquals(answers, ours);
        assertTrue(ours.keySet().containsAll(List.of("SOL_SOCKET", "MSG_NOSIGNAL", "O_DIRECTORY", "EPOLLHUP", "O_PATH",
                "SO_PEERCRED", "AT_EMPTY_PATH", "EPOLL_CTL_MOD", "AF_UNIX", "SOCK_NONBLOCK", "SHUT_WR", "MSG_CTRUNC",
                "PATH_MAX", "PIPE_BUF", "AF_INET6", "IP_ADD_MEMBERSHIP", "IPV6_V6ONLY", "TCP_KEEPIDLE", "IPV6_JOIN_GROUP",
                "IP_MULTICAST_LOOP", "MAP_ANONYMOUS")),
                ours::toString);
    }

    /** Adds a record's numbers under C's names of them. */
    private static void put(Map<String, Long> ours, Record numbers) throws ReflectiveOperationException {
        for (RecordComponent component : numbers.getClass().getRecordComponents()) {
            String name = component.getName().replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
            ours.put(name, ((Number) component.getAccessor().invoke(numbers)).longValue());
        }
    }

    /** Returns the classes that speak C. */
    private static List<Class<?>> rooms() throws Exception {
        Path classes = Path.of(LinuxKernel.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<Class<?>> rooms = new ArrayList<>();
        for (String room : List.of("linux", "unix")) {
            try (Stream<Path> files = Files.list(classes.resolve("io/panpipe/internal/" + room))) {
                for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
                    String name = file.getFileName().toString().replace(".class", "");
                    if (!name.equals("package-info")) {
                        rooms.add(Class.forName("io.panpipe.internal." + room + "." + name));
                    }
                }
            }
        }
        return rooms;
    }

    private static UnixSystem system() throws ReflectiveOperationException {
        Field instance = Class.forName("io.panpipe.internal.linux.LinuxSystem").getDeclaredField("INSTANCE");
        instance.setAccessible(true);
        return (UnixSystem) instance.get(null);
    }

    @Test
    void errnoNumbersAreThoseOfC() throws Exception {
        Method fault = Class.forName("io.panpipe.internal.linux.LinuxErrno").getDeclaredMethod("fault", int.class);
        fault.setAccessible(true);
        StringBuilder body = new StringBuilder();
        for (Fault code : Fault.values()) {
            if (code != Fault.EOF && code != Fault.UNKNOWN) {
                printIfDefined(body, code.name());
            }
        }
        Map<String, Long> ours = new TreeMap<>();
        for (int errno = 0; errno < 4096; errno++) {
            Fault code = (Fault) fault.invoke(null, errno);
            if (code != Fault.UNKNOWN) {
                ours.put(code.name(), (long) errno);
            }
        }
        assertEquals(ask(body.toString()), ours);
    }

    @Test
    void everyFaultIsAPublicCodeOfTheSameName() {
        assertEquals(Stream.of(Fault.values()).map(Enum::name).toList(),
                Stream.of(ErrorCode.values()).map(Enum::name).toList());
    }

    @Test
    void everyLinkedFunctionIsNamedAsItsConstant() throws Exception {
        assumeTrue(Files.exists(Path.of("pom.xml")), "the sources are not here");
        Pattern form = Pattern.compile("MethodHandle (\\w+) =\\s+\\w+(?:\\.C)?\\.(?:four|six|eight|variadic)\\(\\s*\"([\\w$]+)\"");
        Pattern any = Pattern.compile("\\.(?:four|six|eight|variadic)\\(\\s*\"");
        int linked = 0;
        for (String room : List.of("unix", "linux", "bsd", "windows")) {
            try (Stream<Path> files = Files.walk(Path.of("src/panpipe/main/java/io/panpipe/internal", room))) {
                for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    String text = Files.readString(file);
                    var matches = form.matcher(text).results().toList();
                    matches.forEach(link ->
                            assertEquals(link.group(1).toLowerCase(Locale.ROOT), constant(link.group(2))));
                    assertEquals(any.matcher(text).results().count(), matches.size(), () -> "another form: " + file);
                    linked += matches.size();
                }
            }
        }
        assertTrue(linked > 60, "links found: " + linked);
    }

    /** Returns a C function's name in lower case; without a version behind it, and of Windows's without the W for wide characters. */
    private static String constant(String function) {
        return function.replaceAll("W$|\\$.*", "").replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }

    @Test
    void theKernelSaysWhatItIs() {
        assertEquals("linux", new LinuxKernel().name());
        assertTrue(new LinuxKernel().blocksThread());
    }
}
