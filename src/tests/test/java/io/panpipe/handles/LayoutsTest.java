/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.internal.linux.LinuxLayouts;
import io.panpipe.internal.unix.UnixLayouts;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The structures of handles and addresses, as the C compiler lays them out. */
@EnabledOnOs(OS.LINUX)
class LayoutsTest {

    private static Map<String, StructLayout> ours() throws IllegalAccessException {
        Map<String, StructLayout> layouts = new HashMap<>();
        for (Class<?> holder : List.of(UnixLayouts.class, LinuxLayouts.class)) {
            for (Field field : holder.getFields()) {
                if (field.get(null) instanceof StructLayout layout) {
                    layouts.put(layout.name().orElseThrow(), layout);
                }
            }
        }
        return layouts;
    }

    @Test
    void sizesAndOffsetsAreThoseOfTheCompiler() throws Exception {
        Map<String, StructLayout> layouts = ours();
        Map<String, Long> expected = new TreeMap<>();
        Map<String, Long> actual = new TreeMap<>();
        for (String line : Programs.output(Programs.handles().toString(), "layouts").lines().toList()) {
            String[] words = line.split(" ");
            String[] names = words[0].split("\\.");
            StructLayout layout = layouts.get(names[0]);
            if (layout != null) {
                expected.put(words[0], Long.valueOf(words[1]));
                actual.put(words[0], names.length == 1
                        ? layout.byteSize()
                        : layout.byteOffset(PathElement.groupElement(names[1])));
            }
        }
        assertEquals(expected, actual);
        assertTrue(expected.keySet().containsAll(Set.of(
                "cmsghdr", "sockaddr_in", "sockaddr_in6", "ip_mreqn", "ipv6_mreq", "msghdr", "iovec")),
                expected::toString);
    }

    /** The library writes the descriptors right behind the head, and rounds up to eight bytes. */
    @Test
    void controlMessagesAreAlignedAsTheLibraryAssumes() throws Exception {
        Map<String, Long> constants = new HashMap<>();
        for (String line : Programs.output(Programs.handles().toString(), "layouts").lines().toList()) {
            constants.put(line.split(" ")[0], Long.valueOf(line.split(" ")[1]));
        }
        assertEquals(LinuxLayouts.CMSGHDR.byteSize(), constants.get("CMSG_LEN(0)"));
        assertEquals((LinuxLayouts.CMSGHDR.byteSize() + 4 * 253 + 7) / 8 * 8, constants.get("CMSG_SPACE(4*253)"));
        assertEquals(1, constants.get("SCM_RIGHTS"));
        assertEquals(8, constants.get("MSG_CTRUNC"));
    }
}
