/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.jshell;

import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.channels.PipeChannel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection, for a prompt: sends and reads lines of text in UTF-8.
 *
 * @since 0.1
 */
public final class LinePipe implements AutoCloseable {

    private final String name;
    private final PipeChannel channel;
    private final BufferedReader reader;

    LinePipe(String name, PipeChannel channel) {
        this.name = name;
        this.channel = channel;
        reader = new BufferedReader(new InputStreamReader(channel.inputStream(), StandardCharsets.UTF_8));
    }

    static LinePipe connect(Loop loop, String name) {
        return new LinePipe(name, Prompt.io(() -> PipeChannel.connect(loop, systemName(name))));
    }

    /** A simple word is portable; the rest is for the system, and cannot hold a NUL at a prompt. */
    static String systemName(String name) {
        if (name.startsWith("@")) {
            return '\0' + name.substring(1);
        }
        return name.contains("/") || name.contains("\\") || name.startsWith("\0") ? name : Pipe.portableName(name);
    }

    /**
     * Sends a line, and waits until the system has taken it.
     *
     * @param line the text without its end, a line feed
     * @return this, for another call
     */
    public LinePipe send(String line) {
        return send((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends bytes, and waits until the system has taken them.
     *
     * @param bytes what to send, with nothing added
     * @return this, for another call
     */
    public LinePipe send(byte[] bytes) {
        Prompt.io(() -> channel.write(ByteBuffer.wrap(bytes)));
        return this;
    }

    /**
     * Waits for a line.
     *
     * @return the text without its end, or null if the other end has nothing more to send
     */
    public @Nullable String line() {
        try {
            return reader.readLine();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed.getMessage(), failed);
        }
    }

    /**
     * Waits for some lines.
     *
     * @param count how many; fewer come only at the end
     * @return the lines
     */
    public List<String> lines(int count) {
        return lines().limit(count).toList();
    }

    /**
     * Returns all lines that are still to come, each when it is there.
     *
     * @return the lines up to the end
     */
    public Stream<String> lines() {
        return reader.lines();
    }

    /**
     * Says that nothing more will be sent: the other end reads the end. Reading goes on.
     *
     * @return this, for another call
     */
    public LinePipe end() {
        try {
            channel.shutdownOutput();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed.getMessage(), failed);
        }
        return this;
    }

    /**
     * Returns the channel below, for all that is not lines. What this has read already is not in it.
     *
     * @return the channel, which closes with this
     */
    public PipeChannel channel() {
        return channel;
    }

    /** Closes the connection. Idempotent. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed.getMessage(), failed);
        }
    }

    @Override
    public String toString() {
        return "LinePipe " + name + (channel.isOpen() ? "" : ", closed");
    }
}
