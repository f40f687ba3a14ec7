/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * The main class of child JVMs, without JUnit, which a child does not have. A scenario is a static method, without
 * parameters or with {@code String...}; it fails by throwing.
 */
public final class ScenarioMain {

    /** Behind what a scenario has printed. */
    static final String PASSED = "\u0001passed\n";
    static final String FAILED = "\u0001failed\n";

    /** A little less than {@link ChildProcess} has. */
    private static final Duration PATIENCE = Patience.seconds(90);

    private static volatile Method running;
    private static volatile List<String> arguments;

    private ScenarioMain() {}

    /**
     * Runs one scenario.
     *
     * @param arguments a class, a method's name and its arguments; or a class alone: then the methods and their arguments
     *     are lines of standard input, with tabs between
     */
    public static void main(String[] arguments) throws Exception {
        DarwinDouble.prepare();
        if (arguments.length == 1) {
            serve(arguments[0]);
        } else if (!passes(arguments[0], Arrays.copyOfRange(arguments, 1, arguments.length))) {
            Runtime.getRuntime().halt(1);
        }
        System.exit(0);
    }

    private static void serve(String scenarios) throws IOException, ReflectiveOperationException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String end = passes(scenarios, line.split("\t", -1)) ? PASSED : FAILED;
            System.err.flush();
            System.out.print(end);
            System.out.flush();
        }
    }

    private static boolean passes(String scenarios, String[] call) throws ReflectiveOperationException {
        running = Arrays.stream(Class.forName(scenarios).getDeclaredMethods())
                .filter(method -> method.getName().equals(call[0]) && !method.isSynthetic()
                        && (method.getParameterCount() == 0
                                || Arrays.equals(method.getParameterTypes(), new Class<?>[] {String[].class})))
                .findFirst().orElseThrow(() -> new NoSuchMethodException(scenarios + "." + call[0]));
        running.setAccessible(true);
        arguments = List.of(call).subList(1, call.length);
        Thread watch = watch();
        try {
            if (running.getParameterCount() == 0) {
                running.invoke(null);
            } else {
                running.invoke(null, (Object) arguments.toArray(String[]::new));
            }
            return true;
        } catch (InvocationTargetException failed) {
            failed.getCause().printStackTrace();
            return false;
        } finally {
            watch.interrupt();
        }
    }

    /** Ends a JVM that hangs, and shows where. */
    private static Thread watch() {
        Thread scenario = Thread.currentThread();
        return Thread.ofPlatform().daemon().start(() -> {
            try {
                Thread.sleep(PATIENCE);
            } catch (InterruptedException ended) {
                return;
            }
            System.err.println(running + " hangs\n" + Stacks.of(scenario) + PanpipeLoops.dump());
            Runtime.getRuntime().halt(3);
        });
    }

    /** Returns the scenario that runs, or ran last. */
    public static Method running() {
        return running;
    }

    /** Returns what it was given behind its name, for scenarios without parameters. */
    public static List<String> arguments() {
        return arguments;
    }
}
