/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * On a test or a class of tests, with those nested in it: their loops are those of a {@linkplain
 * io.panpipe.testing.SimulatedKernel simulated machine}, one for each test, on which nothing is left to chance unless a
 * seed is given.
 *
 * @since 0.1
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(PanpipeExtension.class)
public @interface Simulated {

    /**
     * The seed that all chance comes from; 0 for a machine without chance.
     *
     * @return any number
     */
    long seed() default 0;
}
