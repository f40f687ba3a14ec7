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

/** A connection waits and the system refuses to accept it, mostly because there is no descriptor left. */
@Name("io.panpipe.AcceptFailed")
@Label("Accept Failed")
@Description("The system refused to accept a connection; it is tried again every 100 ms, and clients wait meanwhile")
@Category({"Panpipe", "Stream"})
@StackTrace(false)
final class AcceptFailed extends Event {

    @Label("Handle")
    @Description("The number that Loop.dump() shows in front of the handle")
    String handle = "";

    @Label("Name")
    @Description("Where the handle is bound or connected to; empty if it has no name")
    String name = "";

    @Label("Code")
    @Description("The error, such as EMFILE")
    String code = "";
}
