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
import org.junit.jupiter.api.parallel.Isolated;

/** The contract of handles again, alone in its JVM: each test ends with the descriptors that it began with. */
@EnabledOnOs(OS.LINUX)
@Isolated
class LinuxHandleDescriptorsTest {

    /** Mixed into every theme. */
    interface Alone extends HandleSource {
        @Override
        default ContractKernel newKernel() {
            return new LinuxKernelUnderTest(true);
        }

        @Override
        default long newFile(ContractKernel kernel) {
            return Libc.memoryFile("a file");
        }
    }

    @Nested
    class TcpConnections extends TcpContract implements Alone {}

    @Nested
    class TcpServers extends TcpServerContract implements Alone {}

    @Nested
    class UdpDatagrams extends UdpContract implements Alone {}

    @Nested
    class UdpAddresses extends UdpAddressContract implements Alone {}

    @Nested
    class HandlePassing extends HandlePassingContract implements Alone {}

    @Nested
    class PassedKinds extends PassedKindsContract implements Alone {}

    @Nested
    class HandleQueue extends HandleQueueContract implements Alone {}

    @Nested
    class HandleBurst extends HandleBurstContract implements Alone {}

    @Nested
    class RawHandles extends RawHandlesContract implements Alone {}

    @Nested
    class LibuvIpc extends LibuvIpcContract implements Alone {}
}
