/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/** A peer that is another thread of this JVM, and uses blocking channels of some Java library. */
final class PeerThread implements Peer {

    private static final int PIECE = 100_000;

    private final Transport transport;
    private final Role role;
    private final Task task;
    private final Reports reports = new Reports();
    private final Thread thread;
    private volatile boolean killed;

    /** What differs between libraries. */
    interface Transport {
        ByteChannel connect(Path socket) throws IOException;

        Closeable listen(Path socket) throws IOException;

        ByteChannel accept(Closeable server) throws IOException;

        void endOutput(ByteChannel channel) throws IOException;
    }

    PeerThread(Transport transport, Role role, Task task) {
        this.transport = transport;
        this.role = role;
        this.task = task;
        thread = Thread.ofPlatform().daemon().name("peer " + task).start(this::run);
    }

    private void run() {
        try {
            List<ByteChannel> channels = open(task.kind() == Task.Kind.CROWD ? (int) task.amount() : 1);
            switch (task.kind()) {
                case SINK -> sink(channels.getFirst());
                case SOURCE -> source(channels.getFirst());
                case CROWD -> crowd(channels);
            }
            for (ByteChannel channel : channels) {
                channel.close();
            }
        } catch (IOException | RuntimeException failed) {
            reports.add("failed " + failed);
        } finally {
            reports.end();
        }
    }

    private List<ByteChannel> open(int count) throws IOException {
        List<ByteChannel> channels = new ArrayList<>();
        if (role == Role.PANPIPE_SERVES) {
            for (int i = 0; i < count; i++) {
                channels.add(transport.connect(task.socket()));
            }
            return channels;
        }
        try (Closeable server = transport.listen(task.socket())) {
            reports.add("ready");
            for (int i = 0; i < count; i++) {
                channels.add(transport.accept(server));
            }
        }
        return channels;
    }

    private void sink(ByteChannel channel) throws IOException {
        String digest = receive(channel);
        if (!killed) {
            try {
                writeAll(channel, ByteBuffer.wrap(digest.getBytes(StandardCharsets.US_ASCII)));
            } catch (IOException gone) {
                reports.add("broken " + gone.getMessage());
            }
        }
    }

    private String receive(ByteChannel channel) throws IOException {
        MessageDigest digest = Content.sha256();
        ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE);
        long bytes = 0;
        String error = "none";
        try {
            while (!killed && channel.read(buffer) >= 0) {
                bytes += buffer.flip().remaining();
                digest.update(buffer);
                buffer.clear();
            }
        } catch (IOException gone) {
            error = gone.getMessage();
        }
        String hex = Content.hex(digest);
        reports.add("received " + bytes + " " + hex + " ends=1 error=" + error);
        return hex;
    }

    private void source(ByteChannel channel) throws IOException {
        MessageDigest digest = Content.sha256();
        long sent = 0;
        try {
            while (!killed && sent < task.amount()) {
                byte[] piece = Content.piece(sent, (int) Math.min(PIECE, task.amount() - sent));
                digest.update(piece);
                writeAll(channel, ByteBuffer.wrap(piece));
                sent += piece.length;
            }
        } catch (IOException gone) {
            reports.add("broken " + gone.getMessage());
            return;
        }
        if (!killed) {
            reports.add("sent " + sent + " " + Content.hex(digest));
            transport.endOutput(channel);
            receive(channel);
        }
    }

    private void writeAll(ByteChannel channel, ByteBuffer data) throws IOException {
        while (data.hasRemaining() && !killed) {
            channel.write(data);
        }
    }

    private void crowd(List<ByteChannel> channels) throws IOException {
        int verified = 0;
        boolean begins = role == Role.PANPIPE_SERVES;
        for (int i = 0; i < channels.size() && begins; i++) {
            writeAll(channels.get(i), line(i));
        }
        for (int i = 0; i < channels.size(); i++) {
            ByteBuffer line = readLine(channels.get(i));
            if (!begins) {
                writeAll(channels.get(i), line);
                verified++;
            } else if (line.equals(line(i))) {
                verified++;
            }
        }
        for (int i = 0; i < channels.size() && !begins; i++) {
            if (channels.get(i).read(ByteBuffer.allocate(1)) >= 0) {
                throw new IOException("more than one line");
            }
        }
        reports.add("crowd " + channels.size() + " " + verified);
    }

    private static ByteBuffer line(int number) {
        return ByteBuffer.wrap(("message " + number + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static ByteBuffer readLine(ByteChannel channel) throws IOException {
        ByteBuffer line = ByteBuffer.allocate(64);
        while (line.position() == 0 || line.get(line.position() - 1) != '\n') {
            if (channel.read(line) < 0) {
                throw new IOException("the end in the middle of a line");
            }
        }
        return line.flip();
    }

    @Override
    public String await(String word) {
        return reports.await(word);
    }

    /** Has its own thread close the socket: during a call, no other thread may close a channel of jnr-unixsocket. */
    @Override
    public void kill() {
        killed = true;
    }

    @Override
    public void close() {
        kill();
        Deadline.await("the end of " + thread.getName(), () -> !thread.isAlive());
    }
}
