/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.junit;

import io.panpipe.Loop;
import io.panpipe.testing.SimulatedKernel;
import java.lang.reflect.Constructor;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Gives tests their loops, and fails those that leave something behind.
 *
 * <p>Parameters of test methods, {@code @BeforeEach} and {@code @AfterEach}:
 *
 * <ul>
 *   <li>{@link Loop}: a new one, of the running system, or of a simulated machine where the test or its class is {@link
 *       Simulated} or the test a {@link SimulatedTest};
 *   <li>{@link SimulatedKernel}: the simulated machine itself;
 *   <li>{@code @}{@link FreshName} {@code String}: a pipe name that nobody has.
 * </ul>
 *
 * <p>Loops are closed after the test. It fails if a callback threw something; if a handle was left open, or a loop did
 * not run until the callbacks of one that was closed had come; and if a descriptor (on Linux), a file of the fresh
 * name or a platform thread is left. Descriptors and threads are those of the whole JVM, and so looked for only where
 * JUnit does not run tests in parallel.
 *
 * @since 0.1
 */
public final class PanpipeExtension implements ParameterResolver, BeforeEachCallback, AfterEachCallback {

    /** Makes the extension, as JUnit does for {@code @ExtendWith}. */
    public PanpipeExtension() {}

    @Override
    public void beforeEach(ExtensionContext context) {
        TestBed bed = TestBed.of(context);
        AnnotationSupport.findAnnotation(context.getTestMethod(), Simulated.class)
                .or(() -> ofClasses(context.getTestClass()))
                .ifPresent(simulated -> bed.simulate(simulated.seed()));
    }

    /** Returns the annotation of a class of tests, or else of the classes that it is nested in. */
    private static Optional<Simulated> ofClasses(Optional<Class<?>> tests) {
        return tests.flatMap(type -> AnnotationSupport.findAnnotation(type, Simulated.class)
                .or(() -> ofClasses(Optional.ofNullable(type.getEnclosingClass()))));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        if (parameter.getDeclaringExecutable() instanceof Constructor || context.getTestMethod().isEmpty()) {
            // What is longer than one test has no place here: each test is looked at by itself.
            return false;
        }
        Class<?> type = parameter.getParameter().getType();
        return type == Loop.class
                || type == SimulatedKernel.class
                || type == String.class && parameter.isAnnotated(FreshName.class);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        TestBed bed = TestBed.of(context);
        Class<?> type = parameter.getParameter().getType();
        if (type == Loop.class) {
            return bed.loop();
        }
        return type == String.class
                ? bed.freshName()
                : bed.kernel().orElseThrow(() -> new ParameterResolutionException(
                        "this test runs on the real system: annotate it with @Simulated or @SimulatedTest"));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        TestBed.of(context).finish(context);
    }
}
