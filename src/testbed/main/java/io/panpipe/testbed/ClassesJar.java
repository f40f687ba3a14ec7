/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * Panpipe and its tests in one file, for the JVMs that tests start: one that is out of descriptors has it open already,
 * and one of another user can read it.
 */
public final class ClassesJar {

    private static final String PACKAGE = "io/panpipe";

    private final Set<String> names = new HashSet<>();

    private ClassesJar() {}

    /**
     * Makes the file; it is deleted when this JVM ends.
     *
     * @param examples a class of each place whose classes are to be there
     */
    public static Path of(Class<?>... examples) {
        try {
            Path directory = Files.createTempDirectory(Path.of("/tmp"), "panpipe-classes");
            Path jar = directory.resolve("classes.jar");
            directory.toFile().deleteOnExit();
            jar.toFile().deleteOnExit();
            ClassesJar classes = new ClassesJar();
            try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file)) {
                classes.add(out, placeOf(ClassesJar.class));
                for (Class<?> example : examples) {
                    classes.add(out, placeOf(example));
                }
            }
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
            return jar;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Path placeOf(Class<?> example) {
        try {
            return Path.of(example.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Adds the classes of a directory, or, of a module that is packed already, of a jar. */
    private void add(JarOutputStream out, Path place) throws IOException {
        if (Files.isDirectory(place)) {
            addBelow(out, place);
        } else {
            try (FileSystem jar = FileSystems.newFileSystem(place)) {
                addBelow(out, jar.getPath("/"));
            }
        }
    }

    private void addBelow(JarOutputStream out, Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root.resolve(PACKAGE))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
                String name = root.relativize(file).toString();
                if (names.add(name)) {
                    out.putNextEntry(new JarEntry(name));
                    Files.copy(file, out);
                    out.closeEntry();
                }
            }
        }
    }
}
