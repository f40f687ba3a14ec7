/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Follows the file that the Windows JVM writes to: shows what matters while it runs, and knows which tests have begun and
 * not ended, because a test that hangs inside a system call cannot tell.
 */
final class TestOutput implements Wine.Progress, AutoCloseable {

    /** A line of the launcher's details mode {@code testfeed}. */
    private static final Pattern EVENT = Pattern.compile("(.+ > .+) :: (STARTED|SUCCESSFUL|ABORTED|FAILED|SKIPPED)");

    /** Two lines of the launcher's summary. */
    private static final Pattern PASSED = Pattern.compile("\\[\\s*(\\d+) tests successful\\s*]");
    private static final Pattern FOUND = Pattern.compile("\\[\\s*(\\d+) tests found\\s*]");

    private final InputStream file;
    private final Set<String> running = new LinkedHashSet<>();
    private String begun = "";
    private int passed = -1;
    private int found = -1;

    TestOutput(Path file) throws IOException {
        this.file = new FileInputStream(file.toFile());
    }

    /** Shows the lines that were completed since the last call. */
    @Override
    public void report() throws IOException {
        String text = begun + new String(file.readAllBytes(), StandardCharsets.UTF_8);
        int end = text.lastIndexOf('\n') + 1;
        begun = text.substring(end);
        text.substring(0, end).lines().forEach(this::line);
    }

    private void line(String line) {
        Matcher event = EVENT.matcher(line);
        if (event.matches()) {
            switch (event.group(2)) {
                case "STARTED" -> running.add(event.group(1));
                default -> running.remove(event.group(1));
            }
            if (event.group(2).equals("STARTED") || event.group(2).equals("SUCCESSFUL")) {
                return;
            }
        }
        passed = number(PASSED, line, passed);
        found = number(FOUND, line, found);
        System.out.println(line);
    }

    private static int number(Pattern pattern, String line, int otherwise) {
        Matcher matcher = pattern.matcher(line);
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : otherwise;
    }

    @Override
    public String whatRuns() {
        return running.isEmpty() ? "" : " Tests that had not ended:\n  " + String.join("\n  ", running);
    }

    /**
     * Fails unless tests ran and all passed.
     *
     * @param status the launcher's exit status
     * @return how many tests passed
     */
    int requireSuccess(int status) throws LaneException {
        if (found == 0 || status == 2) {
            throw new LaneException("no test was found");
        }
        if (status != 0) {
            throw new LaneException("the tests ended with status " + status + "." + whatRuns());
        }
        if (passed <= 0) {
            throw new LaneException("no test ran: all were skipped, or the launcher did not come to its end");
        }
        return passed;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
