/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench.servers;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.UnixChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Supplier;

/** The server over one of Netty's native transports, with one event loop and pooled direct buffers. */
public final class NettyServer {

    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final ServerProcess process;
    private final NettyTransport transport;
    private final EventLoopGroup group;

    static {
        NettySettings.apply();
    }

    private NettyServer(ServerProcess process) {
        this.process = process;
        transport = NettyTransport.chosen(process);
        int loops = process.work().equals("two-loops") ? 2 : 1;
        group = new MultiThreadIoEventLoopGroup(loops, transport.loops());
    }

    /**
     * Serves until standard input ends.
     *
     * @param args the work, the path to listen at, and for a proxy the path to connect to
     * @throws InterruptedException never
     */
    public static void main(String[] args) throws InterruptedException {
        ServerProcess process = ServerProcess.of(args);
        NettyServer server = new NettyServer(process);
        switch (process.work()) {
            case "udp-echo" -> process.ready("udp", server.receive());
            case "tcp-echo" -> process.ready("tcp", server.listenAtPort());
            default -> {
                server.listen();
                process.ready();
            }
        }
    }

    private ServerBootstrap bootstrap() {
        return new ServerBootstrap()
                .group(group)
                .option(ChannelOption.SO_BACKLOG, SelectorServer.BACKLOG)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childHandler(worker());
    }

    private void listen() throws InterruptedException {
        ServerBootstrap bootstrap = bootstrap().channelFactory(transport.pipes());
        switch (process.work()) {
            case "source" -> bootstrap.childOption(ChannelOption.WRITE_BUFFER_WATER_MARK,
                    new WriteBufferWaterMark(2 * ServerProcess.READ_SIZE, 4 * ServerProcess.READ_SIZE));
            case "handles" -> bootstrap.childOption(
                    UnixChannelOption.DOMAIN_SOCKET_READ_MODE, DomainSocketReadMode.FILE_DESCRIPTORS);
            case "proxy" -> bootstrap.childOption(ChannelOption.AUTO_READ, false)
                    .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
            default -> { }
        }
        bootstrap.bind(new DomainSocketAddress(process.path().toFile())).sync();
    }

    private int listenAtPort() throws InterruptedException {
        ServerBootstrap bootstrap = bootstrap().channelFactory(transport.tcp());
        return portOf(bootstrap.childOption(ChannelOption.TCP_NODELAY, true).bind(ANY_PORT).sync().channel());
    }

    /** With as many datagrams by one call of the system as fit into a read. */
    private int receive() throws InterruptedException {
        return portOf(new Bootstrap()
                .group(group)
                .channelFactory(transport.udp())
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(transport.datagramSize(), ServerProcess.DATAGRAM_SIZE)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(ServerProcess.READ_SIZE))
                .handler(worker())
                .bind(ANY_PORT)
                .sync()
                .channel());
    }

    private static int portOf(Channel channel) {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    private ChannelHandler worker() {
        return switch (process.work()) {
            case "echo", "tcp-echo", "two-loops" ->
                ServerProcess.busy() ? new NettyWorkers.Polled() : new NettyWorkers.Echo();
            case "udp-echo" -> new NettyWorkers.Datagrams();
            case "sink" -> new NettyWorkers.Sink();
            case "source" -> new NettyWorkers.Source();
            case "writes" -> new NettyWorkers.Writes();
            case "handles" -> new NettyWorkers.Handles();
            case "timers" -> each(NettyWorkers.Timed::new);
            case "remote" -> {
                SecondThread second = new SecondThread(group.next());
                yield each(() -> new NettyWorkers.Remote(second));
            }
            case "proxy" -> {
                DomainSocketAddress upstream = new DomainSocketAddress(process.requiredUpstream().toFile());
                yield each(() -> new NettyProxy(upstream));
            }
            default -> throw process.unsupported();
        };
    }

    /** A worker for each connection. */
    private static ChannelHandler each(Supplier<ChannelHandler> worker) {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(worker.get());
            }
        };
    }
}
