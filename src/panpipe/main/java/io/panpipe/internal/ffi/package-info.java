/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Links native functions and captures their errors: the one room that may call the Linker or reinterpret memory. */
@NullMarked
package io.panpipe.internal.ffi;

import org.jspecify.annotations.NullMarked;
