/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.published;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.testbed.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** What {@code mvn deploy} would publish, read from the folder {@code target/published} that it was deployed to. */
@Tag("installed")
class PublishedFilesTest {

    private static final Path REPOSITORY = Path.of("target/published/io/panpipe");
    private static final List<String> JARS = List.of("", "sources", "javadoc");

    /** What each artifact depends on, and nothing else. */
    private static final Map<String, Set<String>> DEPENDENCIES = Map.of(
            "panpipe", Set.of(),
            "panpipe-testing", Set.of("panpipe"),
            "panpipe-junit", Set.of("panpipe-testing", "junit-jupiter-api", "junit-jupiter-params"),
            "panpipe-jnr", Set.of("panpipe", "jnr-unixsocket"),
            "panpipe-cli", Set.of("panpipe", "picocli"),
            "panpipe-bom", Set.of());

    @BeforeAll
    static void somethingWasPublished() {
        assertTrue(Files.isDirectory(REPOSITORY), "nothing is in " + REPOSITORY
                + ": mvn deploy -DskipTests -DaltDeploymentRepository=published::file:target/published");
    }

    /** Returns an artifact's files by classifier and type, such as {@code sources.jar}, the last build's. */
    private static Map<String, Path> files(String artifact) throws IOException {
        List<Path> versions;
        try (Stream<Path> folders = Files.list(REPOSITORY.resolve(artifact))) {
            versions = folders.filter(Files::isDirectory).toList();
        }
        assertEquals(1, versions.size(), versions::toString);
        Map<String, Path> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(versions.getFirst())) {
            for (Path file : all.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.startsWith(artifact) && !name.matches(".*\\.(md5|sha\\d+)")) {
                    files.put(name.replaceFirst("^" + artifact + "-[0-9.]+(-[0-9.]+-\\d+|-SNAPSHOT)?[-.]", ""), file);
                }
            }
        }
        return files;
    }

    @Test
    void theArtifactsAreThoseAndNoOthers() throws IOException {
        try (Stream<Path> folders = Files.list(REPOSITORY)) {
            assertEquals(new TreeSet<>(DEPENDENCIES.keySet()), folders.filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"panpipe", "panpipe-testing", "panpipe-junit", "panpipe-jnr", "panpipe-cli"})
    void anArtifactHasSourcesAndJavadocAndNoOtherClassifier(String artifact) throws IOException {
        Set<String> expected = new TreeSet<>(Set.of("jar", "sources.jar", "javadoc.jar", "pom"));
        if (artifact.equals("panpipe-cli")) {
            expected.add("standalone.jar");
        }
        assertEquals(expected, files(artifact).keySet());
    }

    @ParameterizedTest
    @ValueSource(strings = {"panpipe", "panpipe-testing", "panpipe-junit", "panpipe-jnr", "panpipe-cli"})
    void noJarIsEmptyAndEachHasItsLicenceAndBillOfMaterials(String artifact) throws IOException {
        for (String classifier : JARS) {
            String type = classifier.isEmpty() ? "jar" : classifier + ".jar";
            try (JarFile jar = new JarFile(files(artifact).get(type).toFile())) {
                List<String> names = jar.stream().map(entry -> entry.getName()).toList();
                String content = Map.of("", ".class", "sources", ".java", "javadoc", ".html").get(classifier);
                assertTrue(names.stream().filter(name -> name.startsWith("io/") || content.equals(".html"))
                        .anyMatch(name -> name.endsWith(content)), () -> artifact + " " + type + ": " + names);
                if (classifier.isEmpty()) {
                    assertTrue(names.contains("META-INF/LICENSE"), names::toString);
                    assertTrue(names.contains("META-INF/sbom/" + artifact + ".cdx.json"), names::toString);
                    assertFalse(names.stream().anyMatch(name -> name.endsWith("pom.xml")), names::toString);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"panpipe", "panpipe-testing", "panpipe-junit", "panpipe-jnr", "panpipe-cli", "panpipe-bom"})
    void aPomNamesWhatItsUsersNeedAndNothingOfTheBuild(String artifact) throws Exception {
        Document pom = DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(files(artifact).get("pom").toFile());
        for (String element : List.of("parent", "build", "profiles", "modules", "properties", "repositories")) {
            assertEquals(0, pom.getElementsByTagName(element).getLength(), element);
        }
        NodeList managed = pom.getElementsByTagName("dependencyManagement");
        assertEquals(artifact.equals("panpipe-bom") ? 1 : 0, managed.getLength());
        Set<String> required = new TreeSet<>();
        List<String> listed = new ArrayList<>();
        NodeList dependencies = pom.getElementsByTagName("dependency");
        for (int i = 0; i < dependencies.getLength(); i++) {
            String text = dependencies.item(i).getTextContent();
            String[] words = text.strip().split("\\s+");
            listed.add(words[1]);
            // A BOM without a parent has this property of itself, and no other.
            assertFalse(text.replace("${project.version}", "").contains("${"), text);
            assertFalse(List.of(words).contains("test"), text);
            if (!List.of(words).contains("provided")) {
                required.add(words[1]);
            }
        }
        if (artifact.equals("panpipe-bom")) {
            Set<String> others = new TreeSet<>(DEPENDENCIES.keySet());
            others.remove("panpipe-bom");
            assertEquals(others, required);
        } else {
            assertEquals(new TreeSet<>(DEPENDENCIES.get(artifact)), required);
        }
        if (artifact.equals("panpipe")) {
            assertEquals(List.of(), listed);
        }
    }

    /** The one file runs with the Java of whoever has it, and the JVM has nothing to complain about. */
    @Test
    void theCommandIsOneFileThatRuns() throws Exception {
        String java = ProcessHandle.current().info().command().orElseThrow();
        Process process = new ProcessBuilder(java, "-jar", files("panpipe-cli").get("standalone.jar").toString(),
                "--version").start();
        try {
            assertTrue(process.waitFor(Patience.minutes(1).toNanos(), TimeUnit.NANOSECONDS));
            String error = new String(process.getErrorStream().readAllBytes());
            String output = new String(process.getInputStream().readAllBytes());
            assertEquals("", error);
            assertTrue(output.contains("0."), output);
            assertEquals(0, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }
}
