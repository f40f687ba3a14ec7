/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The JUnit 5 extension: loops, real or simulated, as parameters of tests, and a look around for what a test left
 * behind.
 */
@NullMarked
package io.panpipe.junit;

import org.jspecify.annotations.NullMarked;
