/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketReadMode;

/** The server over Netty's epoll transport, with one event loop and pooled direct buffers. */
public final class NettyServer {

    private NettyServer() {}

    static {
        NettySettings.apply();
    }

    /**
     * Serves until standard input ends.
     *
     * @param args the work, the path to listen at, and for a proxy the path to connect to
     * @throws InterruptedException never
     */
    public static void main(String[] args) throws InterruptedException {
        ServerProcess process = ServerProcess.of(args);
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(EpollServerDomainSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, SelectorServer.BACKLOG)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childHandler(worker(process));
        switch (process.work()) {
            case "source" -> bootstrap.childOption(ChannelOption.WRITE_BUFFER_WATER_MARK,
                    new WriteBufferWaterMark(2 * ServerProcess.READ_SIZE, 4 * ServerProcess.READ_SIZE));
            case "handles" -> bootstrap.childOption(
                    EpollChannelOption.DOMAIN_SOCKET_READ_MODE, DomainSocketReadMode.FILE_DESCRIPTORS);
            case "proxy" -> bootstrap.childOption(ChannelOption.AUTO_READ, false)
                    .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
            default -> { }
        }
        bootstrap.bind(new DomainSocketAddress(process.path().toFile())).sync();
        process.ready();
    }

    private static ChannelHandler worker(ServerProcess process) {
        return switch (process.work()) {
            case "echo" -> new NettyWorkers.Echo();
            case "sink" -> new NettyWorkers.Sink();
            case "source" -> new NettyWorkers.Source();
            case "writes" -> new NettyWorkers.Writes();
            case "handles" -> new NettyWorkers.Handles();
            case "proxy" -> {
                DomainSocketAddress upstream = new DomainSocketAddress(process.requiredUpstream().toFile());
                yield new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new NettyProxy(upstream));
                    }
                };
            }
            default -> throw process.unsupported();
        };
    }
}
