/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** PostgreSQL's own clients reach their server through {@code panpipe proxy}, and notice nothing of it. */
@Tag("slow")
class PostgresProxyTest {

    private static final int LINES = 100_000;
    private static final int BYTES_PER_LINE = 100;

    private static ShortDirectory directory;
    private static ShortDirectory back;
    private static Path front;
    private static PostgresCluster postgres;
    private static ProxyProcess proxy;

    @BeforeAll
    static void start() throws IOException {
        directory = new ShortDirectory();
        front = Files.createDirectory(directory.path().resolve("front"));
        // Apart, because the server's user cannot enter a directory of ours.
        back = new ShortDirectory();
        postgres = PostgresCluster.start(back.path());
        proxy = new ProxyProcess(PostgresCluster.socket(front), PostgresCluster.socket(postgres.directory()));
    }

    @AfterAll
    static void stop() throws Exception {
        Exception failure = null;
        for (AutoCloseable opened : new AutoCloseable[] {proxy, postgres, back, directory}) {
            try {
                // Not all were opened where the programs are missing.
                if (opened != null) {
                    opened.close();
                }
            } catch (Exception failed) {
                failure = failed;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    @Test
    void resultOfAQueryArrives() throws IOException {
        assertEquals("42", postgres.query(front, "select 6 * 7"));
    }

    @Test
    void twentyMegabytesOfCopyAreIntactBothWays() throws IOException {
        Path out = writeLines(directory.path().resolve("out"));
        Path copy = directory.path().resolve("copy");
        assertTrue(Files.size(out) >= 20_000_000);

        postgres.query(front, "create table copied (number serial, line text)");
        postgres.query(front, "\\copy copied (line) from '" + out + "'");
        assertEquals(Integer.toString(LINES), postgres.query(front, "select count(*) from copied"));
        postgres.query(front, "\\copy (select line from copied order by number) to '" + copy + "'");

        assertEquals(-1, Files.mismatch(out, copy), "first byte that differs");
    }

    private static Path writeLines(Path file) throws IOException {
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            for (int i = 0; i < LINES; i++) {
                writer.write(HexFormat.of().formatHex(Content.piece((long) i * BYTES_PER_LINE, BYTES_PER_LINE)));
                writer.write('\n');
            }
        }
        return file;
    }

    @Test
    void pgbenchWithEightClientsPasses() throws IOException {
        postgres.run(front, "pgbench", "--initialize", "--quiet", "postgres");
        String report = postgres.run(front, "pgbench", "--client=8", "--jobs=2", "--transactions=50", "postgres");

        assertTrue(report.contains("number of transactions actually processed: 400/400"), report);
        assertTrue(report.contains("number of failed transactions: 0 "), report);
        assertEquals("400", postgres.query(front, "select count(*) from pgbench_history"));
    }

    @Test
    void serverSeesThatAClientHasGone() throws IOException {
        String others = "select count(*) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null";
        postgres.query(front, "select 1");
        Deadline.await("no client is left at the server", () -> {
            try {
                return postgres.query(postgres.directory(), others).equals("0");
            } catch (IOException failed) {
                throw new AssertionError(failed);
            }
        });
    }

    @Test
    void dumpShowsTheQuery() throws IOException {
        Path dumped = Files.createDirectory(directory.path().resolve("dumped"));
        try (ProxyProcess dumping = new ProxyProcess(PostgresCluster.socket(dumped),
                PostgresCluster.socket(postgres.directory()), "--dump")) {
            assertEquals("a needle", postgres.query(dumped, "select 'a ' || 'needle'"));
            dumping.awaitSent("select 'a ' || 'needle'");
        }
    }
}
