/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command that runs the benchmarks and writes the report. */
@Command(
        name = "benchmarks",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Compares servers over a Unix domain socket by the processor time that each takes for the same work.",
            "",
            "Without options everything is measured, which takes about 30 minutes."
        })
public final class Benchmarks implements Callable<Integer> {

    private static final double NANOS_PER_SECOND = 1e9;

    private final PrintStream out = System.out;

    @Option(names = "--quick", description = "The essential works, roughly: five minutes.")
    private boolean quick;

    @Option(
            names = "--smoke",
            description = "Every work and server for a moment: does it work at all? Less than a minute.")
    private boolean smoke;

    @Option(names = "--works", split = ",", paramLabel = "WORK", description = "Only these works, such as echo64,sink.")
    private @Nullable List<String> works;

    @Option(
            names = "--servers",
            split = ",",
            paramLabel = "SERVER",
            description = "Only these servers, such as panpipe,libuv. The floor is always among them.")
    private @Nullable List<String> servers;

    @Option(
            names = "--sections",
            split = ",",
            paramLabel = "SECTION",
            description = "Only these parts: works, memory, startup, jmh.")
    private @Nullable List<String> sections;

    @Option(names = "--rounds", paramLabel = "N", description = "How often each server has its turn.")
    private @Nullable Integer rounds;

    @Option(names = "--seconds", paramLabel = "S", description = "How long a turn is.")
    private @Nullable Double seconds;

    @Option(names = "--warm-up", paramLabel = "S", description = "Seconds of load on each JVM before the first round.")
    private @Nullable Double warmUp;

    @Option(
            names = "--realtime",
            description = "Schedule servers and load before everything else on the machine (needs root).")
    private boolean realtime;

    @Option(
            names = "--programs",
            paramLabel = "DIR",
            defaultValue = "target/bench",
            description = "Where floor, libuv and load are (${DEFAULT-VALUE}).")
    private Path programs = Path.of("target/bench");

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description = "Where performance.csv, performance.svg and performance.md go, of which only the results are"
                    + " rewritten: docs without any option, else target/bench.")
    private @Nullable Path output;

    private final List<String> arguments;

    private Benchmarks(List<String> arguments) {
        this.arguments = arguments;
    }

    /**
     * Runs the benchmarks and ends the process: with 0 if all went well, whatever the numbers are.
     *
     * @param args as {@code --help} says
     */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Benchmarks(List.of(args))).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Plan plan = (smoke ? Plan.SMOKE : quick ? Plan.QUICK : Plan.FULL).with(rounds, seconds, warmUp);
        if (smoke) {
            SelfCheck.run();
        }
        Data data = new Data();
        long start = System.nanoTime();
        try (Environment environment = new Environment(programs, realtime, !smoke)) {
            if (Runtime.getRuntime().availableProcessors() == 1) {
                out.println("One processor only: servers and load share it, and throughput says little.");
            }
            for (Section section : chosenSections()) {
                measure(section, environment, plan, data);
            }
        }
        if (!smoke) {
            out.println(Tables.goals(data));
            Report.write(data, command(), directory());
        }
        out.println(Tables.format("%.0f s", (System.nanoTime() - start) / NANOS_PER_SECOND));
        return 0;
    }

    private void measure(Section section, Environment environment, Plan plan, Data data) throws Exception {
        switch (section) {
            case WORKS -> {
                if (plan.smoke()) {
                    new Smoke(environment, plan, out).run(chosenWorks(), chosenServers());
                } else {
                    measureWorks(environment, plan, data);
                }
            }
            case MEMORY -> {
                new IdleMemory(environment, plan, data).run(chosenServers());
                show(section, Tables.memory(data));
            }
            case STARTUP -> {
                new StartUp(environment, plan, data).run();
                show(section, Tables.startUp(data));
            }
            case JMH -> {
                new JmhRun(environment, plan, data).run();
                show(section, Tables.jmh(data));
            }
            default -> throw new AssertionError(section);
        }
    }

    /** The numbers of a smoke run mean nothing: it says that there are some. */
    private void show(Section section, String table) {
        out.println(smoke ? section.name().toLowerCase(Locale.ROOT) + ": all" : table);
    }

    private void measureWorks(Environment environment, Plan plan, Data data) throws Exception {
        Rounds rounds = new Rounds(environment, plan, data);
        for (Work work : chosenWorks()) {
            out.println("### " + Tables.title(work) + "\n");
            rounds.measure(work, work.contestants(chosenServers()));
            out.println(Tables.work(data, work));
        }
    }

    private Path directory() {
        if (output != null) {
            return output;
        }
        return arguments.isEmpty() ? Path.of("docs") : Path.of("target", "bench");
    }

    private String command() {
        // Where the results went does not matter to who reads them.
        String options = String.join(" ", arguments).replaceFirst("--output[ =]\\S+", "").strip();
        String given = options.isEmpty() ? "" : " -Dpanpipe.bench.args=\"" + options + "\"";
        return "mvn -q -Pbench compile exec:exec" + given;
    }

    private Set<Section> chosenSections() {
        if (sections == null) {
            return works == null ? EnumSet.allOf(Section.class) : EnumSet.of(Section.WORKS);
        }
        Set<Section> chosen = EnumSet.noneOf(Section.class);
        sections.forEach(name -> chosen.add(Section.valueOf(name.toUpperCase(Locale.ROOT))));
        return chosen;
    }

    private List<Work> chosenWorks() {
        if (works == null) {
            return Work.ALL.stream().filter(work -> work.quick() || !quick).toList();
        }
        List<Work> chosen = new ArrayList<>();
        for (String name : works) {
            chosen.add(Work.ALL.stream()
                    .filter(work -> work.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("there is no work " + name)));
        }
        return chosen;
    }

    private List<Server> chosenServers() {
        if (servers == null) {
            return List.of(Server.values());
        }
        Set<Server> chosen = EnumSet.of(Server.FLOOR);
        servers.forEach(name -> chosen.add(Server.of(name)));
        return List.copyOf(chosen);
    }
}
