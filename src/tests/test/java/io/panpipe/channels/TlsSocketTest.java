/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.channels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.testbed.Python;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** TLS over a pipe, as programs put it over a socket: by the JDK's SSLSocketFactory, against the JDK and Python. */
@EnabledOnOs(OS.LINUX)
class TlsSocketTest extends ChannelFixture {

    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final int MUCH = 1024 * 1024;

    /** Answers each client with what it sends, until its end. */
    private static final String PYTHON_SERVER = """
            import socket, ssl, sys
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[2])
            server = socket.socket(socket.AF_UNIX)
            server.bind(sys.argv[1])
            server.listen()
            print("ready", flush=True)
            plain, _ = server.accept()
            with context.wrap_socket(plain, server_side=True) as peer:
                left = int(sys.argv[3])
                while left > 0:
                    data = peer.recv(65536)
                    left -= len(data)
                    peer.sendall(data)
                peer.unwrap()
            """;

    @TempDir
    static Path directory;

    private static KeyStore keys;
    private static SSLContext context;

    @BeforeAll
    static void makeKey() throws Exception {
        Path file = directory.resolve("keys");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                        "-J-XX:TieredStopAtLevel=1", "-genkeypair", "-alias", "server", "-keyalg", "EC",
                        "-dname", "CN=pipe.example", "-ext", "SAN=dns:pipe.example", "-storetype", "PKCS12",
                        "-keystore", file.toString(), "-storepass", new String(PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        assertTrue(keytool.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS), "keytool");
        assertEquals(0, keytool.exitValue(), () -> read(directory.resolve("keytool.log")));
        keys = KeyStore.getInstance(file.toFile(), PASSWORD);
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD);
        KeyStore known = KeyStore.getInstance("PKCS12");
        known.load(null);
        known.setCertificateEntry("server", keys.getCertificate("server"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(known);
        context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failed) {
            return failed.toString();
        }
    }

    private static byte[] random() {
        byte[] data = new byte[MUCH];
        new Random(3).nextBytes(data);
        return data;
    }

    private PipeServerSocket serverSocket() throws IOException {
        return closing(PipeServerSocket.of(server()));
    }

    private SSLSocket client(Socket connected, String host) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(connected, host, 443, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        return closing(socket);
    }

    private Socket connected(PipeServerSocket server) throws IOException {
        Socket socket = closing(new PipeSocket(loop));
        socket.connect(server.getLocalSocketAddress());
        return socket;
    }

    /** The server's side, over a connection that was accepted. */
    private SSLSocket accepted(PipeServerSocket server, String... protocols) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(server.accept(), null, true);
        socket.setUseClientMode(false);
        if (protocols.length > 0) {
            socket.setEnabledProtocols(protocols);
        }
        return closing(socket);
    }

    @Test
    void bothEndsOfTheJdkTalkInEveryProtocol() throws Exception {
        byte[] much = random();
        for (String protocol : new String[] {"TLSv1.2", "TLSv1.3"}) {
            PipeServerSocket server = serverSocket();
            Running<Long> serving = start(() -> {
                try (SSLSocket socket = accepted(server, protocol)) {
                    return socket.getInputStream().transferTo(socket.getOutputStream());
                }
            });
            try (SSLSocket socket = client(connected(server), "pipe.example")) {
                Running<Void> writing = start(() -> {
                    socket.getOutputStream().write(much);
                    return null;
                });
                assertArrayEquals(much, socket.getInputStream().readNBytes(MUCH));
                writing.get();
                assertEquals(protocol, socket.getSession().getProtocol());
                socket.shutdownOutput();
                assertEquals(-1, socket.getInputStream().read());
            }
            assertEquals(MUCH, serving.get());
        }
    }

    @Test
    void aReadOverTlsTimesOutAndGoesOn() throws Exception {
        PipeServerSocket server = serverSocket();
        Running<SSLSocket> serving = start(() -> {
            SSLSocket socket = accepted(server);
            socket.startHandshake();
            return socket;
        });
        SSLSocket socket = client(connected(server), "pipe.example");
        socket.startHandshake();
        SSLSocket other = serving.get();
        InputStream in = socket.getInputStream();
        socket.setSoTimeout(20);
        assertThrows(SocketTimeoutException.class, in::read);
        socket.setSoTimeout(0);
        other.getOutputStream().write(5);
        assertEquals(5, in.read());
        // The wait of a reader ends with the socket, whoever closes it: SSLSocket ends the input first.
        Running<Integer> reader = start(() -> {
            try {
                return in.read();
            } catch (IOException closed) {
                return -1;
            }
        }).parked();
        socket.close();
        assertEquals(-1, reader.get());
        assertTrue(socket.isClosed());
    }

    @Test
    void aServerOfAnotherNameIsNotTrusted() throws Exception {
        PipeServerSocket server = serverSocket();
        Running<Throwable> serving = start(() -> {
            SSLSocket socket = accepted(server);
            return assertThrows(IOException.class, () -> socket.getInputStream().read());
        });
        SSLSocket socket = client(connected(server), "other.example");
        assertThrows(SSLHandshakeException.class, socket::startHandshake);
        assertInstanceOf(SSLException.class, serving.get());
    }

    @Test
    void aServerInPythonAnswers() throws Exception {
        Path pem = directory.resolve("server.pem");
        Base64.Encoder encoder = Base64.getMimeEncoder(64, new byte[] {'\n'});
        PrivateKey key = (PrivateKey) keys.getKey("server", PASSWORD);
        Files.writeString(pem, "-----BEGIN PRIVATE KEY-----\n" + encoder.encodeToString(key.getEncoded())
                + "\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n"
                + encoder.encodeToString(keys.getCertificate("server").getEncoded())
                + "\n-----END CERTIFICATE-----\n");
        String name = freshName();
        Process python = new ProcessBuilder(
                        Python.interpreter(), "-c", PYTHON_SERVER, name, pem.toString(), Integer.toString(MUCH))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertEquals("ready", new String(python.getInputStream().readNBytes(5), StandardCharsets.US_ASCII));
            byte[] much = random();
            try (SSLSocket socket = client(new PipeSocketFactory(loop, name).createSocket("x", 1), "pipe.example")) {
                Running<Void> writing = start(() -> {
                    socket.getOutputStream().write(much);
                    return null;
                });
                assertArrayEquals(much, socket.getInputStream().readNBytes(MUCH));
                writing.get();
                assertEquals(-1, socket.getInputStream().read(), "the close_notify of its unwrap");
            }
            assertTrue(python.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
            assertEquals(0, python.exitValue());
        } finally {
            python.destroyForcibly();
            Files.deleteIfExists(Path.of(name));
        }
    }
}
