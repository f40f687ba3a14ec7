/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That the fixture of the contract sees a descriptor that a test leaves behind, in each way that there is to see it. */
@EnabledOnOs({OS.LINUX, OS.MAC})
@Isolated
class DescriptorsTest {

    private static Map<Long, String> sockets(Descriptors.View view) throws Exception {
        Map<Long, String> sockets = view.all();
        sockets.values().removeIf(target -> !target.startsWith("socket:"));
        return sockets;
    }

    @ParameterizedTest
    @EnumSource
    void aSocketThatIsLeftOpenIsSeen(Descriptors.View view) throws Exception {
        assumeTrue(view.isThere(), "this system has no " + view);
        // The JDK keeps a socket of its own from its first channel on.
        SocketChannel.open(StandardProtocolFamily.UNIX).close();
        Map<Long, String> before = sockets(view);
        SocketChannel left = SocketChannel.open(StandardProtocolFamily.UNIX);
        Map<Long, String> with = sockets(view);
        left.close();
        assertEquals(before, sockets(view));
        with.keySet().removeAll(before.keySet());
        assertEquals(1, with.size(), with::toString);
        with.forEach((number, target) -> {
            assertTrue(Descriptors.isUnique(target), target);
            assertEquals("", view.target(number), "it is closed");
        });
    }
}
