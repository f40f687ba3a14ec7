/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import static io.panpipe.handles.Scenario.check;
import static io.panpipe.handles.Scenario.checkEquals;
import static io.panpipe.handles.Scenario.pass;

import io.panpipe.ErrorCode;
import io.panpipe.Handle;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.PendingType;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.Tcp;
import io.panpipe.Udp;
import java.nio.ByteBuffer;
import java.util.Random;

/**
 * One of two ends that send each other handles with data as fast as they can, and check what comes. Both know from the
 * seed what the other one sends.
 */
final class Exchange {

    private static final int MOST_PER_MESSAGE = 5;
    private static final int MOST_BYTES = 3_000;
    private static final int AHEAD = 64;

    /** What is sent, over and over: a Udp, a Tcp, a pipe and a memory file. */
    private final Handle[] kinds;
    private final Pipe end;
    private final Loop loop;
    private final Random sizes;
    private int count;
    private int sent;
    private int requests;
    private long bytesSent;
    private int received;
    private long bytesReceived;
    private boolean ended;

    Exchange(Pipe end, long seed) throws PanpipeException {
        this.end = end;
        loop = end.loop();
        sizes = new Random(seed);
        kinds = kinds(loop);
        end.startRead2((pipe, data, pending, error) -> {
            if (data == null) {
                checkEquals(ErrorCode.EOF, error.code());
                ended = true;
                return;
            }
            read(data);
            while (pipe.pendingCount() > 0) {
                take(pipe);
            }
        });
    }

    /** Sends so many handles more, and expects as many. */
    void more(int handles) throws PanpipeException {
        count += handles;
        for (int i = 0; i < AHEAD; i++) {
            send();
        }
    }

    private static Handle[] kinds(Loop loop) throws PanpipeException {
        Udp udp = new Udp(loop);
        udp.bind(Scenario.anyPort());
        Tcp tcp = new Tcp(loop);
        tcp.bind(Scenario.anyPort());
        Pipe[] pair = Pipe.pair(loop);
        pair[1].close();
        RawDescriptor file = new RawDescriptor(loop);
        file.open(Libc.memoryFile("exchanged"));
        return new Handle[] {udp, tcp, pair[0], file};
    }

    private void send() throws PanpipeException {
        if (sent == count) {
            return;
        }
        Handle[] handles = new Handle[Math.min(1 + sizes.nextInt(MOST_PER_MESSAGE), count - sent)];
        for (int i = 0; i < handles.length; i++) {
            handles[i] = kinds[sent++ % kinds.length];
        }
        byte[] data = new byte[1 + sizes.nextInt(MOST_BYTES)];
        for (int i = 0; i < data.length; i++) {
            data[i] = byteAt(bytesSent++);
        }
        requests++;
        end.write(ByteBuffer.wrap(data), (pipe, error) -> {
            pass(error);
            requests--;
            send();
        }, handles);
    }

    private static byte byteAt(long position) {
        return (byte) (position * 31 + (position >>> 8) * 7);
    }

    private void read(ByteBuffer data) {
        while (data.hasRemaining()) {
            byte next = data.get();
            check(next == byteAt(bytesReceived), "the wrong byte at " + bytesReceived);
            bytesReceived++;
        }
    }

    private void take(Pipe pipe) throws Exception {
        PendingType[] types = {PendingType.UDP, PendingType.TCP, PendingType.PIPE, PendingType.DESCRIPTOR};
        int kind = received++ % types.length;
        checkEquals(types[kind], pipe.pendingType());
        switch (types[kind]) {
            case UDP -> {
                Udp udp = new Udp(loop);
                pipe.accept(udp);
                check(udp.localAddress().getPort() > 0, "no port");
                udp.close();
            }
            case TCP -> {
                Tcp tcp = new Tcp(loop);
                pipe.accept(tcp);
                check(tcp.localAddress().getPort() > 0, "no port");
                tcp.close();
            }
            case PIPE -> {
                Pipe received = new Pipe(loop);
                pipe.accept(received);
                received.close();
            }
            default -> {
                RawDescriptor file = new RawDescriptor(loop);
                pipe.accept(file);
                if (received % 100 == 0) {
                    checkEquals("exchanged", Libc.content(file.fileno()));
                }
                file.close();
            }
        }
    }

    /** Tells whether this end has sent all; the other end may be further already. */
    boolean isDone() {
        return sent == count && requests == 0 && received >= count;
    }

    /** Says goodbye and waits for the other end's. */
    void finish() {
        end.shutdown((pipe, error) -> pass(error));
        Scenario.runUntil(loop, () -> ended);
        end.close();
        for (Handle kind : kinds) {
            kind.close();
        }
    }
}
