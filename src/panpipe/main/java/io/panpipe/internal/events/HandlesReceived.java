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

/** A message with open handles has come. */
@Name("io.panpipe.HandlesReceived")
@Label("Handles Received")
@Description("Open handles came from another process")
@Category({"Panpipe", "Stream"})
@StackTrace(false)
final class HandlesReceived extends Event {

    @Label("Handle")
    @Description("The number that Loop.dump() shows in front of the handle")
    String handle = "";

    @Label("Name")
    @Description("Where the handle is bound or connected to; empty if it has no name")
    String name = "";

    @Label("Count")
    @Description("How many handles came with one message")
    int count;

    @Label("Truncated")
    @Description("Whether there were more than this process has descriptors for; then none is delivered")
    boolean truncated;
}
