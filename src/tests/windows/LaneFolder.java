/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the lane needs and no build makes: a Windows JVM, Windows programs of Node, Wine's prefix, and the list of the
 * libraries that the tests use. Git ignores the folder, and {@code mvn clean} leaves it alone.
 */
final class LaneFolder {

    private final Path folder;
    private final PackedJre jre;
    private final PackedJre linuxJre;
    private final Wine wine;
    private List<Path> classPath = List.of();

    LaneFolder(Path folder) {
        this.folder = folder;
        jre = PackedJre.forWindows(folder);
        linuxJre = PackedJre.forLinux(folder);
        wine = new Wine(folder.resolve("prefix"));
    }

    /** Makes what is missing. */
    void prepare() throws IOException, InterruptedException, LaneException {
        classPath = readClassPath();
        jre.unpack();
        for (NodePackage node : NodePackage.ALL) {
            node.fetch(folder);
        }
        wine.boot(folder.resolve("wineboot.txt"));
    }

    /** Makes what is missing to run on Linux. */
    void prepareLinux() throws IOException, LaneException {
        classPath = readClassPath();
        linuxJre.unpack();
    }

    Wine wine() {
        return wine;
    }

    /** Returns the home of the Windows JVM. */
    Path jre() {
        return jre.home();
    }

    /** Returns the home of Linux's JVM. */
    Path linuxJre() {
        return linuxJre.home();
    }

    /** Returns {@code node.exe} by major version. */
    Map<Integer, Path> nodes() {
        Map<Integer, Path> programs = new TreeMap<>();
        NodePackage.ALL.forEach(node -> programs.put(node.major(), node.program(folder)));
        return programs;
    }

    /** Returns the libraries of the tests, JUnit's console launcher among them. */
    List<Path> classPath() {
        return classPath;
    }

    private List<Path> readClassPath() throws IOException, LaneException {
        Path list = folder.resolve("class-path");
        if (!Files.exists(list)) {
            throw new LaneException("there is no " + list + ": the build writes it, and lane.sh lets it do so");
        }
        List<Path> jars = new ArrayList<>();
        for (String jar : Files.readString(list).strip().split(":")) {
            if (!Files.exists(Path.of(jar))) {
                throw new LaneException(jar + " is gone; delete " + list + " and start again");
            }
            jars.add(Path.of(jar));
        }
        return jars;
    }

    static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> tree = Files.walk(root)) {
            all = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.delete(path);
        }
    }
}
