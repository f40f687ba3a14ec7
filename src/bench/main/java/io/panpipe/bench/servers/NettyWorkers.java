/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;

/** What Netty's pipelines do with a connection. */
final class NettyWorkers {

    private NettyWorkers() {}

    private static ByteBuf block(int size) {
        return PooledByteBufAllocator.DEFAULT.directBuffer(size).writeZero(size);
    }

    /** Closes where something goes wrong: mostly because the client is gone. */
    private static class Worker extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (!(cause instanceof IOException)) {
                cause.printStackTrace();
            }
            context.close();
        }
    }

    /** Sends back what it reads, and reads no more while that does not go. */
    @Sharable
    static final class Echo extends Worker {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.write(message, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            context.channel().config().setAutoRead(context.channel().isWritable());
        }
    }

    /** Reads and drops. */
    @Sharable
    static final class Sink extends Worker {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ((ByteBuf) message).release();
        }
    }

    /** Writes without end, until the client is gone. */
    @Sharable
    static final class Source extends Worker {
        private final ByteBuf block = block(ServerProcess.READ_SIZE);

        @Override
        public void channelActive(ChannelHandlerContext context) {
            fill(context);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (context.channel().isWritable()) {
                fill(context);
            }
        }

        private void fill(ChannelHandlerContext context) {
            while (context.channel().isWritable()) {
                context.write(block.retainedDuplicate(), context.voidPromise());
            }
            context.flush();
        }
    }

    /** Makes many small writes for each byte that it reads, and one flush for them. */
    @Sharable
    static final class Writes extends Worker {
        private final ByteBuf message = block(ServerProcess.SMALL_SIZE);

        @Override
        public void channelRead(ChannelHandlerContext context, Object data) {
            ByteBuf bytes = (ByteBuf) data;
            for (int i = bytes.readableBytes() * ServerProcess.SMALL_WRITES; i > 0; i--) {
                context.write(message.retainedDuplicate(), context.voidPromise());
            }
            bytes.release();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }

    /** Sends received descriptors back, and closes its own copies. */
    @Sharable
    static final class Handles extends Worker {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            FileDescriptor descriptor = (FileDescriptor) message;
            context.write(message).addListener((ChannelFutureListener) sent -> descriptor.close());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }
}
