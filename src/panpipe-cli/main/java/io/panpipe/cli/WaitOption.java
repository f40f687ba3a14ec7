/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import java.time.Duration;
import java.util.Map;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The option of subcommands that may be started before their server is. */
final class WaitOption {

    private static final String ALONE = "forever";

    @Option(
            names = "--wait",
            arity = "0..1",
            paramLabel = "TIME",
            converter = LongestTime.class,
            preprocessor = OnlyAttached.class,
            description = "Try again until the server is there, with --wait=10s for so long.")
    private @Nullable Duration time;

    /** Returns how long to wait for a server; null for not at all. */
    @Nullable Duration get() {
        return time;
    }

    /** A time, or as long as it takes. */
    static final class LongestTime implements ITypeConverter<Duration> {

        @Override
        public Duration convert(String argument) {
            return argument.equals(ALONE) ? TimeoutOption.FOREVER : new Converters.Time().convert(argument);
        }
    }

    /** What follows the option without {@code =} is no time of it: picocli would take the NAME. */
    static final class OnlyAttached implements IParameterPreprocessor {

        @Override
        public boolean preprocess(Stack<String> args, CommandSpec command, ArgSpec option, Map<String, Object> info) {
            if (" ".equals(info.get("separator"))) {
                args.push(ALONE);
            }
            return false;
        }
    }
}
