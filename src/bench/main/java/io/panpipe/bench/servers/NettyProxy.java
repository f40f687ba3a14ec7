/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.DomainSocketAddress;
import org.jspecify.annotations.Nullable;

/** One side of a proxied conversation: what it reads, the other side sends. */
final class NettyProxy extends ChannelInboundHandlerAdapter {

    private final @Nullable DomainSocketAddress upstream;
    private @Nullable DuplexChannel other;

    /** The side of the client, which does not read until the other one is connected. */
    NettyProxy(DomainSocketAddress upstream) {
        this.upstream = upstream;
    }

    private NettyProxy(DuplexChannel client) {
        upstream = null;
        other = client;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (upstream == null) {
            return;
        }
        Channel client = context.channel();
        new Bootstrap()
                .group(client.eventLoop())
                .channel(client.getClass())
                .option(ChannelOption.ALLOCATOR, client.alloc())
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .handler(new NettyProxy((DuplexChannel) client))
                .connect(upstream)
                .addListener((ChannelFutureListener) connected -> {
                    if (connected.isSuccess()) {
                        other = (DuplexChannel) connected.channel();
                        client.config().setAutoRead(true);
                    } else {
                        client.close();
                    }
                });
    }

    private DuplexChannel other() {
        DuplexChannel present = other;
        if (present == null) {
            throw new IllegalStateException("read before it was connected");
        }
        return present;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        other().write(message, other().voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        other().flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        other().config().setAutoRead(context.channel().isWritable());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            passEndOn((DuplexChannel) context.channel(), other());
        }
    }

    /** Behind what is written and not yet sent. */
    private static void passEndOn(DuplexChannel from, DuplexChannel to) {
        to.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
            to.shutdownOutput();
            if (from.isOutputShutdown()) {
                from.close();
                to.close();
            }
        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (other != null) {
            other.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
