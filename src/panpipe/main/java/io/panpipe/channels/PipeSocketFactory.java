/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import io.panpipe.Loop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Objects;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes sockets that are connected to a pipe, for programs that take a {@code SocketFactory}: JDBC drivers, HTTP
 * clients and others. Whatever host and port such a program asks for, it gets the pipe that this factory was told.
 *
 * <p>Its constructors are those that drivers look for when they are given the name of a class: one with a string, such
 * as pgjdbc's {@code socketFactory} and {@code socketFactoryArg}, and one without anything, which looks for the name in
 * the system properties: {@code panpipe.socket.HOST}, where HOST is the host that the program asks for, or else {@code
 * panpipe.socket}.
 *
 * <p>In the string and in the properties, {@code @name} is an abstract name of Linux, whose NUL cannot be written
 * there; a file of that name is {@code ./@name}.
 *
 * @since 0.1
 */
public final class PipeSocketFactory extends SocketFactory {

    /** The system property with the name of the pipe, and the beginning of that with the name for one host. */
    static final String PROPERTY = "panpipe.socket";

    private final @Nullable Loop loop;
    private final @Nullable String name;
    private final SocketDestination destination;

    /**
     * Makes a factory whose sockets connect to the pipe that the system properties name when they are asked to. They
     * use the loop that all share, see {@link LoopThread#sharedLoop}.
     */
    public PipeSocketFactory() {
        this(null, null, SocketDestination.CONFIGURED);
    }

    /**
     * Makes a factory whose sockets connect to a pipe, over the loop that all share.
     *
     * @param name the server's name, in which a leading {@code @} is the NUL of an abstract one; null, which drivers
     *     pass that were given no argument, is as nothing
     */
    public PipeSocketFactory(@Nullable String name) {
        this(null, name, name == null ? SocketDestination.CONFIGURED : fixed(name));
    }

    /**
     * Makes a factory whose sockets connect to a pipe, over a loop of one's own.
     *
     * @param loop a loop that another thread runs
     * @param name the server's name, in which a leading {@code @} is the NUL of an abstract one
     */
    public PipeSocketFactory(Loop loop, String name) {
        this(Objects.requireNonNull(loop, "loop"), name, fixed(name));
    }

    private PipeSocketFactory(@Nullable Loop loop, @Nullable String name, SocketDestination destination) {
        this.loop = loop;
        this.name = name;
        this.destination = destination;
    }

    private static SocketDestination fixed(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("the name of the pipe is empty");
        }
        return SocketDestination.fixed(SocketDestination.written(name));
    }

    /**
     * Makes a factory of the system properties, as the constructor without parameters does: for programs that call the
     * method of this name of a class, and would get a factory of TCP from the superclass's.
     *
     * @return a new factory
     */
    public static SocketFactory getDefault() {
        return new PipeSocketFactory();
    }

    /**
     * Makes a socket that is not connected yet.
     *
     * @return a socket whose {@code connect} takes any address and goes to the pipe
     */
    @Override
    public Socket createSocket() throws SocketException {
        return new PipeSocket(loop, destination);
    }

    /**
     * Makes a socket that is connected to the pipe.
     *
     * @param host what {@link Socket#getInetAddress} tells if it is an address; it is not looked up
     * @param port what {@link Socket#getPort} tells, and else nothing
     */
    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connected(InetSocketAddress.createUnresolved(host, port));
    }

    /**
     * Makes a socket that is connected to the pipe; see {@link #createSocket(String, int)}.
     *
     * @param localHost nothing
     * @param localPort nothing
     */
    @Override
    public Socket createSocket(String host, int port, @Nullable InetAddress localHost, int localPort)
            throws IOException {
        return createSocket(host, port);
    }

    /**
     * Makes a socket that is connected to the pipe.
     *
     * @param host what {@link Socket#getInetAddress} tells, and else nothing
     * @param port what {@link Socket#getPort} tells, and else nothing
     */
    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port));
    }

    /**
     * Makes a socket that is connected to the pipe; see {@link #createSocket(InetAddress, int)}.
     *
     * @param localAddress nothing
     * @param localPort nothing
     */
    @Override
    public Socket createSocket(InetAddress address, int port, @Nullable InetAddress localAddress, int localPort)
            throws IOException {
        return createSocket(address, port);
    }

    private Socket connected(InetSocketAddress endpoint) throws IOException {
        Socket socket = createSocket();
        // It closes itself where this fails.
        socket.connect(endpoint);
        return socket;
    }

    @Override
    public String toString() {
        return "PipeSocketFactory[" + (name == null ? "of the system properties" : name) + "]";
    }
}
