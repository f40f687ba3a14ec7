/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

import java.io.ByteArrayOutputStream;
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
 * Follows the file that the Windows JVM writes to: shows what matters while it runs, and knows which tests have not
 * ended, because a test that hangs inside a system call cannot tell.
 */
final class TestOutput implements Wine.Progress, AutoCloseable {

    /** How every event begins in the launcher's details mode {@code testfeed}. */
    private static final String FEED = "JUnit Jupiter > ";

    /** An event; a test's name may contain line ends. */
    private static final Pattern EVENT =
            Pattern.compile("(" + FEED + ".+) :: (STARTED|SUCCESSFUL|ABORTED|FAILED|SKIPPED)", Pattern.DOTALL);

    /** How a line of a stack trace begins below an event; most of them are JUnit's own. */
    private static final String FRAME = "\t\tat ";
    private static final int FRAMES_OF_A_FAILURE = 12;

    /** A line of the launcher's summary. */
    private static final Pattern SUMMARY = Pattern.compile("\\[\\s*(\\d+) (tests|containers) (\\w+)\\s*]");

    private final InputStream file;
    private final Set<String> running = new LinkedHashSet<>();
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private String unfinished = "";
    private int frames;
    private int framesShown;
    private int passed = -1;
    private int found = -1;

    TestOutput(Path file) throws IOException {
        this.file = new FileInputStream(file.toFile());
    }

    /** Shows the lines that were completed since the last call. */
    @Override
    public void report() throws IOException {
        for (byte b : file.readAllBytes()) {
            if (b == '\n') {
                line(begun.toString(StandardCharsets.UTF_8).stripTrailing());
                begun.reset();
            } else {
                begun.write(b);
            }
        }
    }

    private void line(String line) {
        if (!unfinished.isEmpty() || line.startsWith(FEED)) {
            unfinished = unfinished.isEmpty() ? line : unfinished + "\n" + line;
            Matcher event = EVENT.matcher(unfinished);
            if (event.matches()) {
                unfinished = "";
                event(event.group(), event.group(1), event.group(2));
            }
            return;
        }
        if (line.startsWith(FRAME)) {
            if (++frames <= framesShown) {
                System.out.println(line);
            }
            return;
        }
        frames = 0;
        Matcher summary = SUMMARY.matcher(line);
        if (!summary.matches() || counts(Integer.parseInt(summary.group(1)), summary.group(2), summary.group(3))) {
            System.out.println(line);
        }
    }

    private void event(String line, String test, String what) {
        if (what.equals("STARTED")) {
            running.add(test);
            return;
        }
        running.remove(test);
        if (!what.equals("SUCCESSFUL")) {
            framesShown = what.equals("FAILED") ? FRAMES_OF_A_FAILURE : 0;
            System.out.println(line);
        }
    }

    /** Notes a number of the summary; tells whether a reader wants it. */
    private boolean counts(int number, String kind, String what) {
        if (kind.equals("tests") && what.equals("successful")) {
            passed = number;
        }
        if (kind.equals("tests") && what.equals("found")) {
            found = number;
        }
        return number > 0 && (kind.equals("tests") || what.equals("failed"));
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
        System.out.print(begun.toString(StandardCharsets.UTF_8));
        System.out.flush();
        file.close();
    }
}
