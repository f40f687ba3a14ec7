/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import io.panpipe.contract.ContractKernel;
import io.panpipe.contract.SimulatedKernelUnderTest;
import io.panpipe.internal.simulated.SimulatedKernel;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The contract of Tcp, Udp and passed handles on the simulated kernel, with nothing left to chance. */
@Tag("simulated")
class QuietHandlesTest {

    /** Mixed into every theme. */
    interface OnQuiet extends HandleSource {
        @Override
        default ContractKernel newKernel() {
            return SimulatedKernelUnderTest.quiet();
        }

        @Override
        default long newFile(ContractKernel kernel) throws Exception {
            return ((SimulatedKernel) kernel.kernel()).openFile();
        }
    }

    @Nested
    class TcpConnections extends TcpContract implements OnQuiet {}

    @Nested
    class TcpServers extends TcpServerContract implements OnQuiet {}

    @Nested
    class UdpDatagrams extends UdpContract implements OnQuiet {}

    @Nested
    class UdpAddresses extends UdpAddressContract implements OnQuiet {}

    @Nested
    class HandlePassing extends HandlePassingContract implements OnQuiet {}

    @Nested
    class PassedKinds extends PassedKindsContract implements OnQuiet {}

    @Nested
    class HandleQueue extends HandleQueueContract implements OnQuiet {}

    @Nested
    class HandleBurst extends HandleBurstContract implements OnQuiet {}

    @Nested
    class RawHandles extends RawHandlesContract implements OnQuiet {}

    @Nested
    class LibuvIpc extends LibuvIpcContract implements OnQuiet {}
}
