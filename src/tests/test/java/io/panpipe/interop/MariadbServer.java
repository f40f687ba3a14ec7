/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A MariaDB server of its own, empty, that listens on a Unix domain socket only. */
final class MariadbServer implements AutoCloseable {

    private static final Path SERVER = Path.of("/usr/sbin/mariadbd");

    private final Path socket;
    private final PeerProcess server;

    /** Makes and starts one in an empty directory; skips the test where MariaDB is missing. */
    MariadbServer(Path directory) throws IOException {
        assumeTrue(Files.isExecutable(SERVER), SERVER + " is not installed");
        Path data = directory.resolve("data");
        socket = directory.resolve("mariadb.sock");
        String user = "--user=" + System.getProperty("user.name");
        Programs.output(Programs.required("mariadb-install-db"), "--no-defaults", user, "--datadir=" + data,
                "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve");
        server = new PeerProcess(MariadbServer::translate, List.of(SERVER.toString(), "--no-defaults", user,
                "--datadir=" + data, "--socket=" + socket, "--skip-networking", "--innodb-flush-log-at-trx-commit=0",
                "--max-allowed-packet=64M", "--pid-file=" + directory.resolve("pid")));
        server.await("ready");
    }

    private static String translate(String line) {
        return line.contains("ready for connections") ? "ready" : line;
    }

    Path socket() {
        return socket;
    }

    @Override
    public void close() {
        server.close();
    }
}
