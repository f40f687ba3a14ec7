/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import io.panpipe.testbed.QuickJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code panpipe proxy} in a JVM of its own. */
final class ProxyProcess implements AutoCloseable {

    private final DumpText dump = new DumpText();
    private final PeerProcess process;

    ProxyProcess(Path from, Path to, String... options) throws IOException {
        List<String> command = QuickJvm.command();
        command.addAll(List.of("io.panpipe.cli.Panpipe", "proxy", "--verbose", from.toString(), to.toString()));
        command.addAll(List.of(options));
        process = new PeerProcess(dump, command);
        process.await("ready");
    }

    /** Waits until the dump shows that a client has sent a text. */
    void awaitSent(String text) {
        Deadline.await("the dump shows " + text, () -> dump.sent().contains(text));
    }

    @Override
    public void close() {
        process.close();
    }

    /** Takes the text column of what clients send out of the dump, for a row ends anywhere in a text. */
    private static final class DumpText implements UnaryOperator<String> {

        private static final Pattern ROW = Pattern.compile("[0-9a-f]{8,}  .*?\\|(.*)\\|");

        private final StringBuilder sent = new StringBuilder();
        private boolean fromClient;

        @Override
        public synchronized String apply(String line) {
            if (line.startsWith("panpipe: listening on ")) {
                return "ready";
            }
            if (line.startsWith("#")) {
                fromClient = line.contains(" > ");
            }
            Matcher row = ROW.matcher(line);
            if (fromClient && row.matches()) {
                sent.append(row.group(1));
            }
            return line;
        }

        synchronized String sent() {
            return sent.toString();
        }
    }
}
