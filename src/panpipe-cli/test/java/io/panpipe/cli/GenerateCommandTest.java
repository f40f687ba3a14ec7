/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What is installed beside the command, read by the programs that it is for. */
@EnabledOnOs(OS.LINUX)
final class GenerateCommandTest {

    @TempDir
    Path directory;

    private Path generate(String what) throws Exception {
        try (Child command = Child.panpipe("generate", what)) {
            assertEquals(0, command.exitCode(), command::error);
            return Files.writeString(directory.resolve(what), command.output());
        }
    }

    @Test
    void bashCompletesSubcommandsAndOptions() throws Exception {
        Path script = generate("completion");
        String complete = "source " + script + "; complete -p panpipe; COMP_WORDS=($1); COMP_CWORD=$2;"
                + " \"$(complete -p panpipe | sed 's/.*-F \\([^ ]*\\).*/\\1/')\"; echo ${COMPREPLY[@]}";
        try (Child bash = Child.program("bash", "-c", complete, "bash", "panpipe li", "1")) {
            assertEquals(0, bash.exitCode(), bash::error);
            assertTrue(bash.output().endsWith("\nlisten\n"), bash::output);
        }
        try (Child bash = Child.program("bash", "-c", complete, "bash", "panpipe listen --max", "2")) {
            assertEquals(0, bash.exitCode(), bash::error);
            assertTrue(bash.output().contains("--max-children"), bash::output);
        }
        assertFalse(Pattern.compile("commands=\"[^\"]*generate").matcher(Files.readString(script)).find(),
                "it is for those who pack the command");
    }

    @Test
    void theManualPageHasAllThatTheHelpHas() throws Exception {
        Path page = generate("man");
        String source = Files.readString(page);
        for (String text : new String[] {".SH LISTEN", ".SH BENCH", "\\-\\-max\\-children=N", "\\-\\-wait[=TIME]",
                "(default: 500ms)", "\\e\\e.\\epipe\\eNAME."}) {
            assertTrue(source.contains(text), () -> text + " is not in " + source);
        }
        try (Child groff = Child.program("groff", "-man", "-Tascii", "-ww", page.toString())) {
            assertEquals(0, groff.exitCode(), groff::error);
            assertEquals("", groff.error());
            assertTrue(groff.output().contains("PANPIPE(1)"), groff::output);
        }
    }
}
