/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Says at the end of a build what its tests skipped, and why: a build on a machine without the programs at the other end
 * is green, and should not be taken for more than it is.
 */
public final class TestReport {

    /** How the tests with a tag are run, in the order in which they are told. */
    private static final List<String[]> ELSEWHERE = List.of(
            new String[] {"slow", "mvn -Pslow test"},
            new String[] {"windows", "mvn -Pwindows-lane -DskipTests verify, which needs Wine; or mvn verify on Windows"},
            new String[] {"installed", "mvn -Pinstalled test, once the build is deployed to target/published"});

    private final Instant begin;
    private final Map<String, Map<String, Integer>> skipped = new TreeMap<>();
    private int tests;
    private int skips;

    private TestReport(Instant begin) {
        this.begin = begin;
    }

    /**
     * Reads what Surefire has written and prints the report.
     *
     * @param arguments the folder of what is built, when the build began (ISO 8601), the tags that did not run
     */
    public static void main(String[] arguments) throws IOException, XMLStreamException {
        TestReport report = new TestReport(Instant.parse(arguments[1]));
        try (Stream<Path> files = Files.walk(Path.of(arguments[0]), 3)) {
            for (Path file : files.filter(TestReport::isReport).sorted().toList()) {
                report.read(file);
            }
        }
        System.out.print(report.text(arguments.length > 2 ? arguments[2] : ""));
    }

    private static boolean isReport(Path file) {
        return file.getParent().endsWith("surefire-reports") && file.getFileName().toString().matches("TEST-.*\\.xml");
    }

    private void read(Path file) throws IOException, XMLStreamException {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(begin)) {
            // An earlier build's.
            return;
        }
        try (InputStream in = Files.newInputStream(file)) {
            XMLStreamReader xml = XMLInputFactory.newInstance().createXMLStreamReader(in);
            String test = "";
            while (xml.hasNext()) {
                if (xml.next() == XMLStreamConstants.START_ELEMENT) {
                    if (xml.getLocalName().equals("testcase")) {
                        test = xml.getAttributeValue(null, "classname").replaceFirst(".*\\.", "");
                        tests++;
                    } else if (xml.getLocalName().equals("skipped")) {
                        skips++;
                        String message = xml.getAttributeValue(null, "message");
                        // Of an assumption Surefire writes the stack trace alone.
                        String reason = reason(message == null ? xml.getElementText() : message);
                        skipped.computeIfAbsent(reason, key -> new TreeMap<>()).merge(test, 1, Integer::sum);
                    }
                }
            }
        }
    }

    private static String reason(String message) {
        return message.isBlank()
                ? "no reason given"
                : message.strip().lines().findFirst().orElseThrow().replaceFirst("^(?:[\\w.]+: )?Assumption failed: ", "");
    }

    private String text(String excluded) {
        StringBuilder text = new StringBuilder();
        text.append("Tests: ").append(tests - skips).append(" ran, ").append(skips).append(" were skipped")
                .append(skips == 0 ? "." : ":").append('\n');
        skipped.forEach((reason, classes) -> {
            text.append("  ").append(reason).append(": ");
            classes.forEach((name, count) -> text.append(name).append(" (").append(count).append(") "));
            text.append('\n');
        });
        for (String[] tag : ELSEWHERE) {
            if (excluded.contains(tag[0])) {
                text.append("Not part of this: tests with the tag ").append(tag[0]).append(": ").append(tag[1])
                        .append('\n');
            }
        }
        return text.toString();
    }
}
