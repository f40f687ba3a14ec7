/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.junit;

import io.panpipe.testing.Simulation;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.IncompleteExecutionException;

/** Invokes a {@link SimulatedTest} with one seed after the other, until one fails. */
final class SeedProvider implements TestTemplateInvocationContextProvider {

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return AnnotationSupport.isAnnotated(context.getTestMethod(), SimulatedTest.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        int seeds = AnnotationSupport.findAnnotation(context.getTestMethod(), SimulatedTest.class)
                .orElseThrow()
                .seeds();
        AtomicBoolean failed = new AtomicBoolean();
        // Asked for one by one, so that none comes after a failure.
        return Simulation.seeds(seeds, key -> context.getConfigurationParameter(key).orElse(null))
                .takeWhile(seed -> !failed.get()).mapToObj(seed -> new Invocation(seed, failed));
    }

    /** One seed. */
    private record Invocation(long seed, AtomicBoolean failed) implements TestTemplateInvocationContext {

        @Override
        public String getDisplayName(int index) {
            return "seed " + seed;
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new Seed(seed, failed));
        }
    }

    /** Hands the seed to the {@link PanpipeExtension}, and looks at the end, after it, how the test went. */
    private record Seed(long seed, AtomicBoolean failed)
            implements BeforeEachCallback,
                    LifecycleMethodExecutionExceptionHandler,
                    TestExecutionExceptionHandler,
                    AfterEachCallback {

        @Override
        public void beforeEach(ExtensionContext context) {
            TestBed.of(context).simulate(seed, failed);
        }

        @Override
        public void handleTestExecutionException(ExtensionContext context, Throwable thrown) throws Throwable {
            // An assumption that does not hold is no failure.
            throw thrown instanceof IncompleteExecutionException ? thrown : TestBed.of(context).told(context, thrown);
        }

        @Override
        public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable thrown)
                throws Throwable {
            handleTestExecutionException(context, thrown);
        }

        @Override
        public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable thrown)
                throws Throwable {
            handleTestExecutionException(context, thrown);
        }

        @Override
        public void afterEach(ExtensionContext context) {
            if (context.getExecutionException().isPresent()) {
                failed.set(true);
            }
        }
    }
}
