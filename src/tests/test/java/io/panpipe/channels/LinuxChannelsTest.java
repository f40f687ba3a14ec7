/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Channels on Linux. */
@EnabledOnOs(OS.LINUX)
class LinuxChannelsTest {

    @Nested
    class Blocking extends BlockingContract {}

    @Nested
    class Buffer extends BufferContract {}

    @Nested
    class Future extends FutureContract {}

    @Nested
    class EndOfWait extends EndOfWaitContract {}

    @Nested
    class Messages extends MessagesContract {}

    @Nested
    class Answers extends AnswersContract {}

    @Nested
    class Sockets extends SocketContract {}
}
