/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import io.panpipe.contract.ContractKernel;
import io.panpipe.contract.LinuxKernelUnderTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The contract of Tcp, Udp and passed handles on Linux. */
@EnabledOnOs(OS.LINUX)
class LinuxHandlesTest {

    /** Mixed into every theme. */
    interface OnLinux extends HandleSource {
        @Override
        default ContractKernel newKernel() {
            return new LinuxKernelUnderTest(false);
        }

        @Override
        default long newFile(ContractKernel kernel) {
            return Libc.memoryFile("a file");
        }
    }

    @Nested
    class TcpConnections extends TcpContract implements OnLinux {}

    @Nested
    class TcpServers extends TcpServerContract implements OnLinux {}

    @Nested
    class UdpDatagrams extends UdpContract implements OnLinux {}

    @Nested
    class UdpAddresses extends UdpAddressContract implements OnLinux {}

    @Nested
    class HandlePassing extends HandlePassingContract implements OnLinux {}

    @Nested
    class PassedKinds extends PassedKindsContract implements OnLinux {}

    @Nested
    class HandleQueue extends HandleQueueContract implements OnLinux {}

    @Nested
    class HandleBurst extends HandleBurstContract implements OnLinux {}

    @Nested
    class RawHandles extends RawHandlesContract implements OnLinux {}

    @Nested
    class LibuvIpc extends LibuvIpcContract implements OnLinux {}
}
