/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Events of JDK Flight Recorder: the only room that sees jdk.jfr, which a run-time image may lack. */
@NullMarked
package io.panpipe.internal.events;

import org.jspecify.annotations.NullMarked;
