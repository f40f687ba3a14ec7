/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.copy.CopyManager;

/** PostgreSQL's JDBC driver and HikariCP reach the server through our sockets. */
@Tag("slow")
class PostgresDriverTest {

    private static final String CANCELLED = "57014";
    private static final int LINES = 200_000;

    private static ShortDirectory directory;
    private static PostgresCluster postgres;

    @BeforeAll
    static void start() throws IOException {
        directory = new ShortDirectory();
        postgres = PostgresCluster.start(directory.path());
    }

    @AfterAll
    static void stop() throws IOException {
        if (postgres != null) {
            postgres.close();
        }
        if (directory != null) {
            directory.close();
        }
    }

    /** The URL that the documentation tells, with the name of this server. */
    private static String url(Path socket) throws IOException {
        String line = Files.readAllLines(Path.of("docs/sockets.md")).stream()
                .filter(text -> text.startsWith("jdbc:postgresql:"))
                .findFirst()
                .orElseThrow();
        return line.replace("/run/postgresql/.s.PGSQL.5432", socket.toString()).replace("/shop?", "/postgres?")
                + "&user=postgres";
    }

    private static String url() throws IOException {
        return url(PostgresCluster.socket(postgres.directory()));
    }

    private static Connection connect() throws Exception {
        return DriverManager.getConnection(url());
    }

    private static String first(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            assertTrue(rows.next());
            return rows.getString(1);
        }
    }

    /** Runs a query on a thread of its own that takes for ever, and something when the server has it. */
    private static SQLException disturbed(Connection connection, boolean virtual, Disturbance disturbance)
            throws Exception {
        ExecutorService thread =
                virtual ? Executors.newVirtualThreadPerTaskExecutor() : Executors.newSingleThreadExecutor();
        try (thread; Statement statement = connection.createStatement(); Connection other = connect()) {
            String pid = first(connection, "select pg_backend_pid()");
            Future<SQLException> failure = thread.submit(() ->
                    assertThrows(SQLException.class, () -> statement.execute("select pg_sleep(3600)")));
            Deadline.await("the server sleeps", () -> {
                try {
                    return first(other, "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and pid = "
                            + pid).equals("1");
                } catch (SQLException failed) {
                    throw new AssertionError(failed);
                }
            });
            disturbance.happen(statement, other, pid);
            return failure.get(Deadline.GENEROUS.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private interface Disturbance {
        void happen(Statement statement, Connection other, String pid) throws Exception;
    }

    @Test
    void theDriverConnectsToTheNameOfItsArgument() throws Exception {
        try (Connection connection = connect()) {
            assertEquals("42", first(connection, "select 6 * 7"));
            assertEquals("t", first(connection, "select inet_client_addr() is null"), "over a Unix domain socket");
            assertTrue(connection.isValid(10));
        }
    }

    @Test
    void whereNobodyListensTheDriverSaysSo() {
        SQLException refused = assertThrows(SQLException.class,
                () -> DriverManager.getConnection(url(directory.path().resolve("nobody"))));
        assertEquals("08001", refused.getSQLState());
        assertInstanceOf(ConnectException.class, refused.getCause());
    }

    @Test
    void aThousandVirtualThreadsShareAPool() throws Exception {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url());
        config.setMaximumPoolSize(20);
        config.setConnectionTimeout(Deadline.GENEROUS.toMillis());
        try (HikariDataSource pool = new HikariDataSource(config);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                int number = i;
                answers.add(threads.submit(() -> {
                    try (Connection connection = pool.getConnection()) {
                        first(connection, "select pg_sleep(0.001)");
                        return first(connection, "select " + number + " * 2");
                    }
                }));
            }
            for (int i = 0; i < 1000; i++) {
                assertEquals(Integer.toString(2 * i), answers.get(i).get(Deadline.GENEROUS.toSeconds(), TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void aStatementIsCancelledByAnotherThread() throws Exception {
        for (boolean virtual : new boolean[] {true, false}) {
            try (Connection connection = connect()) {
                SQLException cancelled = disturbed(connection, virtual, (statement, other, pid) -> statement.cancel());
                assertEquals(CANCELLED, cancelled.getSQLState());
                assertEquals("1", first(connection, "select 1"), "the connection goes on");
            }
        }
    }

    @Test
    void aStatementEndsWhenItsTimeIsUp() throws Exception {
        try (Connection connection = connect(); Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            SQLException late =
                    assertThrows(SQLException.class, () -> statement.execute("select pg_sleep(3600)"));
            assertEquals(CANCELLED, late.getSQLState());
            assertEquals("1", first(connection, "select 1"));
        }
    }

    @Test
    void aReadEndsWhenItsTimeIsUp() throws Exception {
        try (Connection connection = connect(); Statement statement = connection.createStatement()) {
            connection.setNetworkTimeout(Runnable::run, 100);
            assertEquals(100, connection.getNetworkTimeout());
            SQLException late =
                    assertThrows(SQLException.class, () -> statement.execute("select pg_sleep(3600)"));
            assertInstanceOf(SocketTimeoutException.class, late.getCause());
        }
    }

    @Test
    void aConnectionThatIsAbortedEndsItsQuery() throws Exception {
        Connection connection = connect();
        disturbed(connection, true, (statement, other, pid) -> connection.abort(Runnable::run));
        assertTrue(connection.isClosed());
    }

    @Test
    void aBackendThatIsTerminatedIsNoticed() throws Exception {
        try (Connection connection = connect()) {
            SQLException gone = disturbed(connection, true,
                    (statement, other, pid) -> first(other, "select pg_terminate_backend(" + pid + ")"));
            assertEquals("57P01", gone.getSQLState());
        }
    }

    @Test
    void twentyMegabytesOfCopyAreIntactBothWays() throws Exception {
        try (Connection connection = connect(); Statement statement = connection.createStatement()) {
            statement.execute("create table copied_by_driver (line text)");
            CopyManager copies = connection.unwrap(PGConnection.class).getCopyAPI();
            MessageDigest sent = MessageDigest.getInstance("SHA-256");
            MessageDigest received = MessageDigest.getInstance("SHA-256");
            try (Lines lines = new Lines(sent)) {
                assertEquals(LINES, copies.copyIn("copy copied_by_driver from stdin", lines));
            }
            try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), received)) {
                assertEquals(LINES, copies.copyOut("copy copied_by_driver to stdout", out));
            }
            assertEquals(HexFormat.of().formatHex(sent.digest()), HexFormat.of().formatHex(received.digest()));
        }
    }

    /** Lines of a hundred characters, digested as they are read. */
    private static final class Lines extends InputStream {

        private final MessageDigest digest;
        private int made;
        private byte[] line = {};
        private int position;

        Lines(MessageDigest digest) {
            this.digest = digest;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0];
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (position == line.length) {
                if (made == LINES) {
                    return -1;
                }
                String text = HexFormat.of().formatHex(Content.piece(50L * made++, 50)) + "\n";
                line = text.getBytes(StandardCharsets.US_ASCII);
                position = 0;
                digest.update(line);
            }
            int count = Math.min(length, line.length - position);
            System.arraycopy(line, position, into, offset, count);
            position += count;
            return count;
        }
    }

    @Test
    void notificationsAreWaitedForAndArrive() throws Exception {
        try (Connection connection = connect(); Connection other = connect();
                Statement statement = connection.createStatement(); Statement notify = other.createStatement()) {
            statement.execute("listen news");
            PGConnection listening = connection.unwrap(PGConnection.class);
            PGNotification[] none = listening.getNotifications(20);
            assertTrue(none == null || none.length == 0);
            Callable<PGNotification[]> waits = () -> listening.getNotifications((int) Deadline.GENEROUS.toMillis());
            try (ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<PGNotification[]> news = thread.submit(waits);
                notify.execute("notify news, 'arrived'");
                PGNotification[] come = news.get(Deadline.GENEROUS.toSeconds(), TimeUnit.SECONDS);
                assertNotNull(come);
                assertEquals("arrived", come[0].getParameter());
            }
        }
    }
}
