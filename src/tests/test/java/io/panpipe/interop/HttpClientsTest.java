/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.channels.PipeSocketFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.util.Timeout;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** OkHttp and Apache HttpClient ask a daemon on a Unix domain socket, and notice nothing of it. */
@Tag("slow")
@EnabledOnOs(OS.LINUX)
class HttpClientsTest {

    private static ShortDirectory directory;
    private static HttpDaemon daemon;
    private static PipeSocketFactory factory;

    @BeforeAll
    static void start() throws IOException {
        directory = new ShortDirectory();
        daemon = new HttpDaemon(directory.path());
        factory = new PipeSocketFactory(daemon.socket().toString());
    }

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
        if (directory != null) {
            directory.close();
        }
    }

    /** Reads all, and compares it with what the daemon sends. */
    private static int checkLarge(InputStream body) throws IOException {
        byte[] piece = new byte[64 * 1024];
        int count = 0;
        for (int n; (n = body.read(piece)) >= 0; ) {
            for (int i = 0; i < n; i++) {
                if (piece[i] != HttpDaemon.largeAt(count + i)) {
                    throw new IOException("byte " + (count + i) + " is another one");
                }
            }
            count += n;
        }
        return count;
    }

    private static byte[] megabyte() {
        return Content.piece(0, 1024 * 1024);
    }

    /** What every client does, each in its own words. */
    abstract static class Clients {

        /** Returns the body of an answer. */
        abstract byte[] get(String path) throws IOException;

        /** Returns the length of the large answer. */
        abstract int getLarge() throws IOException;

        abstract byte[] post(String path, byte[] body) throws IOException;

        /** Returns what a request fails with whose answer does not come, or not to its end, within a short time. */
        abstract IOException late(String path) throws Exception;

        /** Returns what a request fails with that is cancelled when the daemon has it. */
        abstract IOException cancelled(String path) throws Exception;

        /** Asks where nobody listens. */
        abstract void askNobody() throws IOException;

        @Test
        void anAnswerArrives() throws IOException {
            for (int i = 0; i < 3; i++) {
                assertEquals("hello", new String(get("/hello"), StandardCharsets.UTF_8));
            }
        }

        @Test
        void thirtyMegabytesAreIntact() throws IOException {
            assertEquals(HttpDaemon.LARGE, getLarge());
        }

        @Test
        void aBodyGoesAndComesBack() throws IOException {
            byte[] body = megabyte();
            assertEquals(0, Arrays.compare(body, post("/echo", body)));
        }

        @Test
        void anAnswerThatDoesNotComeIsLate() throws Exception {
            for (String path : List.of("/never", "/stops")) {
                assertInstanceOf(SocketTimeoutException.class, late(path), path);
            }
            assertEquals("hello", new String(get("/hello"), StandardCharsets.UTF_8));
        }

        @Test
        void aRequestThatIsCancelledEnds() throws Exception {
            assertInstanceOf(IOException.class, cancelled("/told/" + getClass().getSimpleName()));
            assertEquals("hello", new String(get("/hello"), StandardCharsets.UTF_8));
        }

        @Test
        void whereNobodyListensThereIsNoConnection() {
            assertInstanceOf(ConnectException.class, assertThrows(IOException.class, this::askNobody));
        }

        @Test
        void manyVirtualThreadsAskAtOnce() throws Exception {
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<byte[]>> answers = new ArrayList<>();
                for (int i = 0; i < 300; i++) {
                    answers.add(threads.submit(() -> get("/hello")));
                }
                for (Future<byte[]> answer : answers) {
                    assertEquals(5, answer.get(Deadline.GENEROUS.toSeconds(), TimeUnit.SECONDS).length);
                }
            }
        }

        /** Runs a request on a thread of its own, and cancels it when the daemon has it. */
        static IOException cancelWhenAsked(String path, Callable<?> request, Runnable cancel) throws Exception {
            try (ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<IOException> failure = thread.submit(() -> assertThrows(IOException.class, request::call));
                daemon.awaitAsked(path);
                cancel.run();
                return failure.get(Deadline.GENEROUS.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }

    @Nested
    class OkHttp extends Clients {

        private final OkHttpClient client = new OkHttpClient.Builder()
                .socketFactory(factory)
                .readTimeout(Deadline.GENEROUS)
                .build();

        private static Request request(String path) {
            return new Request.Builder().url("http://localhost" + path).build();
        }

        @Override
        byte[] get(String path) throws IOException {
            try (Response response = client.newCall(request(path)).execute()) {
                return response.body().bytes();
            }
        }

        @Override
        int getLarge() throws IOException {
            try (Response response = client.newCall(request("/large")).execute()) {
                return checkLarge(response.body().byteStream());
            }
        }

        @Override
        byte[] post(String path, byte[] body) throws IOException {
            Request request = request(path).newBuilder().post(RequestBody.create(body, null)).build();
            try (Response response = client.newCall(request).execute()) {
                return response.body().bytes();
            }
        }

        @Override
        IOException late(String path) {
            OkHttpClient hasty = client.newBuilder().readTimeout(Duration.ofMillis(50)).build();
            return assertThrows(IOException.class, () -> {
                try (Response response = hasty.newCall(request(path)).execute()) {
                    response.body().bytes();
                }
            });
        }

        @Override
        IOException cancelled(String path) throws Exception {
            Call call = client.newCall(request(path));
            return cancelWhenAsked(path, call::execute, call::cancel);
        }

        @Override
        void askNobody() throws IOException {
            OkHttpClient lost = client.newBuilder()
                    .socketFactory(new PipeSocketFactory(directory.path() + "/nobody"))
                    .build();
            lost.newCall(request("/hello")).execute().close();
        }

        @Test
        void aConnectionIsUsedAgain() throws IOException {
            OkHttpClient own = client.newBuilder().connectionPool(new ConnectionPool()).build();
            String first = connections(own);
            assertEquals(first, connections(own));
            assertEquals(1, own.connectionPool().connectionCount());
            own.connectionPool().evictAll();
        }

        private static String connections(OkHttpClient own) throws IOException {
            try (Response response = own.newCall(request("/hello")).execute()) {
                response.body().bytes();
                return response.header("Connections");
            }
        }

        @Test
        void theTimeOfAWholeCallIsUp() {
            OkHttpClient hasty = client.newBuilder()
                    .dispatcher(new Dispatcher())
                    .callTimeout(Duration.ofMillis(50))
                    .build();
            assertThrows(InterruptedIOException.class, () -> hasty.newCall(request("/never")).execute());
        }
    }

    @Nested
    class ApacheHttpClient5 extends Clients {

        private final PoolingHttpClientConnectionManager manager = manager(factory);
        private final CloseableHttpClient client = client(manager, Deadline.GENEROUS);

        private static PoolingHttpClientConnectionManager manager(PipeSocketFactory sockets) {
            return new PoolingHttpClientConnectionManagerBuilder() {
                @Override
                protected HttpClientConnectionOperator createConnectionOperator(
                        SchemePortResolver ports, DnsResolver names, TlsSocketStrategy tls) {
                    return new DefaultHttpClientConnectionOperator(proxy -> sockets.createSocket(), ports, names,
                            scheme -> scheme.equals("https") ? tls : null);
                }
            }.build();
        }

        private static CloseableHttpClient client(PoolingHttpClientConnectionManager manager, Duration timeout) {
            manager.setDefaultMaxPerRoute(20);
            manager.setDefaultConnectionConfig(
                    ConnectionConfig.custom().setSocketTimeout(Timeout.of(timeout)).build());
            return HttpClients.custom().setConnectionManager(manager).disableAutomaticRetries().build();
        }

        private static HttpGet request(String path) {
            return new HttpGet("http://localhost" + path);
        }

        @Override
        byte[] get(String path) throws IOException {
            return client.execute(request(path), response -> EntityUtils.toByteArray(response.getEntity()));
        }

        @Override
        int getLarge() throws IOException {
            return client.execute(request("/large"), response -> checkLarge(response.getEntity().getContent()));
        }

        @Override
        byte[] post(String path, byte[] body) throws IOException {
            HttpPost request = new HttpPost("http://localhost" + path);
            request.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_OCTET_STREAM));
            return client.execute(request, response -> EntityUtils.toByteArray(response.getEntity()));
        }

        @Override
        IOException late(String path) throws IOException {
            try (CloseableHttpClient hasty = client(manager(factory), Duration.ofMillis(50))) {
                return assertThrows(IOException.class, () -> hasty.execute(
                        request(path), response -> EntityUtils.toByteArray(response.getEntity())));
            }
        }

        @Override
        IOException cancelled(String path) throws Exception {
            HttpGet request = request(path);
            return cancelWhenAsked(path, () -> client.execute(request, response -> null), request::cancel);
        }

        @Override
        void askNobody() throws IOException {
            PipeSocketFactory nowhere = new PipeSocketFactory(directory.path() + "/nobody");
            try (CloseableHttpClient lost = client(manager(nowhere), Deadline.GENEROUS)) {
                lost.execute(request("/hello"), response -> null);
            }
        }

        @Test
        void connectionsAreUsedAgain() throws IOException {
            for (int i = 0; i < 5; i++) {
                get("/hello");
            }
            assertTrue(manager.getTotalStats().getAvailable() >= 1);
            manager.close();
        }
    }

    /** Version 4, whose factories those of version 5 before 5.4 are like. */
    @Nested
    class ApacheHttpClient4 extends Clients {

        private final org.apache.http.impl.client.CloseableHttpClient client = client(factory, Deadline.GENEROUS);

        private static org.apache.http.impl.client.CloseableHttpClient client(
                PipeSocketFactory sockets, Duration timeout) {
            org.apache.http.conn.socket.ConnectionSocketFactory plain =
                    new org.apache.http.conn.socket.PlainConnectionSocketFactory() {
                        @Override
                        public Socket createSocket(org.apache.http.protocol.HttpContext context) throws IOException {
                            return sockets.createSocket();
                        }
                    };
            var manager = new org.apache.http.impl.conn.PoolingHttpClientConnectionManager(
                    org.apache.http.config.RegistryBuilder.<org.apache.http.conn.socket.ConnectionSocketFactory>create()
                            .register("http", plain)
                            .build());
            manager.setDefaultMaxPerRoute(20);
            return org.apache.http.impl.client.HttpClients.custom()
                    .setConnectionManager(manager)
                    .setDefaultRequestConfig(org.apache.http.client.config.RequestConfig.custom()
                            .setSocketTimeout((int) timeout.toMillis())
                            .build())
                    .disableAutomaticRetries()
                    .build();
        }

        private static org.apache.http.client.methods.HttpGet request(String path) {
            return new org.apache.http.client.methods.HttpGet("http://localhost" + path);
        }

        @Override
        byte[] get(String path) throws IOException {
            try (var response = client.execute(request(path))) {
                return org.apache.http.util.EntityUtils.toByteArray(response.getEntity());
            }
        }

        @Override
        int getLarge() throws IOException {
            try (var response = client.execute(request("/large"))) {
                return checkLarge(response.getEntity().getContent());
            }
        }

        @Override
        byte[] post(String path, byte[] body) throws IOException {
            var request = new org.apache.http.client.methods.HttpPost("http://localhost" + path);
            request.setEntity(new org.apache.http.entity.ByteArrayEntity(body));
            try (var response = client.execute(request)) {
                return org.apache.http.util.EntityUtils.toByteArray(response.getEntity());
            }
        }

        @Override
        IOException late(String path) throws IOException {
            try (var hasty = client(factory, Duration.ofMillis(50))) {
                return assertThrows(IOException.class, () -> {
                    try (var response = hasty.execute(request(path))) {
                        org.apache.http.util.EntityUtils.toByteArray(response.getEntity());
                    }
                });
            }
        }

        @Override
        IOException cancelled(String path) throws Exception {
            var request = request(path);
            return cancelWhenAsked(path, () -> client.execute(request), request::abort);
        }

        @Override
        void askNobody() throws IOException {
            PipeSocketFactory nowhere = new PipeSocketFactory(directory.path() + "/nobody");
            try (var lost = client(nowhere, Deadline.GENEROUS)) {
                lost.execute(request("/hello")).close();
            }
        }
    }
}
