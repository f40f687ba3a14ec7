/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.jnr;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketChannel;

/**
 * Turns the channels of jnr-unixsocket into pipes of a loop, and back. The socket itself goes over: its peer notices
 * nothing, and it has one owner at any time.
 *
 * <p>A jnr channel that was turned into a pipe is closed, so that no later call reaches the socket by it. Its own
 * {@code close} would end the connection for everyone who has the socket, also under another number, because jnr calls
 * shutdown(2) first; here that falls on a spare socket, which takes the place of the one that went over. What bytes are
 * under way stays in the socket: neither side reads ahead.
 *
 * <p>All methods are to be called on the loop's thread, and while no other thread is in a call of the jnr channel.
 *
 * @since 0.1
 */
public final class JnrSockets {

    private static final int NONE = -1;

    private JnrSockets() {}

    /** Loaded only for servers: jnr-unixsocket brings it along. */
    private static final class Posix {
        static final POSIX CALLS = POSIXFactory.getNativePOSIX();
    }

    /**
     * Turns a connection of jnr into a pipe, which owns the socket from now on. The channel is closed.
     *
     * @param loop the loop to run in
     * @param channel a channel that is connected; blocking or not
     * @return the pipe, to be read and written
     * @throws ClosedChannelException if the channel is closed
     * @throws IllegalStateException if the channel is not connected, or registered with a selector: cancel its keys,
     *     and select once
     * @throws PanpipeException EEXIST if the loop has this socket already; like every failure, it leaves the channel as
     *     it was
     * @throws IOException that of jnr, if there is no descriptor left
     */
    public static Pipe adopt(Loop loop, UnixSocketChannel channel) throws IOException {
        check(channel);
        UnixSocketChannel spare = UnixSocketChannel.open();
        Pipe pipe = open(loop, channel.getFD(), spare);
        if (!pipe.readable() && !pipe.writable()) {
            // The channel's own isConnected() says yes to a socket that is new.
            pipe.detach();
            spare.close();
            throw new IllegalStateException("the channel is not connected: finish that first");
        }
        // From here on the channel stands for the spare socket, and has that closed.
        channel.setFD(spare.getFD());
        spare.setFD(NONE);
        channel.close();
        channel.setFD(NONE);
        return pipe;
    }

    /**
     * Turns a server of jnr into a pipe, which owns the socket from now on and may {@link Pipe#listen}. The channel is
     * closed. The socket's file stays when the pipe is closed, as it does with jnr: whoever made it removes it.
     *
     * @param loop the loop to run in
     * @param server a server that is bound; blocking or not
     * @return the pipe; clients that wait in the backlog are announced as soon as it listens
     * @throws ClosedChannelException if the server is closed
     * @throws IllegalStateException if the server is registered with a selector: cancel its keys, and select once
     * @throws IOException that of jnr, if there is no descriptor left; like every failure, it leaves the server as it
     *     was
     */
    public static Pipe adopt(Loop loop, UnixServerSocketChannel server) throws IOException {
        check(server);
        UnixSocketChannel spare = UnixSocketChannel.open();
        int descriptor = Posix.CALLS.dup(server.getFD());
        if (descriptor < 0) {
            spare.close();
            throw new IOException("dup: errno " + Posix.CALLS.errno());
        }
        Pipe pipe;
        try {
            pipe = open(loop, descriptor, spare);
        } catch (IOException | RuntimeException refused) {
            Posix.CALLS.close(descriptor);
            throw refused;
        }
        // A server of jnr keeps its number for life, so the spare socket has to get that number.
        replace(server.getFD(), spare);
        server.close();
        return pipe;
    }

    /**
     * Turns a connection of a loop into a channel of jnr, which owns the socket from now on. The pipe is closed.
     *
     * @param pipe a pipe that is connected, without pending requests
     * @return a blocking channel
     * @throws PanpipeException EBADF if the pipe has no socket, EBUSY if it has read ahead
     * @throws IllegalStateException if the pipe is not connected, or writes are still queued
     */
    public static UnixSocketChannel release(Pipe pipe) throws IOException {
        if (!pipe.readable() && !pipe.writable()) {
            throw new IllegalStateException(pipe + " is not connected");
        }
        UnixSocketChannel channel = UnixSocketChannel.fromFD(Math.toIntExact(pipe.detach()));
        makeBlocking(channel);
        return channel;
    }

    /**
     * Turns a server of a loop into one of jnr, which owns the socket from now on. The pipe is closed. The socket's
     * file stays when the server is closed: whoever has asked for this removes it.
     *
     * @param pipe a pipe that listens and has announced no connection that is not accepted
     * @return a blocking server; jnr does not know its address
     * @throws PanpipeException EBADF if the pipe is not bound
     * @throws IllegalStateException if the pipe is a connection, or has announced a connection: accept it first
     */
    public static UnixServerSocketChannel releaseServer(Pipe pipe) throws IOException {
        if (pipe.readable() || pipe.writable()) {
            throw new IllegalStateException(pipe + " is a connection: call release");
        }
        UnixServerSocketChannel server = UnixServerSocketChannel.open();
        int descriptor;
        try {
            descriptor = Math.toIntExact(pipe.detach());
        } catch (IOException | RuntimeException refused) {
            server.close();
            throw refused;
        }
        replace(server.getFD(), UnixSocketChannel.fromFD(descriptor));
        makeBlocking(server);
        return server;
    }

    private static void check(SelectableChannel channel) throws ClosedChannelException {
        if (!channel.isOpen()) {
            throw new ClosedChannelException();
        }
        if (channel.isRegistered()) {
            throw new IllegalStateException("the channel has keys of a selector: cancel them, and select once");
        }
    }

    private static Pipe open(Loop loop, int descriptor, UnixSocketChannel spare) throws IOException {
        Pipe pipe = new Pipe(loop);
        try {
            pipe.open(descriptor);
            return pipe;
        } catch (IOException | RuntimeException refused) {
            pipe.close();
            spare.close();
            throw refused;
        }
    }

    /** Gives a number to the socket of another channel, which loses its own one; what had that number is closed. */
    private static void replace(int number, UnixSocketChannel socket) throws IOException {
        // Both numbers are open, and dup2(2) needs no further one: nothing is left that could be refused.
        if (Posix.CALLS.dup2(socket.getFD(), number) < 0) {
            throw new IOException("dup2: errno " + Posix.CALLS.errno());
        }
        Posix.CALLS.close(socket.getFD());
        socket.setFD(NONE);
    }

    /** Puts the descriptor into the mode that jnr takes it to be in: Panpipe's sockets are in the other one. */
    private static void makeBlocking(SelectableChannel channel) throws IOException {
        // The change to a mode that the channel believes it is in already would do nothing.
        channel.configureBlocking(false);
        channel.configureBlocking(true);
    }
}
