/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes the page and the chart again from the numbers, without measuring, or tells whether they are what the numbers say.
 * Needs a JDK and the library alone:
 *
 * <pre>{@code java -cp target/panpipe/classes src/bench/main/java/io/panpipe/bench/Recompute.java --check docs}</pre>
 */
public final class Recompute {

    private Recompute() {}

    /**
     * Writes the chart and the page anew, or compares them.
     *
     * @param args the directory of the three files; before it {@code --check} if nothing is to be written
     * @throws IOException if a file is missing or, with {@code --check}, not what the numbers say
     */
    public static void main(String[] args) throws IOException {
        boolean check = args.length == 2 && args[0].equals("--check");
        if (!check && args.length != 1) {
            throw new IllegalArgumentException("usage: Recompute [--check] DIRECTORY");
        }
        Path directory = Path.of(args[args.length - 1]);
        if (!check) {
            Report.rewrite(directory);
            return;
        }
        List<String> differences = Report.differences(directory);
        if (!differences.isEmpty()) {
            throw new IOException("not what the numbers say:\n" + String.join("\n", differences));
        }
    }
}
