/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.published;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * Which roots of sources, tests and resources an IDE takes from the Maven model: each module has its own four folders,
 * and what an IDE does not see, such as a root that a plug-in adds while it builds, is not there.
 */
@Tag("slow")
class IdeRootsTest {

    private static final Map<String, String> KINDS = Map.of("sourceDirectory", "main/java",
            "testSourceDirectory", "test/java", "resources", "main/resources", "testResources", "test/resources");

    @TempDir
    Path directory;

    @Test
    void eachModuleHasItsFourFoldersAndNoOther() throws Exception {
        Path model = directory.resolve("model.xml");
        Maven.run(Path.of(""), "-q", "-Pbench", "help:effective-pom", "-Doutput=" + model);
        Element all = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(model.toFile()).getDocumentElement();
        Map<String, Path> modules = modules();
        Map<String, Map<String, List<Path>>> seen = new TreeMap<>();
        for (Element project : children(all, "project")) {
            if (!text(project, "packaging").equals("pom")) {
                seen.put(text(project, "artifactId"), roots(children(project, "build").getFirst()));
            }
        }
        Map<String, Map<String, List<Path>>> expected = new TreeMap<>();
        modules.forEach((artifact, folder) -> {
            Map<String, List<Path>> roots = new TreeMap<>();
            KINDS.forEach((kind, below) -> roots.put(kind, List.of(folder.resolve(below))));
            expected.put(artifact, roots);
        });
        assertEquals(expected, seen);
    }

    @Test
    void everySourceIsInARootThatAnIdeSees() throws Exception {
        List<Path> outside = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> modules().values().stream().noneMatch(module ->
                            file.toAbsolutePath().startsWith(module.resolve("main/java"))
                                    || file.toAbsolutePath().startsWith(module.resolve("test/java"))))
                    .forEach(outside::add);
        }
        // Projects of their own, and a tool that runs before anything is built.
        outside.removeIf(file -> file.startsWith("src/tests/projects") || file.startsWith("src/tests/windows")
                || file.startsWith("src/tests/darwin"));
        assertEquals(List.of(), outside);
    }

    @Test
    void noPlugInAddsARoot() throws Exception {
        for (Path module : modules().values()) {
            String pom = Files.readString(module.resolve("pom.xml"));
            assertTrue(!pom.contains("build-helper") && !pom.contains("compileSourceRoots"), module::toString);
        }
    }

    /** Returns the folders of the modules with Java in them. */
    private static Map<String, Path> modules() {
        Map<String, Path> modules = new TreeMap<>();
        for (String name : List.of("testbed", "panpipe", "panpipe-cli", "panpipe-testing", "panpipe-junit", "panpipe-jnr",
                "tests", "bench")) {
            modules.put(name, Path.of("src", name).toAbsolutePath());
        }
        return modules;
    }

    private static Map<String, List<Path>> roots(Element build) {
        Map<String, List<Path>> roots = new TreeMap<>();
        for (String kind : KINDS.keySet()) {
            List<Path> folders = new ArrayList<>();
            for (Element element : children(build, kind)) {
                if (kind.endsWith("Directory")) {
                    folders.add(Path.of(element.getTextContent()));
                } else {
                    for (Element resource : children(element, kind.replaceFirst("s$", ""))) {
                        folders.add(Path.of(text(resource, "directory")));
                    }
                }
            }
            roots.put(kind, folders);
        }
        return roots;
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        NodeList nodes = parent.getChildNodes();
        for (int i = 0; i < nodes.getLength(); i++) {
            Node node = nodes.item(i);
            if (node instanceof Element element && element.getTagName().equals(name)) {
                found.add(element);
            }
        }
        return found;
    }

    private static String text(Element parent, String name) {
        List<Element> found = children(parent, name);
        return found.isEmpty() ? "" : found.getFirst().getTextContent();
    }
}
