/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Panpipe in {@code jshell}: functions for a prompt, where every line may wait and none should need a try block.
 *
 * <p>The start-up file {@code panpipe.jsh} imports them and opens {@code loop}.
 */
@NullMarked
package io.panpipe.jshell;

import org.jspecify.annotations.NullMarked;
