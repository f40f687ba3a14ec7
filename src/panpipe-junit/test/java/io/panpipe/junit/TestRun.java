/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs the tests of a class by JUnit, to see what the extension makes of them. */
final class TestRun {

    private TestRun() {}

    /** The tests of a class that ended, by name, and why if they failed. */
    record Outcome(String name, Optional<Throwable> failure) {

        String message() {
            return failure.orElseThrow(() -> new AssertionError(name + " has not failed")).getMessage();
        }
    }

    /** Runs a class of tests, one after the other. */
    static List<Outcome> run(Class<?> tests) {
        return run(tests, Map.of());
    }

    /** Runs a class of tests as {@link #run(Class)}, with more configuration parameters. */
    static List<Outcome> run(Class<?> tests, Map<String, String> parameters) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(tests))
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "false")
                .configurationParameters(parameters)
                .build();
        List<Outcome> outcomes = new ArrayList<>();
        LauncherFactory.create().execute(request, new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest()) {
                    outcomes.add(new Outcome(test.getDisplayName(), result.getThrowable()));
                }
            }
        });
        return outcomes;
    }

    /** Runs a class of one test. */
    static Outcome only(Class<?> tests) {
        List<Outcome> outcomes = run(tests);
        assertEquals(1, outcomes.size(), outcomes::toString);
        return outcomes.getFirst();
    }

    static void assertAllPass(Class<?> tests, int count) {
        List<Outcome> outcomes = run(tests);
        assertEquals(count, outcomes.size(), outcomes::toString);
        for (Outcome outcome : outcomes) {
            assertEquals(Optional.empty(), outcome.failure(), outcome::name);
        }
    }
}
