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

/** A handle was made; the stack trace shows by whom. */
@Name("io.panpipe.HandleOpened")
@Label("Handle Opened")
@Description("A handle was made")
@Category({"Panpipe", "Handle"})
final class HandleOpened extends Event {

    @Label("Type")
    @Description("The class of the handle: Pipe, Tcp, Udp, Timer, …")
    String type = "";

    @Label("Handle")
    @Description("The number that Loop.dump() shows in front of the handle")
    String handle = "";
}
