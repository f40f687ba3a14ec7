/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SelectStrategy;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.util.IntSupplier;

/**
 * One of Netty's native transports: epoll, or with {@code -Dbench.transport=io_uring} that.
 *
 * @param loops makes what waits for events
 * @param pipes makes listeners of Unix domain sockets
 * @param tcp makes listeners of TCP
 * @param udp makes sockets of UDP
 * @param datagramSize the option that has many datagrams received by one call
 */
record NettyTransport(
        IoHandlerFactory loops,
        ChannelFactory<? extends ServerChannel> pipes,
        ChannelFactory<? extends ServerChannel> tcp,
        ChannelFactory<? extends DatagramChannel> udp,
        ChannelOption<Integer> datagramSize) {

    /** The one that the command line says, or the end of this process where the kernel does not have it. */
    static NettyTransport chosen(ServerProcess process) {
        if (!System.getProperty("bench.transport", "epoll").equals("io_uring")) {
            Epoll.ensureAvailability();
            return epoll();
        }
        if (process.work().equals("handles")) {
            // 4.2.18: the second closing could hit a descriptor that was opened since.
            throw process.unsupported("io_uring: descriptors that were sent are closed already");
        }
        if (!IoUring.isAvailable()) {
            throw process.unsupported("io_uring: " + rootOf(IoUring.unavailabilityCause()).getMessage());
        }
        return ioUring();
    }

    private static Throwable rootOf(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /** Netty's own strategy of not sleeping, which only this transport has, as long as there is a client. */
    private static int busyStrategy(IntSupplier supplier, boolean hasTasks) throws Exception {
        if (NettyWorkers.Polled.present()) {
            return SelectStrategy.BUSY_WAIT;
        }
        return hasTasks ? supplier.get() : SelectStrategy.SELECT;
    }

    private static NettyTransport epoll() {
        return new NettyTransport(
                ServerProcess.busy()
                        ? EpollIoHandler.newFactory(0, () -> NettyTransport::busyStrategy)
                        : EpollIoHandler.newFactory(),
                EpollServerDomainSocketChannel::new,
                EpollServerSocketChannel::new,
                EpollDatagramChannel::new,
                EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE);
    }

    private static NettyTransport ioUring() {
        return new NettyTransport(
                IoUringIoHandler.newFactory(),
                IoUringServerDomainSocketChannel::new,
                IoUringServerSocketChannel::new,
                IoUringDatagramChannel::new,
                IoUringChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE);
    }
}
