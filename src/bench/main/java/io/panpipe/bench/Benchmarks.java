/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.LocalDate;
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
            "Without options everything is measured, which takes about an hour."
        })
public final class Benchmarks implements Callable<Integer> {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final double SECONDS_PER_MINUTE = 60;
    private static final Path PARTIAL = Path.of("target", "bench");

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

    @Option(names = "--warm-up", paramLabel = "N", description = "How many short turns a JVM has before the first round.")
    private @Nullable Integer warmUp;

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
            description = "Where performance.csv, performance.svg and performance.md go, of which only what is between"
                    + " marks is rewritten: docs without any option, else target/bench.")
    private @Nullable Path output;

    @Option(
            names = "--page",
            paramLabel = "DIR",
            description = "Measure nothing: make the chart and the page in DIR again from the performance.csv there.")
    private @Nullable Path page;

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
        if (page != null) {
            Report.rewrite(page);
            return 0;
        }
        Plan plan = (smoke ? Plan.SMOKE : quick ? Plan.QUICK : Plan.FULL).with(rounds, seconds, warmUp);
        Data data = new Data();
        long start = System.nanoTime();
        try (Environment environment = new Environment(programs, realtime, !smoke)) {
            if (Runtime.getRuntime().availableProcessors() == 1) {
                out.println("One processor only: servers and load share it, and throughput says little.");
            }
            if (!smoke) {
                announce(plan);
                Versions.record(environment, data);
            }
            measure(environment, plan, data, start);
        }
        if (!smoke) {
            out.println(Tables.goals(data));
            conclude(data, isWhole() ? Report.WHOLE : "with the options below", start);
            Report.write(data, directory());
        }
        out.println(Tables.format("%.0f s", secondsSince(start)));
        return 0;
    }

    /** Measures all that was asked for. What there is when something fails goes to target/bench, and not to the page. */
    private void measure(Environment environment, Plan plan, Data data, long start) throws Exception {
        try {
            for (Section section : chosenSections()) {
                measure(section, environment, plan, data);
            }
        } catch (IOException failed) {
            if (!smoke) {
                conclude(data, "ended by a failure", start);
                Report.write(data, PARTIAL);
                out.println("What was measured before the failure is in " + PARTIAL);
            }
            throw failed;
        }
    }

    private void conclude(Data data, String run, long start) {
        data.about(Report.RUN, run);
        data.about(Report.COMMAND, command());
        data.about(Report.DATE, LocalDate.now().toString());
        data.about(Report.MINUTES, Tables.format("%.0f", secondsSince(start) / SECONDS_PER_MINUTE));
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / NANOS_PER_SECOND;
    }

    /** Everything was measured, as often and as long as is meant. */
    private boolean isWhole() {
        return !quick
                && works == null
                && servers == null
                && sections == null
                && rounds == null
                && seconds == null
                && warmUp == null;
    }

    /** Says how long it will take. */
    private void announce(Plan plan) {
        double least = 0;
        double most = 0;
        Set<Section> chosen = chosenSections();
        if (chosen.contains(Section.WORKS)) {
            for (Work work : chosenWorks()) {
                least += plan.expected(work, chosenServers(), false);
                most += plan.expected(work, chosenServers(), true);
            }
        }
        double rest = (chosen.contains(Section.MEMORY) ? IdleMemory.expected(plan, chosenServers().size()) : 0)
                + (chosen.contains(Section.STARTUP) ? StartUp.expected(plan) : 0)
                + (chosen.contains(Section.JMH) ? JmhRun.expected(plan) : 0);
        out.println(Tables.format(
                "This will take about %.0f minutes, up to %.0f if many rounds are discarded.",
                (least + rest) / SECONDS_PER_MINUTE, (most + rest) / SECONDS_PER_MINUTE));
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
        return arguments.isEmpty() ? Path.of("docs") : PARTIAL;
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
