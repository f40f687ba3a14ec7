/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A test that is run with many seeds, each on a simulated machine of its own that does all that a system may do. The
 * first seed that fails ends it, and is reported with what happened and the line that runs it again.
 *
 * <p>The configuration parameter of JUnit {@code panpipe.seed}, which is also a system property, runs one seed alone, {@code
 * panpipe.seeds} another number of them, or a range such as {@code 1000-1999}. Where neither is set the environment is asked
 * for {@code PANPIPE_SEED} and {@code PANPIPE_SEEDS}.
 *
 * @since 0.1
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@TestTemplate
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith({SeedProvider.class, PanpipeExtension.class})
public @interface SimulatedTest {

    /**
     * How many seeds, from 1 on.
     *
     * @return 1 or more
     */
    int seeds() default 100;
}
