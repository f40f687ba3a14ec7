/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;

/** How tests start JVMs, all of them: what makes them start quickly, and where they have their classes from. */
public final class QuickJvm {

    /**
     * A child lives for a second, of which most goes to its start: optimizing its code, and threads that collect garbage,
     * cost more than they bring.
     */
    private static final List<String> OPTIONS = List.of(
            "--enable-native-access=ALL-UNNAMED", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private QuickJvm() {}

    /** Returns the options of all children. */
    public static List<String> options() {
        return OPTIONS;
    }

    /** Returns the program {@code java} of this JVM. */
    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Returns the beginning of a command, up to the main class: a JVM that has all classes of {@link #jar}. */
    public static List<String> command(String... more) {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(OPTIONS);
        command.addAll(DarwinDouble.options());
        command.addAll(List.of(more));
        command.addAll(List.of("-cp", jar().toString()));
        return command;
    }

    /** Returns the command that runs a class's main method in a JVM that has all classes of {@link #jar}. */
    public static List<String> command(Class<?> main, String... arguments) {
        List<String> command = command();
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return command;
    }

    /**
     * Returns one file with Panpipe, what its command depends on and the tests, but for what the tests depend on. Any
     * user can read it, and a JVM that is out of descriptors has it open already.
     */
    public static Path jar() {
        return Jar.FILE;
    }

    /** Made where the first child is started. */
    private static final class Jar {

        static final Path FILE = make();

        private static Path make() {
            try {
                // Not java.io.tmpdir, where others may not enter.
                Path directory = Files.createTempDirectory(Path.of(File.separatorChar == '/' ? "/tmp"
                        : System.getProperty("java.io.tmpdir")), "panpipe-test");
                Path jar = directory.resolve("classes.jar");
                try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file)) {
                    out.setLevel(Deflater.NO_COMPRESSION);
                    Set<String> added = new HashSet<>();
                    for (String place : System.getProperty("java.class.path").split(File.pathSeparator)) {
                        Path path = Path.of(place);
                        if (Files.isDirectory(path)) {
                            addDirectory(out, path, added);
                        } else if (place.endsWith(".jar") && Files.exists(path)) {
                            addJar(out, path, added);
                        }
                    }
                }
                if (File.separatorChar == '/') {
                    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
                    Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
                }
                directory.toFile().deleteOnExit();
                jar.toFile().deleteOnExit();
                return jar;
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        private static void addDirectory(JarOutputStream out, Path root, Set<String> added) throws IOException {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    String name = root.relativize(file).toString().replace(File.separatorChar, '/');
                    try (InputStream in = Files.newInputStream(file)) {
                        add(out, name, in, added);
                    }
                }
            }
        }

        private static boolean isWanted(String name) {
            return name.startsWith("io/panpipe/") || name.startsWith("picocli/");
        }

        private static void addJar(JarOutputStream out, Path path, Set<String> added) throws IOException {
            try (JarFile jar = new JarFile(path.toFile())) {
                if (jar.stream().noneMatch(entry -> isWanted(entry.getName()))) {
                    return;
                }
                for (ZipEntry entry : jar.stream().filter(entry -> !entry.isDirectory()).toList()) {
                    try (InputStream in = jar.getInputStream(entry)) {
                        add(out, entry.getName(), in, added);
                    }
                }
            }
        }

        /** As on the class path, what comes first counts. */
        private static void add(JarOutputStream out, String name, InputStream in, Set<String> added)
                throws IOException {
            if (!name.equals("module-info.class") && !name.equals(JarFile.MANIFEST_NAME) && added.add(name)) {
                out.putNextEntry(new ZipEntry(name));
                in.transferTo(out);
                out.closeEntry();
            }
        }
    }
}
