/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import java.io.PrintStream;
import java.util.Locale;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Writes what is installed beside the command, from what the command knows of itself. Hidden, because it is for whoever packs
 * the command, and made only when it is asked for, because reading annotations is most of a command's start.
 */
@Command(
        name = GenerateCommand.NAME,
        hidden = true,
        description = "Writes what is installed beside the command to standard output.")
final class GenerateCommand {

    static final String NAME = "generate";

    @Command(name = "completion", description = "Writes the completion for bash, which zsh takes as well.")
    void completion() {
        // No println: a shell takes no CR.
        System.out.print(AutoComplete.bash("panpipe", Panpipe.commandLine()) + "\n");
        System.out.flush();
    }

    @Command(name = "man", description = "Writes the manual page, panpipe.1.")
    void man() {
        writePage(System.out, Panpipe.commandLine());
        System.out.flush();
    }

    private static void writePage(PrintStream out, CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        String name = spec.name();
        out.print(".TH " + name.toUpperCase(Locale.ROOT) + " 1\n");
        out.print(".SH NAME\n" + name + " \\- " + roff(String.join(" ", spec.usageMessage().description())) + "\n");
        out.print(".SH SYNOPSIS\n");
        out.print(".B " + name + "\n\\fICOMMAND\\fR [\\fIOPTION\\fR...] \\fINAME\\fR\n");
        out.print(".SH DESCRIPTION\n");
        paragraphs(out, spec.usageMessage().footer());
        for (CommandLine subcommand : command.getSubcommands().values()) {
            writeSection(out, subcommand.getCommandSpec());
        }
    }

    private static void writeSection(PrintStream out, CommandSpec spec) {
        out.print(".SH " + spec.name().toUpperCase(Locale.ROOT) + "\n");
        String synopsis = new Help(spec, Help.defaultColorScheme(Help.Ansi.OFF)).synopsis(0);
        out.print(".nf\n" + roff(synopsis.strip()) + "\n.fi\n.PP\n");
        paragraphs(out, spec.usageMessage().description());
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            entry(out, parameter.paramLabel(), parameter.description());
        }
        for (OptionSpec option : spec.options()) {
            if (!option.hidden()) {
                String value = option.arity().max() == 0 ? ""
                        : option.arity().min() == 0 ? "[=" + option.paramLabel() + "]" : "=" + option.paramLabel();
                entry(out, String.join(", ", option.names()) + value, option.description());
            }
        }
    }

    private static void entry(PrintStream out, String term, String[] description) {
        out.print(".TP\n\\fB" + roff(term) + "\\fR\n" + roff(String.join(" ", description)) + "\n");
    }

    private static void paragraphs(PrintStream out, String[] lines) {
        for (String line : lines) {
            out.print(line.isBlank() ? ".PP\n" : roff(line) + "\n");
        }
    }

    /** A backslash, a hyphen and what begins a line mean something else to roff. */
    private static String roff(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-").replaceAll("(?m)^(?=[.'])", "\\\\&");
    }
}
