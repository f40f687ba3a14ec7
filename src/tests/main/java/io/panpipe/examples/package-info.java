/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Example programs: whole, small, and run by the tests beside them. They use the public API only. */
@NullMarked
package io.panpipe.examples;

import org.jspecify.annotations.NullMarked;
