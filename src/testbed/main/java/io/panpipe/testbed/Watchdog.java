/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Ends tests that hang, and tells which one and where. JUnit finds it by {@code META-INF/services}, and so it guards
 * each test on whose class path it is: from the constructor to what other extensions do after it, each dynamic test and
 * each invocation of a parameterized one by itself, and what a class does before and after all its tests.
 *
 * <p>After the limit it prints the stacks of all threads and the dumps of all open loops, stops the loops, interrupts
 * the test's thread, and lets the test fail whatever comes of that. If nothing does, it says so after a grace period
 * and halts the JVM: the next tests would run beside one whose state nobody knows, or not at all.
 *
 * <p>The limit is {@value #LIMIT}, a parameter of JUnit's configuration, in ISO-8601; or what {@link WatchdogLimit}
 * says. The grace period is {@value #GRACE}. {@link Patience} scales all of them.
 */
public final class Watchdog
        implements BeforeAllCallback, TestInstancePreConstructCallback, BeforeEachCallback, InvocationInterceptor {

    /** The limit's configuration parameter; 3 minutes without. */
    public static final String LIMIT = "panpipe.watchdog.limit";

    /** The grace period's configuration parameter; 1 minute without. */
    public static final String GRACE = "panpipe.watchdog.grace";

    /** Whether only the error has the report, and standard error has not: for tests of the watchdog itself. */
    static final String QUIET = "panpipe.watchdog.quiet";

    private static final Namespace GUARDS = Namespace.create(Watchdog.class);

    /** Makes the extension, as JUnit does. */
    public Watchdog() {}

    /** Returns the guard of a class or a test, which ends with it: after all that other extensions have kept there. */
    private static Guard guard(ExtensionContext context) {
        Store store = context.getStore(GUARDS);
        // A store shows what its parents have: hence a key of its own for each.
        return store.getOrComputeIfAbsent(context.getUniqueId(), id -> begin(context), Guard.class);
    }

    private static Guard begin(ExtensionContext context) {
        boolean quiet = context.getConfigurationParameter(QUIET).map(Boolean::parseBoolean).orElse(false);
        Guard guard = new Guard(name(context), limit(context), time(context, GRACE, Duration.ofMinutes(1)), quiet);
        Guards.begin(guard, parent(context.getParent()));
        return guard;
    }

    /** Returns the guard of the nearest context around this one that has one: not all have, templates for example. */
    private static Guard parent(Optional<ExtensionContext> context) {
        if (context.isEmpty()) {
            return null;
        }
        ExtensionContext around = context.get();
        Guard found = around.getStore(GUARDS).get(around.getUniqueId(), Guard.class);
        return found != null ? found : parent(around.getParent());
    }

    /** Returns class and method, the name in reports where that is another, and what a launcher would select it by. */
    private static String name(ExtensionContext context) {
        String place = place(context);
        String shown = context.getDisplayName();
        boolean other = !place.endsWith(shown.replaceFirst("\\(.*", ""));
        return place + (other ? " \"" + shown + '"' : "") + " (" + context.getUniqueId() + ')';
    }

    /** A dynamic test has no class or method, but was made by one. */
    private static String place(ExtensionContext context) {
        if (context.getTestClass().isEmpty()) {
            return context.getParent().map(Watchdog::place).orElse("");
        }
        String name = context.getRequiredTestClass().getName();
        return name + context.getTestMethod().map(method -> '.' + method.getName()).orElse("");
    }

    private static Duration limit(ExtensionContext context) {
        return declared(Optional.of(context)).map(limit -> Patience.of(Duration.parse(limit.value())))
                .orElseGet(() -> time(context, LIMIT, Duration.ofMinutes(3)));
    }

    private static Optional<WatchdogLimit> declared(Optional<ExtensionContext> context) {
        return context.flatMap(here -> AnnotationSupport.findAnnotation(here.getElement(), WatchdogLimit.class)
                .or(() -> declared(here.getParent())));
    }

    private static Duration time(ExtensionContext context, String parameter, Duration otherwise) {
        return Patience.of(context.getConfigurationParameter(parameter).map(Duration::parse).orElse(otherwise));
    }

    /** Lets JUnit go on, and fails what hung meanwhile, however it ended. */
    private static <T> T run(Invocation<T> invocation, ExtensionContext context) throws Throwable {
        Guard guard = guard(context);
        guard.enter();
        T result;
        try {
            result = invocation.proceed();
        } catch (Throwable thrown) {
            guard.leave(thrown);
            throw thrown;
        }
        guard.leave(null);
        return result;
    }

    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
        return ExtensionContextScope.TEST_METHOD;
    }

    @Override
    public void preConstructTestInstance(TestInstanceFactoryContext factory, ExtensionContext context) {
        guard(context).enter();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        guard(context).enter();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        guard(context).enter();
    }

    @Override
    public <T> T interceptTestClassConstructor(Invocation<T> invocation,
            ReflectiveInvocationContext<Constructor<T>> what, ExtensionContext context) throws Throwable {
        return run(invocation, context);
    }

    @Override
    public void interceptBeforeAllMethod(Invocation<Void> invocation, ReflectiveInvocationContext<Method> what,
            ExtensionContext context) throws Throwable {
        run(invocation, context);
    }

    @Override
    public void interceptBeforeEachMethod(Invocation<Void> invocation, ReflectiveInvocationContext<Method> what,
            ExtensionContext context) throws Throwable {
        run(invocation, context);
    }

    @Override
    public void interceptTestMethod(Invocation<Void> invocation, ReflectiveInvocationContext<Method> what,
            ExtensionContext context) throws Throwable {
        run(invocation, context);
    }

    @Override
    public <T> T interceptTestFactoryMethod(Invocation<T> invocation, ReflectiveInvocationContext<Method> what,
            ExtensionContext context) throws Throwable {
        return run(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(Invocation<Void> invocation, ReflectiveInvocationContext<Method> what,
            ExtensionContext context) throws Throwable {
        run(invocation, context);
    }

    @Override
    public void interceptDynamicTest(Invocation<Void> invocation, DynamicTestInvocationContext what,
            ExtensionContext context) throws Throwable {
        run(invocation, context);
    }

    @Override
    public void interceptAfterEachMethod(Invocation<Void> invocation, ReflectiveInvocationContext<Method> what,
            ExtensionContext context) throws Throwable {
        run(invocation, context);
    }

    @Override
    public void interceptAfterAllMethod(Invocation<Void> invocation, ReflectiveInvocationContext<Method> what,
            ExtensionContext context) throws Throwable {
        run(invocation, context);
    }
}
