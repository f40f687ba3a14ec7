/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * The newest JVM for Windows that Maven Central has, and the same for Linux: a Java 21, part of another program's archive. The
 * build copies the archives into the lane's folder, so pom.xml names them and their version too.
 */
final class PackedJre {

    private static final String VERSION = "21.0.9";

    private final Path folder;
    private final String system;
    private final byte[] sha256;

    private PackedJre(Path folder, String system, String sha256) {
        this.folder = folder;
        this.system = system;
        this.sha256 = HexFormat.of().parseHex(sha256);
    }

    static PackedJre forWindows(Path folder) {
        return new PackedJre(folder, "windows-x64", "73f0e71928673d5b2f39bb86213342a30e51a14c8eec345164016bb29c8df8ee");
    }

    static PackedJre forLinux(Path folder) {
        return new PackedJre(folder, "linux-x64", "bb8f709f9cb73352f8d1260a3b3c506c0f41146754bc630762c126d795499d0b");
    }

    Path home() {
        return folder.resolve("jre-" + VERSION + (system.startsWith("windows") ? "" : "-" + system));
    }

    /** Unpacks the JVM, unless that was done; the folder has its name only when it is complete. */
    void unpack() throws IOException, LaneException {
        if (Files.exists(home())) {
            return;
        }
        Path archive = folder.resolve("sonar-scanner-cli-8.1.0.6389-" + system + ".zip");
        if (!Files.exists(archive)) {
            throw new LaneException("there is no " + archive + ": the build copies it, and lane.sh lets it do so");
        }
        Checksum.require("SHA-256", sha256, archive);
        System.out.println("Lane: unpacking a JVM for " + system + ", once");
        Path half = folder.resolve("jre.half");
        LaneFolder.deleteTree(half);
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                copy(entry, zip, half);
            }
        }
        Files.move(half, home(), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Copies an entry below {@code jre}, which is the second folder of every entry's path. */
    private static void copy(ZipEntry entry, InputStream content, Path to) throws IOException {
        Path path = Path.of(entry.getName());
        if (entry.isDirectory() || path.getNameCount() < 3 || !path.getName(1).toString().equals("jre")) {
            return;
        }
        Path file = to.resolve(path.subpath(2, path.getNameCount()));
        Files.createDirectories(file.getParent());
        Files.copy(content, file);
        if (path.getName(2).toString().equals("bin") || file.endsWith("jspawnhelper")) {
            // A ZipInputStream does not tell of modes.
            require(file.toFile().setExecutable(true, false), file);
        }
    }

    private static void require(boolean done, Path file) throws IOException {
        if (!done) {
            throw new IOException("cannot be made executable: " + file);
        }
    }
}
