/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.PeerCredentials;
import io.panpipe.Pipe;
import io.panpipe.framing.Framing;
import io.panpipe.framing.FramingException;
import io.panpipe.framing.MessageDecoder;
import io.panpipe.internal.stream.CallerIo;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection over a pipe, for code that waits: a Unix domain socket, or a named pipe of Windows.
 *
 * <p>Its calls block the calling thread, and are made for virtual ones: none of them pins a carrier. On Linux the calling
 * thread reads and writes for itself, and the thread of a {@link Loop} wakes it where it has to wait; elsewhere that thread does
 * the work. A channel keeps it running until it is closed. Where nothing may wait, there are
 * futures of the same calls, which also work on a simulated loop. A future is completed, and what depends on it called,
 * on the loop's thread, unless it is complete when its method returns. Of several reads in a row not all are, though the
 * data is there, so that a chain of them does not nest without a bound on the loop's thread. On another one it may: begin
 * such a chain by {@link Loop#execute}, or go on by {@code thenAcceptAsync(…, loop)}.
 *
 * <p>Any thread may call any method. Of several threads that read, one reads after the other, and so with writing.
 * Reading and writing go on side by side. It is interruptible and closable as {@link
 * java.nio.channels.InterruptibleChannel} describes: a thread that waits while another one closes the channel gets an
 * {@link AsynchronousCloseException}, an interrupted one closes it, gets a {@link ClosedByInterruptException} and stays
 * interrupted, and later calls get a {@link ClosedChannelException}.
 *
 * <p>Blocking calls throw an {@link IllegalStateException} where the wait would have no end: on the loop's own thread,
 * if nobody runs the loop, and on a simulated one ({@link Loop#requireRunningElsewhere}). A thread that waits already
 * when {@link Loop#stop} ends the run waits until the loop is run again or closed; when {@link Loop#run()} throws, it gets an
 * {@link IOException}.
 *
 * <p>Data that comes while nobody reads stays with the system where threads read for themselves; elsewhere, and after a
 * {@link #readAsync}, it is queued: up to about 192 KiB, then the loop stops reading. In both cases the sender then waits.
 *
 * @since 0.1
 */
public final class PipeChannel extends LoopChannel
        implements ByteChannel, GatheringByteChannel, ScatteringByteChannel {

    private final Incoming incoming;
    private final Outgoing outgoing = new Outgoing();
    private final BlockingReader reader;
    private final BlockingWriter writer;

    private PipeChannel(Pipe pipe) {
        super(pipe);
        incoming = new Incoming(this, pipe);
        reader = new BlockingReader(this, incoming);
        writer = new BlockingWriter(this, pipe, outgoing);
    }

    // Making one.

    /**
     * Connects to a server over the loop that all share, see {@link LoopThread#sharedLoop}; waits while its backlog is
     * full.
     *
     * @param name the server's name, as {@link Pipe#portableName} makes it
     * @return the connection
     * @throws PanpipeException ENOENT if there is no such name, ECONNREFUSED if nobody listens there, EACCES, …
     * @throws ClosedByInterruptException if this thread is interrupted
     */
    public static PipeChannel connect(String name) throws IOException {
        return connect(LoopThread.sharedLoop(), name);
    }

    /**
     * Connects to a server; waits while its backlog is full.
     *
     * @param loop a loop that another thread runs
     * @param name the server's name
     * @return the connection
     * @throws PanpipeException ENOENT if there is no such name, ECONNREFUSED if nobody listens there, EACCES, …
     * @throws ClosedByInterruptException if this thread is interrupted
     * @throws AsynchronousCloseException if the loop is closed meanwhile
     * @throws IllegalStateException if this thread cannot wait for the loop
     */
    public static PipeChannel connect(Loop loop, String name) throws IOException {
        return ConnectOperation.connect(loop, name, null);
    }

    /**
     * Connects to a server; waits no longer than for a time.
     *
     * @param loop a loop that another thread runs
     * @param name the server's name
     * @param timeout how long to wait while the server's backlog is full; zero tries once
     * @return the connection
     * @throws PanpipeException ETIMEDOUT if the backlog stays full; ENOENT, ECONNREFUSED, EACCES, …
     * @throws ClosedByInterruptException if this thread is interrupted
     * @throws AsynchronousCloseException if the loop is closed meanwhile
     * @throws IllegalArgumentException if the timeout is negative or longer than 292 years
     * @throws IllegalStateException if this thread cannot wait for the loop
     */
    public static PipeChannel connect(Loop loop, String name, Duration timeout) throws IOException {
        return ConnectOperation.connect(loop, name, Objects.requireNonNull(timeout, "timeout"));
    }

    /**
     * Connects to a server, for a future; see {@link #connect(Loop, String)}. The loop may be one that nobody runs yet,
     * or a simulated one.
     *
     * @param loop any loop that is not closed
     * @param name the server's name
     * @return the connection to come; cancelled, it is given up
     */
    public static CompletableFuture<PipeChannel> connectAsync(Loop loop, String name) {
        return ConnectOperation.connectSoon(loop, name, null);
    }

    /**
     * Connects to a server, for a future; see {@link #connect(Loop, String, Duration)}.
     *
     * @param loop any loop that is not closed
     * @param name the server's name
     * @param timeout how long to wait while the server's backlog is full; zero tries once
     * @return the connection to come; cancelled, it is given up
     * @throws IllegalArgumentException if the timeout is negative or longer than 292 years
     */
    public static CompletableFuture<PipeChannel> connectAsync(Loop loop, String name, Duration timeout) {
        return ConnectOperation.connectSoon(loop, name, Objects.requireNonNull(timeout, "timeout"));
    }

    /**
     * Makes a channel of a pipe: of one that a callback accepted, {@link Pipe#open} adopted or {@link Pipe#pair} made.
     * The pipe belongs to the channel from now on and is closed with it.
     *
     * <p>To be called on the thread of the pipe's loop. Handles that come over an ipc pipe are closed.
     *
     * @param pipe a pipe that is connected and does not read
     * @return the channel, for any thread
     * @throws PanpipeException if the system cannot watch the descriptor
     * @throws IllegalStateException if the pipe is not connected, reads already or is a channel's; it stays what it was
     */
    public static PipeChannel of(Pipe pipe) throws PanpipeException {
        PipeChannel channel = new PipeChannel(pipe);
        try {
            channel.start();
            channel.own();
        } catch (Throwable failed) {
            // The pipe is the caller's, or the channel's that has it already.
            channel.incoming.giveUp();
            throw failed;
        }
        return channel;
    }

    private void start() throws PanpipeException {
        CallerIo io = pipe().readable() && pipe().writable() ? CallerIo.of(pipe(), new Ear()) : null;
        incoming.start(io);
        writer.start(io);
        outgoing.start(pipe());
    }

    /** Hears what the system has for threads that read and write for themselves. */
    private final class Ear implements CallerIo.Listener {

        @Override
        public void readable() {
            incoming.readable();
        }

        @Override
        public void writable() {
            writer.writable();
        }

        @Override
        public void unplaced(ByteBuffer rest) {
            incoming.keep(rest);
        }

        @Override
        public boolean isBusy() {
            return incoming.isBusy() || outgoing.isBusy();
        }
    }

    // Reading.

    /**
     * Reads what is there, and waits while there is nothing.
     *
     * @param target the buffer to fill from its position on
     * @return the number of bytes, 1 or more; -1 at the end of the stream; 0 if the buffer is full
     * @throws java.net.SocketTimeoutException if nothing has come within the {@linkplain #readTimeout read timeout};
     *     the channel stays as it is
     * @throws PanpipeException if the system refuses: ECONNRESET, …
     * @throws java.nio.channels.ReadPendingException if a {@link #readAsync} is not complete
     */
    @Override
    public int read(ByteBuffer target) throws IOException {
        return reader.read(target);
    }

    /**
     * Reads what is there into several buffers, and waits while there is nothing; see {@link #read(ByteBuffer)}.
     *
     * @param targets the buffers to fill, one after the other
     * @return the number of bytes, 1 or more; -1 at the end of the stream; 0 if all buffers are full
     */
    @Override
    public long read(ByteBuffer[] targets) throws IOException {
        return read(targets, 0, targets.length);
    }

    /**
     * Reads what is there into several buffers, and waits while there is nothing; see {@link #read(ByteBuffer)}.
     *
     * @param targets the buffers to fill, one after the other
     * @param offset the first one's index
     * @param length how many
     * @return the number of bytes, 1 or more; -1 at the end of the stream; 0 if all buffers are full
     */
    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, targets.length);
        return reader.read(targets, offset, length);
    }

    /**
     * Reads what is there or comes next, for a future; see {@link #read(ByteBuffer)}. Read timeouts are for threads:
     * give the future one ({@link CompletableFuture#orTimeout}).
     *
     * @param target the buffer to fill from its position on; it belongs to the channel until the future is complete
     * @return the number of bytes to come, -1 for the end of the stream; cancelled, it leaves what comes for the next
     *     read
     * @throws java.nio.channels.ReadPendingException if another read is not complete
     */
    public CompletableFuture<Integer> readAsync(ByteBuffer target) {
        BlockingReader.requireWritable(target);
        return isOpen() ? incoming.readSoon(target) : CompletableFuture.failedFuture(new ClosedChannelException());
    }

    /**
     * Reads a line of {@link MessageDecoder#DEFAULT_LIMIT} bytes at most, and waits until it is there; see {@link
     * #readLine(int)}.
     *
     * @return the line, or null at the end of the stream
     * @throws FramingException if the line is too long
     */
    public @Nullable String readLine() throws IOException {
        return readLine(MessageDecoder.DEFAULT_LIMIT);
    }

    /**
     * Reads a line in UTF-8, and waits until it is there. It ends as {@link Framing#lines} says: with a line feed,
     * before which there may be a carriage return, or with the stream. What is no UTF-8 is U+FFFD.
     *
     * @param limit how many bytes it may have, 0 to {@link MessageDecoder#HIGHEST_LIMIT}
     * @return the line without its end, or null at the end of the stream
     * @throws FramingException if the line is too long
     * @throws IOException as {@link #readMessage(Framing, int)} does
     */
    public @Nullable String readLine(int limit) throws IOException {
        byte[] line = readMessage(Framing.lines(), limit);
        return line == null ? null : new String(line, StandardCharsets.UTF_8);
    }

    /**
     * Reads a message of {@link MessageDecoder#DEFAULT_LIMIT} bytes at most, and waits until it is there; see {@link
     * #readMessage(Framing, int)}.
     *
     * @param framing where the message begins and ends
     * @return the message, or null at the end of the stream
     * @throws FramingException if it is too long, malformed, or cut off by the end of the stream
     */
    public byte @Nullable [] readMessage(Framing framing) throws IOException {
        return readMessage(framing, MessageDecoder.DEFAULT_LIMIT);
    }

    /**
     * Reads a message, and waits until all of it is there. Messages may be read in turn with bytes, and each with a
     * framing of its own: what has come behind a message is there for the next read, whatever that is. A call that
     * throws has taken nothing, so that after a timeout the next one goes on.
     *
     * @param framing where the message begins and ends
     * @param limit how many bytes it may have, without what is around it: 0 to {@link MessageDecoder#HIGHEST_LIMIT}
     * @return the message, without what is around it, or null at the end of the stream
     * @throws FramingException if it is too long, malformed, or cut off by the end of the stream
     * @throws java.net.SocketTimeoutException if it was not there within the {@linkplain #readTimeout read timeout},
     *     which is for all of it
     * @throws PanpipeException if the system refuses: ECONNRESET, …
     * @throws java.nio.channels.ReadPendingException if a {@link #readAsync} is not complete
     */
    public byte @Nullable [] readMessage(Framing framing, int limit) throws IOException {
        return reader.readMessage(framing, limit);
    }

    /**
     * Sets how long a read of a thread may wait for data, or for all of a message.
     *
     * @param timeout how long; zero, as at first, for any time
     */
    public void readTimeout(Duration timeout) {
        reader.timeout(nanos(timeout));
    }

    /**
     * Returns this channel's incoming direction as a stream. It adds no buffer of its own; closing it closes the
     * channel.
     *
     * @return a stream that waits as {@link #read(ByteBuffer)} does
     */
    public InputStream inputStream() {
        return new PipeInputStream(this);
    }

    /**
     * Ends the incoming direction on this side: reads, also those that wait, find the end of the stream, whatever has
     * come by then. What the other end goes on to send is thrown away, so that it does not wait. Without effect if it
     * was ended before.
     *
     * <p>It waits for nothing and may be called on any thread. The system is not told of it (SHUT_RD), since a Unix
     * domain socket would then fail the other end's writes.
     *
     * @throws ClosedChannelException if the channel is closed
     * @since 0.1
     */
    public void shutdownInput() throws IOException {
        requireOpen();
        incoming.shutDown();
    }

    int available() throws IOException {
        requireOpen();
        return incoming.available();
    }

    // Writing.

    /**
     * Writes a buffer, and waits until the system has taken all of it.
     *
     * @param source the bytes from its position on, which moves with what was written, also where this throws
     * @return the number of bytes
     * @throws java.net.SocketTimeoutException if it takes longer than the {@linkplain #writeTimeout write timeout};
     *     what {@link java.io.InterruptedIOException#bytesTransferred} tells was written, the rest was not, and the
     *     channel stays as it is
     * @throws PanpipeException EPIPE if the other end is closed
     * @throws ClosedChannelException also after {@link #shutdownOutput}
     */
    @Override
    public int write(ByteBuffer source) throws IOException {
        return (int) writer.write(Objects.requireNonNull(source, "source"));
    }

    /**
     * Writes several buffers, and waits until the system has taken all of them; see {@link #write(ByteBuffer)}. Small
     * ones leave together in one call of the system.
     *
     * @param sources the buffers, in order
     * @return the number of bytes
     */
    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    /**
     * Writes several buffers, and waits until the system has taken all of them; see {@link #write(ByteBuffer[])}.
     *
     * @param sources the buffers, in order
     * @param offset the first one's index
     * @param length how many
     * @return the number of bytes
     */
    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, sources.length);
        return writer.write(sources, offset, length);
    }

    /**
     * Writes a line in UTF-8 and a line feed, and waits until the system has taken them. Lines of several threads do
     * not mix.
     *
     * @param line the text, without a line feed
     * @throws IllegalArgumentException if there is a line feed in it, a carriage return at its end, or half a surrogate
     *     pair
     * @throws IOException as {@link #write(ByteBuffer)} does
     */
    public void writeLine(String line) throws IOException {
        write(Framing.lines().frame(line));
    }

    /**
     * Writes a message with what is around it, and waits until the system has taken all of it. Messages of several
     * threads do not mix.
     *
     * @param framing what is around it
     * @param message the bytes from its position on, which moves with what was written, also where this throws
     * @throws IllegalArgumentException if the framing has no such message: its delimiter is in it, or it is too long
     *     for its length
     * @throws IOException as {@link #write(ByteBuffer)} does
     */
    public void writeMessage(Framing framing, ByteBuffer message) throws IOException {
        ByteBuffer before = ByteBuffer.allocate(Framing.AROUND);
        ByteBuffer after = ByteBuffer.allocate(Framing.AROUND);
        framing.before(message, before);
        framing.after(message, after);
        write(new ByteBuffer[] {before.flip(), message, after.flip()});
    }

    /**
     * Writes an array as a message; see {@link #writeMessage(Framing, ByteBuffer)}.
     *
     * @param framing what is around it
     * @param message the bytes
     * @throws IllegalArgumentException if the framing has no such message
     * @throws IOException as {@link #write(ByteBuffer)} does
     */
    public void writeMessage(Framing framing, byte[] message) throws IOException {
        writeMessage(framing, ByteBuffer.wrap(message));
    }

    /**
     * Writes a buffer, for a future; see {@link #write(ByteBuffer)}. Several may be asked for, and leave in this order.
     *
     * @param source the bytes from its position on; it belongs to the channel until the future is complete
     * @return the number of bytes, once the system has taken all; cancelled, no more is written, perhaps nothing
     */
    public CompletableFuture<Integer> writeAsync(ByteBuffer source) {
        WriteOperation operation = new WriteOperation(outgoing, pipe());
        operation.prepare(Objects.requireNonNull(source, "source"));
        return submit(operation);
    }

    /**
     * Ends the outgoing direction behind all that is written: the other end then reads the end of the stream. Reading
     * goes on. Without effect if it was ended before.
     *
     * @throws PanpipeException ENOTSUP for a named pipe of Windows that is not one of messages, which stays writable;
     *     ENOTSOCK for a FIFO, an anonymous pipe or a terminal
     */
    public void shutdownOutput() throws IOException {
        writer.shutdown();
    }

    /**
     * Ends the outgoing direction, for a future; see {@link #shutdownOutput}.
     *
     * @return complete when the end is made, behind all that is written
     */
    public CompletableFuture<@Nullable Void> shutdownOutputAsync() {
        return submit(new ShutdownOperation(outgoing, pipe()));
    }

    private <T> CompletableFuture<T> submit(Outgoing.Step<T> step) {
        if (isOpen()) {
            CompletableFuture<T> promise = step.beginFuture(loop());
            step.handingOver();
            try {
                loop().execute(step);
                return promise;
            } catch (RejectedExecutionException closed) {
                step.over();
                step.withdraw();
            } catch (Throwable failed) {
                // Whether the loop has it or not.
                step.withdraw();
                step.over();
                throw failed;
            }
        }
        return CompletableFuture.failedFuture(new ClosedChannelException());
    }

    /**
     * Sets how long a write or a {@link #shutdownOutput} of a thread may take.
     *
     * @param timeout how long; zero, as at first, for any time
     */
    public void writeTimeout(Duration timeout) {
        writer.timeout(nanos(timeout));
    }

    /**
     * Returns this channel's outgoing direction as a stream. It adds no buffer of its own; closing it closes the
     * channel.
     *
     * @return a stream that waits as {@link #write(ByteBuffer)} does
     */
    public OutputStream outputStream() {
        return new PipeOutputStream(this);
    }

    // The rest.

    /**
     * Returns who is at the other end; see {@link Pipe#peerCredentials}.
     *
     * @return process, user and group, as far as the system knows them
     * @throws PanpipeException ENOTSOCK for what is no socket
     */
    public PeerCredentials peerCredentials() throws IOException {
        return ask(pipe()::peerCredentials);
    }

    /**
     * Returns the name this end is bound to; see {@link Pipe#localName}.
     *
     * @return the name; empty if it has none, as clients mostly have
     * @throws PanpipeException ENOTSOCK for what is no socket
     * @since 0.1
     */
    public String localName() throws IOException {
        return ask(pipe()::localName);
    }

    /**
     * Returns the name the other end is bound to; see {@link Pipe#peerName}.
     *
     * @return the server's name at a client; mostly empty at a server
     * @throws PanpipeException ENOTSOCK for what is no socket
     * @since 0.1
     */
    public String peerName() throws IOException {
        return ask(pipe()::peerName);
    }

    /**
     * Returns the size of the system's send buffer; see {@link Pipe#sendBufferSize()}.
     *
     * @return bytes; Linux answers twice what was asked for
     * @throws PanpipeException ENOTSOCK for what is no socket, ENOTSUP for a named pipe of Windows
     * @since 0.1
     */
    public int sendBufferSize() throws IOException {
        return ask(() -> pipe().sendBufferSize());
    }

    /**
     * Asks the system for a send buffer of a size; it may round.
     *
     * @param bytes 1 or more
     * @throws PanpipeException ENOTSOCK for what is no socket, ENOTSUP for a named pipe of Windows
     * @since 0.1
     */
    public void sendBufferSize(int bytes) throws IOException {
        ask(() -> {
            pipe().sendBufferSize(bytes);
            return null;
        });
    }

    /**
     * Returns the size of the system's receive buffer; see {@link Pipe#receiveBufferSize()}.
     *
     * @return bytes; Linux answers twice what was asked for
     * @throws PanpipeException ENOTSOCK for what is no socket, ENOTSUP for a named pipe of Windows
     * @since 0.1
     */
    public int receiveBufferSize() throws IOException {
        return ask(() -> pipe().receiveBufferSize());
    }

    /**
     * Asks the system for a receive buffer of a size; it may round; see {@link Pipe#receiveBufferSize(int)}.
     *
     * @param bytes 1 or more
     * @throws PanpipeException ENOTSOCK for what is no socket, ENOTSUP for a named pipe of Windows
     * @since 0.1
     */
    public void receiveBufferSize(int bytes) throws IOException {
        ask(() -> {
            pipe().receiveBufferSize(bytes);
            return null;
        });
    }

    @Override
    void wake() {
        incoming.wake();
        writer.wake();
    }

    @Override
    void runFailed() {
        incoming.runFailed();
        writer.runFailed();
    }

    @Override
    void released() {
        incoming.end(new AsynchronousCloseException());
        outgoing.end();
    }
}
