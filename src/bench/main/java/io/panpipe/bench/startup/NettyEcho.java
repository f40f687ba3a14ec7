/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.startup;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.panpipe.bench.servers.NettySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** One byte to and fro over Netty's epoll transport. */
public final class NettyEcho {

    private NettyEcho() {}

    /**
     * Echoes one byte and ends.
     *
     * @param args the path to listen at
     * @throws InterruptedException never
     * @throws IOException if the socket's file cannot be removed
     */
    public static void main(String[] args) throws InterruptedException, IOException {
        NettySettings.apply();
        DomainSocketAddress address = new DomainSocketAddress(args[0]);
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        new ServerBootstrap()
                .group(group)
                .channel(EpollServerDomainSocketChannel.class)
                .childHandler(new Server())
                .bind(address).sync();
        new Bootstrap()
                .group(group)
                .channel(EpollDomainSocketChannel.class)
                .handler(new Client())
                .connect(address).sync()
                .channel().closeFuture().sync();
        group.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        Files.deleteIfExists(Path.of(args[0]));
    }

    @Sharable
    private static final class Server extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message);
        }
    }

    private static final class Client extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.writeAndFlush(Unpooled.directBuffer(1).writeZero(1));
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            System.out.println("echoed");
            context.close();
        }
    }
}
