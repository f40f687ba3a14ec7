/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.events;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A handle is closed, and was of so much use. */
@Name("io.panpipe.HandleClosed")
@Label("Handle Closed")
@Description("A handle is closed: nothing of it is in flight any more, and its close callback is due")
@Category({"Panpipe", "Handle"})
@StackTrace(false)
final class HandleClosed extends Event {

    @Label("Type")
    @Description("The class of the handle: Pipe, Tcp, Udp, Timer, …")
    String type = "";

    @Label("Handle")
    @Description("The number that Loop.dump() shows in front of the handle")
    String handle = "";

    @Label("Name")
    @Description("Where the handle is bound or connected to; empty if it has no name")
    String name = "";

    @Label("Lifetime")
    @Description("Time since the handle was made, by the clock of its loop")
    @Timespan(Timespan.NANOSECONDS)
    long lifetime;

    @Label("Bytes Read")
    @Description("Bytes that the handle has read or received")
    @DataAmount
    long bytesRead;

    @Label("Bytes Written")
    @Description("Bytes that the system has taken from the handle")
    @DataAmount
    long bytesWritten;
}
