/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.panpipe.internal.kernel.Channel;
import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.Gather;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.PipeChannel;
import io.panpipe.internal.kernel.Region;
import io.panpipe.internal.kernel.Selector;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What epoll tells a selector, in an order that a loop meets only by chance. */
@EnabledOnOs(OS.LINUX)
class LinuxSelectorTest {

    private Selector selector;
    private final List<PipeChannel> open = new ArrayList<>();
    private final List<String> told = new ArrayList<>();

    @BeforeEach
    void openSelector() throws KernelException {
        selector = LinuxSelector.open();
    }

    @AfterEach
    void close() {
        open.forEach(Channel::close);
        selector.close();
    }

    private ChannelListener listener(String name) {
        return new ChannelListener() {
            @Override
            public void ready(int operations) {
                told.add(name);
            }

            @Override
            public void written(int bytes) {
                throw new AssertionError("nothing is in flight on Linux");
            }

            @Override
            public void writeFailed(KernelException error) {
                throw new AssertionError("nothing is in flight on Linux");
            }
        };
    }

    /** Makes two channels, of which the first has something to read and is watched. */
    private PipeChannel readable(String name) throws KernelException {
        PipeChannel[] pair = selector.pair();
        open.addAll(List.of(pair));
        pair[0].listener(listener(name));
        pair[0].interest(Channel.READ);
        Region data = selector.allocate(16);
        Gather gather = new Gather();
        gather.add(data, 0, 1);
        assertEquals(1, pair[1].write(gather));
        return pair[0];
    }

    private void dispatch(int events) {
        for (int i = 0; i < events; i++) {
            selector.dispatch(i);
        }
    }

    @Test
    void aWakeUpBehindEventsTakesNoneOfThemAway() throws Exception {
        for (int i = 0; i < 3; i++) {
            readable("pipe " + i);
        }
        selector.wakeup();
        readable("last");
        assertEquals(4, selector.select(Selector.FOREVER));
        dispatch(4);
        assertEquals(List.of("last", "pipe 0", "pipe 1", "pipe 2"), told.stream().sorted().toList());
    }

    @Test
    void aMereWakeUpIsNoEvent() throws Exception {
        selector.wakeup();
        assertEquals(0, selector.select(Selector.FOREVER));
        assertEquals(0, selector.select(0));
    }

    @Test
    void memoryEndsWithTheSelector() throws Exception {
        Selector other = LinuxSelector.open();
        ByteBuffer bytes = other.allocate(16).bytes();
        bytes.put(0, (byte) 1);
        other.close();
        assertThrows(IllegalStateException.class, () -> bytes.get(0));
    }
}
