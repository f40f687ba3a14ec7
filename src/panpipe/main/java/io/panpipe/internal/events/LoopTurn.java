/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/** A loop has worked for long before it could look for events again: all its handles have waited so long. */
@Name("io.panpipe.LoopTurn")
@Label("Loop Turn")
@Description("How long a loop worked between two waits for events; a long turn delays everything else on the loop")
@Category({"Panpipe", "Loop"})
@Threshold("20 ms")
@StackTrace(false)
final class LoopTurn extends Event {

    @Label("Turn")
    @Description("The number of the turn, from the first of the loop on")
    long turn;

    @Label("Events")
    @Description("How many readiness events the operating system reported for this turn")
    int events;
}
