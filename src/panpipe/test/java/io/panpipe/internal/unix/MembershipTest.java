/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.util.List;
import org.junit.jupiter.api.Test;

/** By which address macOS is told the interface of a membership. */
class MembershipTest {

    @Test
    void anInterfaceWithoutAnIpv4AddressIsNotAnother() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(UnixLayouts.IP_MREQN);
            KernelException refused = assertThrows(
                    KernelException.class, () -> UdpSocket.address(List.of(), request));
            assertEquals(Fault.EADDRNOTAVAIL, refused.fault());
        }
    }

    @Test
    void theIpv4AddressIsTaken() throws Exception {
        byte[] local = {127, 0, 0, 1};
        List<InterfaceAddress> loopback = NetworkInterface.getByInetAddress(InetAddress.getByAddress(local))
                .getInterfaceAddresses();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(UnixLayouts.IP_MREQN);
            UdpSocket.address(loopback, request);
            assertArrayEquals(local, request.asSlice(UnixLayouts.MREQN_ADDRESS, 4).toArray(ValueLayout.JAVA_BYTE));
        }
    }
}
