/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One run: sees to the Windows JVM, rewrites the classes for it, starts it and judges the outcome. */
final class LaneRun {

    private final LaneOptions options;
    private final LaneFolder folder;
    private final Path results;

    private LaneRun(LaneOptions options) {
        this.options = options;
        folder = new LaneFolder(options.lane());
        results = options.tree().resolve(options.linux() ? "target/java21-lane" : "target/windows-lane");
    }

    static void main(String[] arguments) throws IOException, InterruptedException {
        try {
            System.exit(new LaneRun(LaneOptions.parse(arguments)).underLock());
        } catch (LaneException failure) {
            System.err.println("Windows lane: FAILED. " + failure.getMessage());
            System.exit(1);
        }
    }

    /** Another run would stop this one's programs when it ends, and overwrite its classes. */
    private int underLock() throws IOException, InterruptedException, LaneException {
        Files.createDirectories(options.lane());
        try (FileChannel file = FileChannel.open(options.lane().resolve("lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE)) {
            FileLock lock = file.tryLock();
            if (lock == null) {
                System.out.println("Windows lane: waiting for another run in " + options.lane());
                file.lock();
            }
            return options.linux() ? runOnLinux() : run();
        }
    }

    /** The cheapest look at an older JVM: the same rewritten classes, on the system that they were compiled on. */
    private int runOnLinux() throws IOException, InterruptedException, LaneException {
        folder.prepareLinux();
        LaneFolder.deleteTree(results);
        Path classes = rewrite(folder.linuxJre());
        List<String> command = new ArrayList<>(List.of(folder.linuxJre().resolve("bin/java").toString(),
                "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(options.jvmArguments());
        List<String> classPath = new ArrayList<>(List.of(classes.toString()));
        folder.classPath().forEach(jar -> classPath.add(jar.toString()));
        command.addAll(List.of("-cp", String.join(":", classPath)));
        if (!options.mainClass()) {
            command.addAll(List.of("org.junit.platform.console.ConsoleLauncher", "execute", "--disable-banner",
                    "--disable-ansi-colors", "--fail-if-no-tests", "--details=summary", "--include-engine=junit-jupiter",
                    "--exclude-tag=windows | slow | installed", "--reports-dir=" + results.resolve("reports")));
        }
        command.addAll(options.rest());
        return new ProcessBuilder(command).directory(options.tree().toFile()).inheritIO().start().waitFor();
    }

    private int run() throws IOException, InterruptedException, LaneException {
        long begin = System.nanoTime();
        folder.prepare();
        LaneFolder.deleteTree(results);
        Path classes = rewrite(folder.jre());
        Path output = Files.createFile(results.resolve("output.txt"));
        Wine wine = folder.wine();
        if (!options.mainClass()) {
            System.out.println("Windows lane: all that the Windows JVM writes is in " + output);
        }
        try (TestOutput tests = new TestOutput(output)) {
            int status;
            try {
                status = wine.run(options.tree(), javaCommand(classes), output, options.silence(), tests);
            } finally {
                wine.end();
                tests.report();
            }
            if (options.mainClass()) {
                return status;
            }
            int passed = tests.requireSuccess(status);
            System.out.printf("Windows lane: %d tests passed in %d s%n", passed,
                    Duration.ofNanos(System.nanoTime() - begin).toSeconds());
            return 0;
        }
    }

    private Path rewrite(Path javaHome) throws IOException, LaneException {
        Path classes = results.resolve("classes");
        List<Path> classPath = new ArrayList<>(options.classes());
        classPath.addAll(folder.classPath());
        ShimTable shims = new ShimTable();
        Downgrade downgrade = new Downgrade(classPath, shims);
        for (Path compiled : options.classes()) {
            downgrade.folder(compiled, classes);
        }
        downgrade.addShims(classes);
        try (LinkCheck check = new LinkCheck(javaHome, shims)) {
            check.check(classes);
        }
        return classes;
    }

    private List<String> javaCommand(Path classes) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(folder.jre().resolve("bin/java.exe").toString());
        command.addAll(List.of("-Xmx1g", "--enable-native-access=ALL-UNNAMED",
                "-Dstdout.encoding=UTF-8", "-Dstderr.encoding=UTF-8",
                "-XX:ErrorFile=" + Wine.windowsPath(results.resolve("crash.txt")), "-XX:-CreateCoredumpOnCrash"));
        command.addAll(forWine());
        folder.nodes().forEach((version, node) ->
                command.add("-Dpanpipe.node" + version + "=" + Wine.windowsPath(node)));
        command.addAll(options.jvmArguments());
        command.add("-cp");
        List<String> classPath = new ArrayList<>(List.of(Wine.windowsPath(classes)));
        folder.classPath().forEach(jar -> classPath.add(Wine.windowsPath(jar)));
        command.add(String.join(";", classPath));
        command.addAll(options.mainClass() ? options.rest() : launcherArguments(classes));
        return command;
    }

    /**
     * Wine 8 lacks a function that Java lists network interfaces by, and the JVM crashes. It would list them to find
     * IPv6's loopback, and to seed {@code SecureRandom} unless Windows's own comes first.
     */
    private List<String> forWine() throws IOException {
        Path providers = results.resolve("java.security");
        Files.write(providers, List.of(
                "security.provider.1=SunMSCAPI",
                "security.provider.2=SUN",
                "security.provider.3=SunRsaSign",
                "security.provider.4=SunEC",
                "security.provider.5=SunJSSE",
                "security.provider.6=SunJCE"));
        return List.of(
                // Fewer threads to start; and no complaint that Wine knows no processor groups.
                "-XX:+UseSerialGC", "-XX:-PrintWarnings",
                "-Djava.net.preferIPv4Stack=true",
                "-Djava.security.properties=" + Wine.windowsPath(providers));
    }

    /** All tests of the lane unless asked otherwise; in any case what makes a run readable and its failure certain. */
    private List<String> launcherArguments(Path classes) {
        List<String> arguments = new ArrayList<>(List.of("org.junit.platform.console.ConsoleLauncher", "execute",
                "--disable-banner", "--disable-ansi-colors", "--fail-if-no-tests",
                "--reports-dir=" + Wine.windowsPath(results.resolve("reports"))));
        if (options.rest().isEmpty()) {
            arguments.add("--scan-classpath=" + Wine.windowsPath(classes));
            arguments.add("--include-tag=windows & !slow");
        } else {
            addUnlessGiven(arguments, "--include-classname", ".*");
        }
        // Classes side by side: on Linux they are in JVMs of their own.
        for (String parameter : List.of("enabled=true", "mode.default=same_thread", "mode.classes.default=concurrent",
                "config.strategy=fixed", "config.fixed.parallelism=2", "config.fixed.max-pool-size=2")) {
            arguments.add("--config=junit.jupiter.execution.parallel." + parameter);
        }
        addUnlessGiven(arguments, "--include-engine", "junit-jupiter");
        addUnlessGiven(arguments, "--details", "testfeed");
        arguments.addAll(options.rest());
        return arguments;
    }

    private void addUnlessGiven(List<String> arguments, String option, String value) {
        if (options.rest().stream().noneMatch(argument -> argument.startsWith(option))) {
            arguments.add(option + "=" + value);
        }
    }
}
