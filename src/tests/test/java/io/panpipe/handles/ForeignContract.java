/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.StreamHandle;
import io.panpipe.Tcp;
import io.panpipe.Udp;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A program that connects to an IPC pipe of the test's. */
abstract class ForeignContract extends HandlesContract implements LinuxHandlesTest.OnLinux {

    /** Where the program connects. */
    protected String name;

    private Program program;

    /** What runs elsewhere meanwhile. */
    protected interface Program {

        boolean isAlive();

        /** Returns what it printed so far. */
        String text();

        /** Waits for a good end and returns what it printed. */
        String output() throws InterruptedException;
    }

    /** Begins a program. */
    protected interface Start {
        Program start() throws Exception;
    }

    /** Starts a program, which is to connect to {@link #name}, and returns this side's end. */
    protected final Pipe meet(List<String> command) throws Exception {
        return meet(() -> Programs.start(command));
    }

    protected final Pipe meet(Start other) throws Exception {
        Pipe accepted = new Pipe(loop, true);
        Pipe server = listening(name, (listener, error) -> {
            throwIfAny(error);
            listener.accept(accepted);
            listener.close();
        });
        program = other.start();
        await(() -> accepted.readable());
        server.close();
        return watch(accepted);
    }

    /** Turns the loop until a condition holds; says what the program printed if that ends before. */
    protected final void await(BooleanSupplier condition) {
        runUntil(() -> condition.getAsBoolean() || !program.isAlive());
        if (!condition.getAsBoolean()) {
            // What it sent before it ended may still be on its way.
            settle();
        }
        if (!condition.getAsBoolean()) {
            fail("the program has ended: " + program.text());
        }
    }

    /** Waits for the program's good end and returns what it printed. */
    protected final String ended() throws Exception {
        return program.output();
    }

    /** Makes a handle for a memory file. */
    protected final RawDescriptor memory(String content) throws Exception {
        RawDescriptor file = new RawDescriptor(loop);
        file.open(Libc.memoryFile(content));
        return watch(file);
    }

    /** Accepts a memory file or file and checks what it holds, and that it would not be inherited. */
    protected final void assertFile(String content, Pipe from) throws Exception {
        RawDescriptor received = new RawDescriptor(loop);
        from.accept(received);
        watch(received);
        assertEquals(content, Libc.content(received.fileno()));
        assertEquals(true, Libc.isCloseOnExec(received.fileno()), "close-on-exec");
        received.close();
    }

    /** Accepts a listener and serves echoes. */
    protected final Tcp echoTcp(Pipe from) throws Exception {
        Tcp listener = new Tcp(loop);
        from.accept(listener);
        assertEquals(true, Libc.isCloseOnExec(listener.fileno()), "close-on-exec");
        listener.listen((itself, error) -> {
            throwIfAny(error);
            Tcp connection = new Tcp(loop);
            itself.accept(connection);
            watch(connection).startRead((tcp, data, end) -> {
                if (data == null) {
                    tcp.close();
                } else {
                    tcp.write(data, (stream, refused) -> throwIfAny(refused));
                }
            });
        });
        return watch(listener);
    }

    /** Accepts a Udp socket and echoes datagrams. */
    protected final Udp echoUdp(Pipe from) throws Exception {
        Udp udp = new Udp(loop);
        from.accept(udp);
        assertEquals(true, Libc.isCloseOnExec(udp.fileno()), "close-on-exec");
        udp.startRecv((itself, data, sender, error) ->
                itself.send(data, sender, (sent, refused) -> throwIfAny(refused)));
        return watch(udp);
    }

    /** Asks over TCP and UDP what the program serves there now. */
    protected final void assertServed(Tcp listener, Udp udp) throws Exception {
        InetSocketAddress tcpAddress = listener.localAddress();
        InetSocketAddress udpAddress = udp.localAddress();
        // Both have the same queues: what is not closed here may be served here.
        listener.close();
        udp.close();
        Tcp client = new Tcp(loop);
        client.connect(tcpAddress, (tcp, error) -> throwIfAny(error));
        client.write(bytes("ping"), (tcp, error) -> throwIfAny(error));
        Udp asking = boundUdp();
        Datagrams answers = new Datagrams();
        asking.startRecv(answers);
        asking.send(buffer("pong"), udpAddress, (sent, error) -> throwIfAny(error));
        await(client::readable);
        Collected<Tcp> answer = collect(client);
        await(() -> answer.end() != null && answers.count() == 1);
        assertEquals("python answers ping", answer.text());
        assertEquals(List.of("python answers pong"), answers.texts());
    }

    protected final <S extends StreamHandle<S>> void tell(S stream, String text) {
        stream.write(bytes(text), (itself, error) -> throwIfAny(error));
    }
}
