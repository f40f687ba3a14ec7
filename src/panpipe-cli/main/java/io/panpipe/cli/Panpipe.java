/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/**
 * The {@code panpipe} command, so that a pipe can be tried, looked into and measured without writing a program.
 *
 * <p>It ends with 0 when all went well, 1 when a connection or a stream failed, 2 when it was called wrongly, and 130
 * or 143 after SIGINT or SIGTERM.
 */
@Command(
        name = "panpipe",
        description = "Connects, serves, watches and measures pipes (Unix domain sockets, named pipes), and TCP ports.",
        footer = {
            "",
            "A NAME is a path, or on Linux @NAME for an abstract name, as socat and ss",
            "show it; a file whose name begins with @ is ./@NAME. On Windows NAME stands for",
            "\\\\.\\pipe\\NAME.",
            "",
            "tcp:PORT is a TCP port of 127.0.0.1, which every user of this machine can reach,",
            "tcp:HOST:PORT one elsewhere, tcp:[::1]:PORT with an IPv6 address. To listen for",
            "other machines, say so: tcp:0.0.0.0:PORT. A file of that name is ./tcp:PORT.",
            "",
            "Exit code: 0 success, 1 a connection or a stream failed, 2 wrong usage,",
            "129, 130 and 143 ended by SIGHUP, SIGINT (Ctrl-C) and SIGTERM."
        },
        subcommands = {
            ListenCommand.class,
            ConnectCommand.class,
            ProxyCommand.class,
            BenchCommand.class,
            HelpCommand.class
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        scope = ScopeType.INHERIT)
public final class Panpipe {

    private Panpipe() {}

    /**
     * Runs the command and ends the process with its exit code.
     *
     * @param args the arguments; {@code --help} lists them
     */
    public static void main(String... args) {
        StandardStreams.settle();
        silenceLog();
        System.exit(run(args));
    }

    /** All that the library would log the command tells in its own words. Whoever wants the log names a configuration. */
    private static void silenceLog() {
        if (System.getProperty("java.util.logging.config.file") == null
                && System.getProperty("java.util.logging.config.class") == null) {
            // Read when something is logged first: no handlers. The property for a JDK without java.logging is another.
            System.setProperty("java.util.logging.config.file", OperatingSystem.CURRENT.nullDevice());
            System.setProperty("jdk.system.logger.level", "OFF");
        }
    }

    static int run(String... args) {
        CommandLine line = commandLine();
        if (args.length > 0 && args[0].equals(GenerateCommand.NAME)) {
            line.addSubcommand(new GenerateCommand());
        }
        // picocli would take @name for a file with arguments; here it is an abstract name.
        line.setExpandAtFiles(false);
        line.setParameterExceptionHandler(Panpipe::usageError);
        return line.execute(args);
    }

    /** Returns what reads the command line, with all that users see. */
    static CommandLine commandLine() {
        return new CommandLine(new Panpipe());
    }

    /** Answers wrong usage in two lines, where picocli would print the whole help and bury the reason. */
    private static int usageError(ParameterException error, String[] args) {
        CommandLine command = error.getCommandLine();
        PrintWriter err = command.getErr();
        // picocli begins some of its messages with a word that the exit code says already.
        err.println("panpipe: " + error.getMessage().replaceFirst("^Error: ", ""));
        err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }
}
