/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.ErrorCode;
import io.panpipe.Pipe;
import io.panpipe.contract.BsdKernelUnderTest;
import io.panpipe.contract.ContractKernel;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The contract of Tcp, Udp and passed handles on the double of macOS's C library, alone in its JVM: each test ends with the
 * descriptors that it began with. {@link Libc}, which it needs, is Linux's.
 */
@EnabledIf("io.panpipe.testbed.DarwinDouble#isDoubled")
@Isolated
class BsdHandlesTest {

    /** Mixed into every theme. */
    interface OnBsd extends HandleSource {
        @Override
        default ContractKernel newKernel() {
            return new BsdKernelUnderTest();
        }

        @Override
        default long newFile(ContractKernel kernel) {
            return Libc.memoryFile("a file");
        }
    }

    /** No call makes a descriptor so at its birth. */
    @Nested
    class CloseOnExec extends HandlesContract implements OnBsd {

        @Test
        void whatIsReceivedAndMadeIsNotForChildren() throws Exception {
            Ends ends = ipcEnds();
            Ends payload = payload();
            Pipe received = pipe();
            ends.a().write(buffer("x"), logs("sent"), payload.a());
            Arrivals arrivals = Arrivals.at(ends.b(), (pipe, type, from, to) -> pipe.accept(received));
            runUntil(() -> arrivals.size() == 1);
            for (Pipe each : List.of(received, ends.a(), ends.b(), payload.a(), payload.b())) {
                assertTrue(Libc.isCloseOnExec(each.fileno()), each::toString);
            }
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

    /** kqueue tells the end of an anonymous pipe, and not that of a FIFO. */
    @Nested
    class Fifos extends HandlesContract implements OnBsd {

        @Test
        void theEndOfAFifoWithoutANameIsTold() throws Exception {
            Path fifo = Path.of(kernel.freshName());
            assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
            Pipe reader = pipe();
            Collected<Pipe> received;
            // Open both ways, it waits for nobody.
            try (RandomAccessFile writer = new RandomAccessFile(fifo.toFile(), "rw")) {
                int descriptor = Libc.open(fifo);
                Libc.setNonBlocking(descriptor);
                Files.delete(fifo);
                reader.open(descriptor);
                received = collect(reader);
                writer.write(bytes("last words"));
                runUntil(() -> received.size() == 10);
                assertNull(received.end());
            }
            runUntil(() -> received.end() != null);
            assertEquals(ErrorCode.EOF, received.end());
            reader.close();
        }
    }

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

    @Nested
    class Adversity extends LinuxAdversityTest implements OnBsd {
        @Override
        public ContractKernel newKernel() {
            return OnBsd.super.newKernel();
        }

        @Override
        public long newFile(ContractKernel kernel) {
            return OnBsd.super.newFile(kernel);
        }
    }
}
