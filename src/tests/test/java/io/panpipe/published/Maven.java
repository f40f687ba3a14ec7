/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.published;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.testbed.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Maven as a user starts it, on the Java that runs this test and with the local repository of this build. */
final class Maven {

    private Maven() {}

    /** Runs Maven in a project and returns what it prints; fails if it fails. */
    static String run(Path project, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("mvn", "-B"));
        String repository = System.getProperty("panpipe.repository", "");
        if (!repository.isEmpty()) {
            command.add("-Dmaven.repo.local=" + repository);
        }
        command.addAll(List.of(arguments));
        Path printed = Files.createTempFile("maven", ".txt");
        try {
            ProcessBuilder builder = new ProcessBuilder(command).directory(project.toAbsolutePath().toFile())
                    .redirectErrorStream(true).redirectOutput(printed.toFile());
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            // At its end, Maven's console library would set colours back that nothing has set.
            builder.environment().put("MAVEN_OPTS", "-Djansi.noreset=true");
            Process process = builder.start();
            boolean ended;
            try {
                ended = process.waitFor(Patience.minutes(10).toNanos(), TimeUnit.NANOSECONDS);
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            String output = Files.readString(printed);
            assertTrue(ended, () -> command + " has not come to an end: " + output);
            assertEquals(0, process.exitValue(), () -> command + " failed: " + output);
            return output;
        } finally {
            Files.delete(printed);
        }
    }
}
