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
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

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
    static class Echo extends Worker {
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

    /** An echo that counts its connections. There is one event loop, and one of these. */
    @Sharable
    static final class Polled extends Echo {
        private static int connections;

        /** Whether there are connections; asked in the event loop. */
        static boolean present() {
            return connections > 0;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            connections++;
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            connections--;
        }
    }

    /** Sends each datagram back to where it came from. */
    static final class Datagrams extends Worker {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            context.write(new DatagramPacket(packet.content(), packet.sender()), context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }

    /** An echo that puts off a timer of its connection with each message; that would close it. */
    static final class Timed extends Echo {
        private @Nullable Future<?> silence;

        @Override
        public boolean isSharable() {
            return false;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            schedule(context);
        }

        private void schedule(ChannelHandlerContext context) {
            silence = context.executor().schedule(
                    (Runnable) context::close, ServerProcess.SILENCE.toNanos(), TimeUnit.NANOSECONDS);
        }

        private void cancel() {
            if (silence != null) {
                silence.cancel(false);
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            cancel();
            schedule(context);
            super.channelRead(context, message);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            cancel();
        }
    }

    /** Sends back what it reads when a second thread says so. */
    static final class Remote extends Worker {
        private final SecondThread second;
        private final ArrayDeque<ByteBuf> read = new ArrayDeque<>();
        private Runnable answer = () -> { };
        private boolean handed;

        Remote(SecondThread second) {
            this.second = second;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            answer = () -> answer(context);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            read.add((ByteBuf) message);
            if (!handed) {
                handed = true;
                second.answer(answer);
            }
        }

        private void answer(ChannelHandlerContext context) {
            handed = false;
            for (ByteBuf message = read.poll(); message != null; message = read.poll()) {
                context.write(message, context.voidPromise());
            }
            context.flush();
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
        private final ByteBuf message = PooledByteBufAllocator.DEFAULT
                .directBuffer(ServerProcess.SMALL_SIZE)
                .writeBytes(ServerProcess.smallMessage());

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
