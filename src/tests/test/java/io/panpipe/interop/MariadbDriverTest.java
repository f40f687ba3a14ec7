/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** MariaDB's JDBC driver, which gives a factory no argument, finds its server by a system property. */
@Tag("slow")
class MariadbDriverTest {

    private static final String PROPERTY = "panpipe.socket.localhost";
    private static final int LARGE = 8 * 1024 * 1024;

    private static ShortDirectory directory;
    private static MariadbServer server;

    @BeforeAll
    static void start() throws IOException {
        directory = new ShortDirectory();
        server = new MariadbServer(directory.path());
        System.setProperty(PROPERTY, server.socket().toString());
    }

    @AfterAll
    static void stop() throws IOException {
        System.clearProperty(PROPERTY);
        if (server != null) {
            server.close();
        }
        if (directory != null) {
            directory.close();
        }
    }

    /** The URL that the documentation tells. */
    private static String url() throws IOException {
        String line = Files.readAllLines(Path.of("docs/sockets.md")).stream()
                .filter(text -> text.startsWith("jdbc:mariadb:"))
                .findFirst()
                .orElseThrow();
        return line.replace("/shop?", "/mysql?") + "&user=root";
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

    @Test
    void theDriverConnectsToTheNameOfTheProperty() throws Exception {
        try (Connection connection = connect()) {
            assertEquals("42", first(connection, "select 6 * 7"));
            assertTrue(first(connection, "select current_user()").startsWith("root@localhost"));
            assertTrue(connection.isValid(10));
        }
    }

    @Test
    void largeValuesGoAndComeBack() throws Exception {
        byte[] value = Content.piece(0, LARGE);
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement("select ?")) {
            statement.setBytes(1, value);
            try (ResultSet rows = statement.executeQuery()) {
                assertTrue(rows.next());
                assertEquals(-1, Arrays.mismatch(value, rows.getBytes(1)));
            }
        }
    }

    @Test
    void threeHundredVirtualThreadsShareAPool() throws Exception {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url());
        config.setMaximumPoolSize(10);
        config.setConnectionTimeout(Deadline.GENEROUS.toMillis());
        try (HikariDataSource pool = new HikariDataSource(config);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                int number = i;
                answers.add(threads.submit(() -> {
                    try (Connection connection = pool.getConnection()) {
                        return first(connection, "select " + number + " * 2");
                    }
                }));
            }
            for (int i = 0; i < 300; i++) {
                assertEquals(Integer.toString(2 * i), answers.get(i).get(Deadline.GENEROUS.toSeconds(), TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void aStatementIsCancelledByAnotherThread() throws Exception {
        try (Connection connection = connect(); Connection other = connect();
                Statement statement = connection.createStatement();
                ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
            String id = first(connection, "select connection_id()");
            // Rows without an end, since a sleep or a benchmark that is killed is no error.
            Future<SQLException> failure = thread.submit(() -> assertThrows(SQLException.class, () -> statement.execute(
                    "select sum(a.seq * b.seq) from seq_1_to_10000000 a, seq_1_to_10000000 b")));
            Deadline.await("the server is at it", () -> {
                try {
                    return first(other, "select count(*) from information_schema.processlist where command = 'Query'"
                            + " and info like 'select sum(a.seq%' and id = " + id).equals("1");
                } catch (SQLException failed) {
                    throw new AssertionError(failed);
                }
            });
            statement.cancel();
            assertEquals("70100", failure.get(Deadline.GENEROUS.toSeconds(), TimeUnit.SECONDS).getSQLState());
            assertEquals("1", first(connection, "select 1"), "the connection goes on");
        }
    }

    @Test
    void aReadEndsWhenItsTimeIsUp() throws Exception {
        try (Connection connection = connect(); Statement statement = connection.createStatement()) {
            connection.setNetworkTimeout(Runnable::run, 100);
            assertThrows(SQLException.class, () -> statement.execute("select sleep(30)"));
        }
    }
}
