/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** The machinery of a loop: turns, timers, tasks, what is due, the list of handles, who owns it, its memory, the log. */
@NullMarked
package io.panpipe.internal.loop;

import org.jspecify.annotations.NullMarked;
