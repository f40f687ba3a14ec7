/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import io.panpipe.contract.BsdKernelUnderTest;
import io.panpipe.contract.ContractKernel;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledIf;

/** The contract of Tcp, Udp and passed handles on macOS, or on the double of its C library. */
@EnabledIf("io.panpipe.testbed.DarwinDouble#isThere")
class BsdHandlesTest {

    /** Mixed into every theme. */
    interface OnBsd extends HandleSource {
        @Override
        default ContractKernel newKernel() {
            return new BsdKernelUnderTest(false);
        }

        @Override
        default long newFile(ContractKernel kernel) {
            return Libc.memoryFile("a file");
        }
    }

    @Nested
    class TcpConnections extends TcpContract implements OnBsd {}

    @Nested
    class TcpServers extends TcpServerContract implements OnBsd {}

    @Nested
    class UdpDatagrams extends UdpContract implements OnBsd {}

    @Nested
    class UdpAddresses extends UdpAddressContract implements OnBsd {}

    @Nested
    class HandlePassing extends HandlePassingContract implements OnBsd {}

    @Nested
    class PassedKinds extends PassedKindsContract implements OnBsd {}

    @Nested
    class HandleQueue extends HandleQueueContract implements OnBsd {}

    @Nested
    class HandleBurst extends HandleBurstContract implements OnBsd {}

    @Nested
    class RawHandles extends RawHandlesContract implements OnBsd {}

    @Nested
    class LibuvIpc extends LibuvIpcContract implements OnBsd {}
}
