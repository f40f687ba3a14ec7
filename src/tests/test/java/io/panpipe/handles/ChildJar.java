/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import io.panpipe.Loop;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** The library and these tests in one file: a JVM that is out of descriptors has it open already. */
final class ChildJar {

    static final Path FILE = make();

    private ChildJar() {}

    private static Path make() {
        try {
            Path directory = Files.createTempDirectory("panpipe-handles");
            Path jar = directory.resolve("classes.jar");
            try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file)) {
                add(out, Loop.class, "io/panpipe");
                add(out, ChildJar.class, "io/panpipe/handles");
            }
            // Children may run as other users.
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
            directory.toFile().deleteOnExit();
            jar.toFile().deleteOnExit();
            return jar;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Adds the classes of a package and those below, from where one of them lies. */
    private static void add(JarOutputStream out, Class<?> example, String below)
            throws IOException, URISyntaxException {
        Path place = Path.of(example.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(place)) {
            add(out, place, below);
        } else {
            try (FileSystem jar = FileSystems.newFileSystem(place)) {
                add(out, jar.getPath("/"), below);
            }
        }
    }

    private static void add(JarOutputStream out, Path root, String below) throws IOException {
        try (Stream<Path> files = Files.walk(root.resolve(below))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
                out.putNextEntry(new JarEntry(root.relativize(file).toString()));
                Files.copy(file, out);
                out.closeEntry();
            }
        }
    }
}
