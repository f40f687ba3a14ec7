/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of every subcommand that can show what goes through it. */
final class DumpOptions {

    @Option(names = "--dump", description = "Write what goes through to standard error, in hex and text.")
    private boolean dump;

    @Option(
            names = "--dump-file",
            paramLabel = "FILE",
            converter = Converters.File.class,
            description = "Write the dump to a file instead.")
    private @Nullable Path file;

    @Option(names = "--append", description = "Add to the file of --dump-file instead of writing it anew.")
    private boolean append;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    /** Tells whether the dump goes where messages go, and a live line would. */
    boolean isToStandardError() {
        return dump && file == null;
    }

    /** Opens the dump, which the session's end closes; null for none. */
    @Nullable HexDump open(Session session) throws IOException {
        Path target = file;
        if (target == null && append && spec != null) {
            throw new ParameterException(spec.commandLine(), "--append is about the file of --dump-file");
        }
        if (target == null) {
            return dump ? new HexDump(new FileOutputStream(FileDescriptor.err), session.messages()) : null;
        }
        OutputStream out = append
                ? Files.newOutputStream(target, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                : new FreshFile(target);
        HexDump opened = new HexDump(out, session.messages());
        session.onClose(opened::close);
        return opened;
    }
}
