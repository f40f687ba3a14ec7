/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.panpipe.Handle;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.Tcp;
import io.panpipe.Udp;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Handles to and from Python: socket.send_fds and recv_fds, and what multiprocessing uses. */
@EnabledOnOs(OS.LINUX)
class PythonPassingTest extends ForeignContract {

    private static final int MOST = 253;

    @TempDir
    private Path directory;

    @BeforeEach
    void takeAName() {
        name = kernel.freshName();
    }

    private Pipe python(String role) throws Exception {
        return meet(Programs.python(directory, role, name));
    }

    /** Opens a file on disk. */
    private RawDescriptor file(String content) throws Exception {
        Path file = Files.writeString(directory.resolve("file"), content);
        RawDescriptor raw = new RawDescriptor(loop);
        raw.open(Libc.open(file));
        return watch(raw);
    }

    private void assertEchoes(Pipe pipe) throws Exception {
        Tcp listener = echoTcp(pipe);
        Udp udp = echoUdp(pipe);
        assertEquals(0, pipe.pendingCount());
        tell(pipe, "taken");
        pipe.stopRead();
        Collected<Pipe> end = collect(pipe);
        await(() -> end.end() != null);
        ended();
        listener.close();
        udp.close();
    }

    @Test
    void sendFdsArrivesHere() throws Exception {
        Pipe pipe = python("send_fds");
        Arrivals arrivals = Arrivals.at(pipe);
        await(() -> arrivals.size() == 16);
        assertEquals("four descriptors", arrivals.text());
        assertEquals(4, pipe.pendingCount());
        assertFile("python's memory", pipe);
        assertFile("a file of python's", pipe);
        assertEchoes(pipe);
    }

    @Test
    void recvFdsGetsWhatIsSentHere() throws Exception {
        Pipe pipe = python("recv_fds");
        Tcp listener = boundTcp();
        listener.listen((itself, error) -> log.add("accepted here"));
        Udp udp = boundUdp();
        pipe.write(buffer("four descriptors"), logs("sent"),
                memory("panpipe's memory"), file("panpipe's file"), listener, udp);
        Arrivals answer = Arrivals.at(pipe);
        await(() -> answer.size() == 5);
        assertEquals("taken", answer.text());
        assertServed(listener, udp);
        ended();
        assertEquals(java.util.List.of("sent"), log);
    }

    @Test
    void asManyAsOneMessageTakesArriveThere() throws Exception {
        Pipe pipe = python("recv_hundreds");
        Handle[] handles = new Handle[MOST];
        Arrays.fill(handles, memory("the same"));
        pipe.write(ByteBuffer.wrap(bytes("x")), logs("sent"), handles);
        Arrivals end = Arrivals.at(pipe);
        await(() -> end.end() != null);
        ended();
    }

    @Test
    void asManyAsOneMessageTakesArriveHere() throws Exception {
        Pipe pipe = python("send_hundreds");
        Arrivals arrivals = Arrivals.at(pipe);
        await(() -> arrivals.size() == 1);
        assertEquals(MOST, pipe.pendingCount());
        for (int i = 0; i < MOST; i++) {
            assertFile("the same", pipe);
        }
        tell(pipe, "taken");
        await(() -> arrivals.end() != null);
        ended();
    }

    @Test
    void multiprocessingSendsHandlesHere() throws Exception {
        Pipe pipe = python("send_handle");
        Arrivals arrivals = Arrivals.at(pipe);
        await(() -> arrivals.size() == 4 && pipe.pendingCount() == 5);
        assertEquals("\1\1\1\2", arrivals.text());
        assertFile("python's memory", pipe);
        Tcp listener = echoTcp(pipe);
        Udp udp = echoUdp(pipe);
        assertFile("one", pipe);
        assertFile("two", pipe);
        tell(pipe, "taken");
        await(() -> arrivals.end() != null);
        ended();
        listener.close();
        udp.close();
    }

    @Test
    void multiprocessingReceivesHandlesFromHere() throws Exception {
        Pipe pipe = python("recv_handle");
        Tcp listener = boundTcp();
        listener.listen((itself, error) -> log.add("accepted here"));
        Udp udp = boundUdp();
        pipe.write(buffer("\1"), logs("sent"), memory("panpipe's memory"));
        pipe.write(buffer("\1"), logs("sent"), listener);
        pipe.write(buffer("\1"), logs("sent"), udp);
        pipe.write(buffer("\2"), logs("sent"), memory("one"), memory("two"));
        Arrivals answer = Arrivals.at(pipe);
        await(() -> answer.size() == 5);
        assertServed(listener, udp);
        ended();
    }

    @Test
    void whatArrivesIsCloseOnExecWhateverTheSenderHad() throws Exception {
        Pipe pipe = python("close_on_exec");
        Arrivals arrivals = Arrivals.at(pipe);
        await(() -> arrivals.size() == 1);
        assertFile("inheritable", pipe);
        assertFile("inheritable", pipe);
        tell(pipe, "taken");
        await(() -> arrivals.end() != null);
        ended();
    }
}
