/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.jshell;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.channels.PipeChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
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
    private final Consumer<LinePipe> closed;
    private volatile @Nullable IOException failure;

    LinePipe(String name, PipeChannel channel) {
        this(name, channel, connection -> {});
    }

    /**
     * Makes a connection.
     *
     * @param closed told of the close
     */
    LinePipe(String name, PipeChannel channel, Consumer<LinePipe> closed) {
        this.name = name;
        this.channel = channel;
        this.closed = closed;
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
     * @throws IllegalArgumentException if there is a line feed in it, which would make two of it
     */
    public LinePipe send(String line) {
        try {
            channel.writeLine(line);
        } catch (IOException failed) {
            throw broken(failed);
        }
        return this;
    }

    /**
     * Sends bytes, and waits until the system has taken them.
     *
     * @param bytes what to send, with nothing added
     * @return this, for another call
     */
    public LinePipe send(byte[] bytes) {
        try {
            channel.write(ByteBuffer.wrap(bytes));
        } catch (IOException failed) {
            throw broken(failed);
        }
        return this;
    }

    /**
     * Waits for a line.
     *
     * @return the text without its end, or null if the other end has nothing more to send
     * @throws UncheckedIOException if the system refuses, or a line is longer than 1 MiB
     */
    public @Nullable String line() {
        try {
            return channel.readLine();
        } catch (IOException failed) {
            throw broken(failed);
        }
    }

    private UncheckedIOException broken(IOException failed) {
        failure = failed;
        return new UncheckedIOException(failed.getMessage(), failed);
    }

    /** Tells whether something failed only because this connection was closed, by this side or the other one. */
    boolean isEnd(UncheckedIOException failed) {
        IOException why = failed.getCause();
        return why == failure && (!channel.isOpen() || why instanceof PanpipeException told
                && (told.code() == ErrorCode.ECONNRESET || told.code() == ErrorCode.EPIPE));
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
        return Stream.generate(this::line).takeWhile(Objects::nonNull);
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
            throw broken(failed);
        }
        return this;
    }

    /**
     * Returns the channel below, for all that is not lines: what is read there follows on the last line here.
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
        closed.accept(this);
    }

    @Override
    public String toString() {
        return "LinePipe " + name + (channel.isOpen() ? "" : ", closed");
    }
}
