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

/** A message with open handles has left. */
@Name("io.panpipe.HandlesSent")
@Label("Handles Sent")
@Description("Open handles were sent to another process")
@Category({"Panpipe", "Stream"})
@StackTrace(false)
final class HandlesSent extends Event {

    @Label("Handle")
    @Description("The number that Loop.dump() shows in front of the handle")
    String handle = "";

    @Label("Name")
    @Description("Where the handle is bound or connected to; empty if it has no name")
    String name = "";

    @Label("Count")
    @Description("How many handles have left together")
    int count;
}
