/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.testbed.Python;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Starts {@link ActivatedEcho} with sockets, by systemd's own tool and by a script. */
@EnabledOnOs(OS.LINUX)
class ActivatedEchoTest {

    private static final int SIGTERM_EXIT = 128 + 15;

    /**
     * Opens a TCP and a Unix socket and a file, says the port, and becomes the program given. The descriptors are moved
     * out of the way first, since they may have one another's numbers.
     */
    private static final String LAUNCHER = """
            import fcntl, os, socket, sys
            tcp = socket.create_server(("127.0.0.1", 0))
            pipe = socket.socket(socket.AF_UNIX)
            pipe.bind(sys.argv[1])
            pipe.listen()
            print(tcp.getsockname()[1], flush=True)
            moved = [fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in (tcp.fileno(), pipe.fileno(), os.open("/", os.O_RDONLY))]
            for number, fd in enumerate(moved):
                os.dup2(fd, 3 + number)
            os.environ.update(LISTEN_PID=str(os.getpid() + int(sys.argv[2])), LISTEN_FDS="3")
            os.environ.update(LISTEN_FDNAMES="web:local:root")
            os.execvp(sys.argv[3], sys.argv[3:])
            """;

    @TempDir
    Path directory;

    private static String echo(SocketAddress address, String text) throws IOException {
        try (SocketChannel channel = SocketChannel.open(address)) {
            ByteBuffer sent = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (sent.hasRemaining()) {
                channel.write(sent);
            }
            channel.shutdownOutput();
            ByteBuffer received = ByteBuffer.allocate(text.length() + 1);
            while (channel.read(received) > 0) {
                // Until the server passes the end on.
                continue;
            }
            return new String(received.array(), 0, received.position(), StandardCharsets.UTF_8);
        }
    }

    private Program launch(Path socket, int otherProcess) throws IOException {
        List<String> launcher = List.of(
                Python.interpreter(), "-c", LAUNCHER, socket.toString(), Integer.toString(otherProcess));
        return new Program(Program.command(launcher, Program.java(ActivatedEcho.class)));
    }

    @Test
    void tcpAndPipeAreServedByTheirNames() throws Exception {
        Path socket = directory.resolve("socket");
        try (Program program = launch(socket, 0)) {
            SocketAddress tcp = new InetSocketAddress("127.0.0.1", Integer.parseInt(program.firstLine()));
            SocketAddress local = UnixDomainSocketAddress.of(socket);
            for (int i = 0; i < 3; i++) {
                assertEquals("over tcp", echo(tcp, "over tcp"));
                assertEquals("over a pipe", echo(local, "over a pipe"));
            }
            assertEquals(
                    List.of("echo on web", "echo on local", "not for an echo: root"),
                    program.error().lines().toList());
            assertEquals(SIGTERM_EXIT, program.terminate());
            assertTrue(Files.exists(socket), "the file belongs to who bound it");
            assertThrows(IOException.class, () -> echo(tcp, "nobody"));
        }
    }

    @Test
    void socketsOfAnotherProcessAreLeftAlone() throws Exception {
        try (Program program = launch(directory.resolve("socket"), 1)) {
            assertEquals(1, program.exitCode());
            assertEquals("started without sockets: see sd_listen_fds(3)\n", program.error());
        }
    }

    @Test
    void systemdStartsItWithTheFirstConnection() throws Exception {
        Program.assumeInstalled("systemd-socket-activate");
        Path socket = directory.resolve("socket");
        InetSocketAddress tcp = unusedAddress();
        List<String> launcher = List.of(
                "systemd-socket-activate", "--fdname=web:local",
                "-l", tcp.getHostString() + ":" + tcp.getPort(), "-l", socket.toString());
        try (Program program = new Program(Program.command(launcher, Program.java(ActivatedEcho.class)))) {
            program.await(() -> Files.exists(socket), "the socket that is made last");
            assertEquals("this starts it", echo(tcp, "this starts it"));
            assertEquals("over a pipe", echo(UnixDomainSocketAddress.of(socket), "over a pipe"));
            assertTrue(program.error().endsWith("echo on web\necho on local\n"), program.error());
            assertEquals(SIGTERM_EXIT, program.terminate());
        }
    }

    /**
     * Finds an address for systemd's tool, which takes no port 0. Nobody but this process is likely to use its part of
     * 127.0.0.0/8 between this and then.
     */
    private static InetSocketAddress unusedAddress() throws IOException {
        long pid = ProcessHandle.current().pid();
        String host = "127." + (100 + (pid >> 16) % 100) + "." + (pid >> 8 & 0xff) + "." + (1 + pid % 0xfe);
        try (ServerSocketChannel socket = ServerSocketChannel.open().bind(new InetSocketAddress(host, 0))) {
            return new InetSocketAddress(host, socket.socket().getLocalPort());
        }
    }
}
