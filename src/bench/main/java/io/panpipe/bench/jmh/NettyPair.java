/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.jmh;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.panpipe.bench.servers.NettySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Netty's epoll transport. */
final class NettyPair implements StreamPair {

    static {
        NettySettings.apply();
    }

    private final ManualIoEventLoop loop =
            new ManualIoEventLoop(Thread.currentThread(), EpollIoHandler.newFactory());
    private final Channel near;
    private final boolean burst;
    private final ByteBuf message = block(MESSAGE_SIZE);
    private final ByteBuf small = block(BURST_SIZE);
    private int missing;
    private int left;

    NettyPair(boolean burst) throws IOException {
        this.burst = burst;
        Path directory = Files.createTempDirectory("pair");
        DomainSocketAddress address = new DomainSocketAddress(directory.resolve("s").toFile());
        Channel server = await(new ServerBootstrap()
                .group(loop)
                .channel(EpollServerDomainSocketChannel.class)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childHandler(new Far())
                .bind(address));
        near = await(new Bootstrap()
                .group(loop)
                .channel(EpollDomainSocketChannel.class)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .handler(new Near())
                .connect(address));
        roundTrips(1);
        await(server.close());
        Files.deleteIfExists(directory.resolve("s"));
        Files.delete(directory);
    }

    private static ByteBuf block(int size) {
        return PooledByteBufAllocator.DEFAULT.directBuffer(size).writeZero(size);
    }

    private Channel await(ChannelFuture future) {
        while (!future.isDone()) {
            loop.run(TimeUnit.SECONDS.toNanos(1));
        }
        return future.syncUninterruptibly().channel();
    }

    private void send() {
        missing = burst ? BURST_WRITES * BURST_SIZE : MESSAGE_SIZE;
        near.writeAndFlush(message.retainedDuplicate(), near.voidPromise());
    }

    @Override
    public void roundTrips(int count) {
        left = count;
        send();
        while (left > 0) {
            loop.run(TimeUnit.SECONDS.toNanos(1));
        }
    }

    @Override
    public void end() {
        await(near.close());
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        while (!loop.isTerminated()) {
            loop.runNow();
        }
    }

    private final class Near extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object data) {
            ByteBuf bytes = (ByteBuf) data;
            missing -= bytes.readableBytes();
            bytes.release();
            if (missing == 0) {
                left--;
                if (left > 0) {
                    send();
                }
            }
        }
    }

    private final class Far extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object data) {
            if (!burst) {
                context.write(data, context.voidPromise());
                return;
            }
            ((ByteBuf) data).release();
            for (int i = 0; i < BURST_WRITES; i++) {
                context.write(small.retainedDuplicate(), context.voidPromise());
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }
}
