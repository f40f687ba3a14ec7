/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.SocketImpl;

/**
 * What the sockets of this package give their superclasses, which have a use for it in no method that is not
 * overridden. Without it these would make a socket of TCP, or ask a factory that somebody has set.
 */
final class NoSocketImpl extends SocketImpl {

    private static UnsupportedOperationException refusal() {
        return new UnsupportedOperationException("a socket of a pipe has nothing of TCP");
    }

    @Override
    protected void create(boolean stream) {
        throw refusal();
    }

    @Override
    protected void connect(String host, int port) {
        throw refusal();
    }

    @Override
    protected void connect(InetAddress address, int port) {
        throw refusal();
    }

    @Override
    protected void connect(SocketAddress address, int timeout) {
        throw refusal();
    }

    @Override
    protected void bind(InetAddress host, int port) {
        throw refusal();
    }

    @Override
    protected void listen(int backlog) {
        throw refusal();
    }

    @Override
    protected void accept(SocketImpl accepted) {
        throw refusal();
    }

    @Override
    protected InputStream getInputStream() {
        throw refusal();
    }

    @Override
    protected OutputStream getOutputStream() {
        throw refusal();
    }

    @Override
    protected int available() {
        throw refusal();
    }

    @Override
    protected void close() {
        throw refusal();
    }

    @Override
    protected void sendUrgentData(int data) {
        throw refusal();
    }

    @Override
    public void setOption(int option, Object value) {
        throw refusal();
    }

    @Override
    public Object getOption(int option) {
        throw refusal();
    }
}
