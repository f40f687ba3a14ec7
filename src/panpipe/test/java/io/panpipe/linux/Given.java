/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.linux;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Python code that makes the descriptors of a scenario before its process becomes a JVM, and hands them on by
 * {@code give(fd, number)}. They are numbers of the scenario's own, so that several may run in one process;
 * {@link Scenario#given} translates.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Given {

    /** The code. */
    String value();

    /** Where the descriptors of each scenario lie. */
    final class Layout {

        /** Higher than what Python and a JVM have open before they come to it. */
        private static final int FIRST = 200;

        private static final int EACH = 10;

        private Layout() {}

        private static Stream<Method> methods(Class<?> scenarios) {
            return Arrays.stream(scenarios.getDeclaredMethods())
                    .filter(method -> method.isAnnotationPresent(Given.class))
                    .sorted(Comparator.comparing(Method::getName));
        }

        static int base(Method scenario) {
            return FIRST + EACH * methods(scenario.getDeclaringClass()).toList().indexOf(scenario);
        }

        /** Returns the code of some scenarios, or of all if none is named. */
        static String python(Class<?> scenarios, List<String> names) {
            StringBuilder code = new StringBuilder();
            methods(scenarios).filter(method -> names.isEmpty() || names.contains(method.getName())).forEach(method ->
                    code.append("base = ").append(base(method)).append('\n')
                            .append(method.getAnnotation(Given.class).value().strip()).append('\n'));
            return code.toString();
        }
    }
}
