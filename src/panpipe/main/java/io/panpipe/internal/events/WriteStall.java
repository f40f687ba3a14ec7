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
import jdk.jfr.Threshold;

/** A stream had bytes to send and the other end took none of them for a while. */
@Name("io.panpipe.WriteStall")
@Label("Write Stall")
@Description("How long a stream had bytes to send of which the system took none, because the other end does not read")
@Category({"Panpipe", "Stream"})
@Threshold("20 ms")
@StackTrace(false)
final class WriteStall extends Event {

    @Label("Handle")
    @Description("The number that Loop.dump() shows in front of the handle")
    String handle = "";

    @Label("Name")
    @Description("Where the handle is bound or connected to; empty if it has no name")
    String name = "";

    @Label("Waiting")
    @Description("Bytes that waited when the stall began")
    @DataAmount
    long waiting;
}
