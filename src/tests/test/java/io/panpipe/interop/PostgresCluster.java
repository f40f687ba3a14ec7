/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A PostgreSQL server of its own, empty, that listens on a Unix domain socket only. */
final class PostgresCluster implements AutoCloseable {

    private static final Path VERSIONS = Path.of("/usr/lib/postgresql");
    private static final String USER = "postgres";

    /** The port, which on a Unix domain socket is but a part of the name. */
    static final String PORT = "5432";

    private final Path programs;
    private final Path directory;
    private final List<String> asOwner;
    private final PeerProcess server;

    private PostgresCluster(Path programs, Path directory, List<String> asOwner) throws IOException {
        this.programs = programs;
        this.directory = directory;
        this.asOwner = asOwner;
        Programs.output(owned("initdb", "-D", data(), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C",
                "--no-sync"));
        server = new PeerProcess(PostgresCluster::translate, List.of(owned("postgres", "-D", data(), "-p", PORT,
                "-c", "listen_addresses=", "-c", "unix_socket_directories=" + directory, "-c", "fsync=off")));
        server.await("ready");
    }

    /** Makes and starts one in an empty directory; skips the test where PostgreSQL is missing. */
    static PostgresCluster start(Path directory) throws IOException {
        Optional<Path> programs = findPrograms();
        assumeTrue(programs.isPresent(), "postgres is not installed in " + VERSIONS);
        return new PostgresCluster(programs.orElseThrow(), directory, ownerOf(directory));
    }

    private static Optional<Path> findPrograms() throws IOException {
        if (Files.notExists(VERSIONS)) {
            return Optional.empty();
        }
        try (Stream<Path> versions = Files.list(VERSIONS)) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(bin -> Stream.of("initdb", "postgres", "pg_ctl", "psql", "pgbench")
                            .allMatch(name -> Files.isExecutable(bin.resolve(name))))
                    .max(Path::compareTo);
        }
    }

    /** PostgreSQL refuses to be root: gives the directory to its own user then, and returns how to be that user. */
    private static List<String> ownerOf(Path directory) throws IOException {
        if (!System.getProperty("user.name").equals("root")) {
            return List.of();
        }
        String setpriv = Programs.required("setpriv");
        try {
            Files.setOwner(directory, directory.getFileSystem().getUserPrincipalLookupService()
                    .lookupPrincipalByName(USER));
        } catch (UserPrincipalNotFoundException missing) {
            abort("postgres cannot run: this is root, and there is no user " + USER);
        }
        return List.of(setpriv, "--reuid=" + USER, "--regid=" + USER, "--clear-groups");
    }

    private static String translate(String line) {
        return line.contains("database system is ready to accept connections") ? "ready" : line;
    }

    private String data() {
        return directory.resolve("data").toString();
    }

    /** Returns the socket's name, as clients make it from directory and port. */
    static Path socket(Path directory) {
        return directory.resolve(".s.PGSQL." + PORT);
    }

    Path directory() {
        return directory;
    }

    /** Runs a client program against the socket in a directory, and returns what it prints. */
    String run(Path host, String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(programs.resolve(program).toString(), "-h", host.toString(),
                "-p", PORT, "-U", USER));
        command.addAll(Arrays.asList(arguments));
        return Programs.output(command.toArray(String[]::new));
    }

    /** Runs one query or command of psql, and returns the bare result. */
    String query(Path host, String text) throws IOException {
        return run(host, "psql", "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-d", USER, "-Atc", text).strip();
    }

    private String[] owned(String program, String... arguments) {
        List<String> command = new ArrayList<>(asOwner);
        command.add(programs.resolve(program).toString());
        command.addAll(Arrays.asList(arguments));
        return command.toArray(String[]::new);
    }

    /** Stops it in an orderly way: killed, it would leave shared memory behind. */
    @Override
    public void close() throws IOException {
        try {
            Programs.output(owned("pg_ctl", "-D", data(), "-m", "immediate", "-w", "stop"));
        } finally {
            server.close();
        }
    }
}
