/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Loop;
import io.panpipe.Tcp;
import io.panpipe.testbed.Patience;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The HTTP of {@link Prefork}'s workers, in this process, asked byte by byte. */
@EnabledOnOs(OS.LINUX)
class PreforkConnectionTest {

    private static final String GET = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
    private static final String LAST = "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    private static final int DEADLINE_MILLIS = (int) Patience.seconds(60).toMillis();

    private Loop loop;
    private Thread thread;
    private InetSocketAddress address;

    /** Of the loop's thread. */
    private Tcp accepted;

    @BeforeEach
    void start() throws Exception {
        loop = new Loop();
        Tcp server = new Tcp(loop);
        server.bind(new InetSocketAddress("127.0.0.1", 0));
        address = server.localAddress();
        server.listen((same, error) -> {
            Tcp client = new Tcp(loop);
            same.accept(client);
            accepted = client;
            new PreforkConnection(client).start();
        });
        thread = Thread.ofPlatform().start(loop::run);
    }

    @AfterEach
    void end() throws InterruptedException {
        loop.stop();
        thread.join();
        loop.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout(DEADLINE_MILLIS);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static String readToEnd(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** Sends a text and reads until the server ends the connection. */
    private String ask(String text) throws IOException {
        try (Socket socket = connect()) {
            send(socket, text);
            return readToEnd(socket);
        }
    }

    /** Returns how much of its answers the server has to keep for the client that came last. */
    private long queued() {
        CompletableFuture<Long> size = new CompletableFuture<>();
        loop.execute(() -> size.complete(accepted == null ? 0 : accepted.writeQueueSize()));
        return size.join();
    }

    private static String body() {
        return "worker " + ProcessHandle.current().pid() + "\n";
    }

    private static int count(String text, String part) {
        return text.split(part, -1).length - 1;
    }

    /** Reads one answer by its Content-Length, so that what follows shows. */
    private static String readAnswer(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            assertTrue(next >= 0, () -> "ended in: " + head);
            head.append((char) next);
        }
        String length = head.substring(head.indexOf("Content-Length: ") + 16).lines().findFirst().orElseThrow();
        byte[] body = in.readNBytes(Integer.parseInt(length));
        return head + new String(body, StandardCharsets.ISO_8859_1);
    }

    @Test
    void anAnswerIsComplete() throws IOException {
        String answer = ask(LAST);
        assertTrue(answer.matches("HTTP/1\\.1 200 OK\r\n"
                + "Date: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT\r\n"
                + "Content-Type: text/plain\r\n"
                + "Content-Length: " + body().length() + "\r\n"
                + "Connection: close\r\n\r\n"
                + body()), answer);
    }

    @Test
    void aConnectionTakesRequestAfterRequest() throws IOException {
        try (Socket socket = connect()) {
            for (int i = 0; i < 3; i++) {
                send(socket, GET);
                String answer = readAnswer(socket.getInputStream());
                assertTrue(answer.contains("Connection: keep-alive\r\n"), answer);
                assertTrue(answer.endsWith(body()), answer);
            }
        }
    }

    @Test
    void requestsMayComeTogether() throws IOException {
        assertEquals(4, count(ask(GET + "\r\n" + GET + GET + LAST + GET), body()));
    }

    @Test
    void aRequestMayComeByteByByte() throws IOException {
        try (Socket socket = connect()) {
            socket.setTcpNoDelay(true);
            for (char letter : LAST.toCharArray()) {
                send(socket, String.valueOf(letter));
            }
            assertTrue(readToEnd(socket).endsWith(body()));
        }
    }

    @Test
    void aClientThatHalfClosesGetsItsAnswers() throws IOException {
        try (Socket socket = connect()) {
            send(socket, GET + GET);
            socket.shutdownOutput();
            assertEquals(2, count(readToEnd(socket), body()));
        }
    }

    @Test
    void aClientThatDoesNotReadGetsAllOnceItDoes() throws Exception {
        int requests = 100_000;
        try (Socket socket = connect()) {
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    send(socket, GET.repeat(requests) + LAST);
                } catch (IOException broken) {
                    // The number of answers tells.
                    return;
                }
            });
            // More answers than the system's buffers hold: the server has to keep some, and must not keep all.
            // How much it keeps, once it has stopped reading, depends on what the buffers took last.
            Program.await(() -> queued() > 0, () -> "answers are not queued");
            assertTrue(queued() < 1024 * 1024);
            assertEquals(requests + 1, count(readToEnd(socket), body()));
            writer.join();
        }
    }

    @Test
    void headAsksForTheHeadAlone() throws IOException {
        String answer = ask("HEAD / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
        assertTrue(answer.contains("Content-Length: " + body().length() + "\r\n"), answer);
        assertTrue(answer.endsWith("\r\n\r\n"), answer);
    }

    @ParameterizedTest
    @CsvSource({
        "GET / HTTP/1.0|, close",
        "GET / HTTP/1.0|Connection: Keep-Alive|, keep-alive",
        "GET / HTTP/1.1|Host: a|, keep-alive",
        "GET / HTTP/1.1|Host: a|Connection: x|connection: y \t; Close|, close",
        "GET / HTTP/1.1|Host: a|Content-Length: 0|, keep-alive",
        "GET / HTTP/1.1|Host: a|Content-Length: 3||abc, close",
        "GET / HTTP/1.0|Content-Length: 3|Connection: keep-alive||abc, close",
    })
    void theConnectionGoesOnWhereBothWantIt(String request, String expected) throws IOException {
        try (Socket socket = connect()) {
            send(socket, request.replace(";", ",").replace("|", "\r\n") + "\r\n");
            String answer = readAnswer(socket.getInputStream());
            assertTrue(answer.contains("Connection: " + expected + "\r\n"), answer);
            if (expected.equals("close")) {
                assertEquals(-1, socket.getInputStream().read());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "400|GET /", "400|GET  / HTTP/1.1|Host: a", "400|GET / HTTP/1.1", "400|GET / HTTP/1.1|Host: a|Host: b",
        "400|GET / HTTP/1.1|Host : a", "400|GET / HTTP/1.1|Host: a| folded", "400|GET / HTTP/1.1|Host: a\rX: b",
        "400|GET / http/1.1|Host: a", "505|PRI * HTTP/2.0", "505|GET / HTTP/0.9",
        "405|POST / HTTP/1.1|Host: a|Connection: close|Content-Length: 2||xy",
    })
    void whatIsWrongIsSaid(String example) throws IOException {
        String request = example.substring(4).replace("|", "\r\n") + "\r\n\r\n";
        String answer = ask(request);
        assertTrue(answer.startsWith("HTTP/1.1 " + example.substring(0, 3) + " "), answer);
        assertTrue(answer.contains("Connection: close\r\n"), answer);
        assertEquals(example.startsWith("405"), answer.contains("Allow: GET, HEAD\r\n"));
    }

    @Test
    void anEndlessHeadIsRefused() throws IOException {
        String endless = "GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(100_000);
        assertTrue(ask(endless).startsWith("HTTP/1.1 431 "));
        assertTrue(ask(endless + "\r\n\r\n").startsWith("HTTP/1.1 431 "));
    }
}
