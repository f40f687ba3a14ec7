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
 * The newest Windows JVM that Maven Central has: a Java 21, part of another program's archive for Windows. The build
 * copies the archive into the lane's folder, so pom.xml names it and its version too.
 */
final class WindowsJre {

    private static final String ARCHIVE = "sonar-scanner-cli-8.1.0.6389-windows-x64.zip";
    private static final byte[] SHA256 =
            HexFormat.of().parseHex("73f0e71928673d5b2f39bb86213342a30e51a14c8eec345164016bb29c8df8ee");
    private static final String VERSION = "21.0.9";

    private final Path folder;

    WindowsJre(Path folder) {
        this.folder = folder;
    }

    Path home() {
        return folder.resolve("jre-" + VERSION);
    }

    /** Unpacks the JVM, unless that was done; the folder has its name only when it is complete. */
    void unpack() throws IOException, LaneException {
        if (Files.exists(home())) {
            return;
        }
        Path archive = folder.resolve(ARCHIVE);
        if (!Files.exists(archive)) {
            throw new LaneException("there is no " + archive + ": the build copies it, and lane.sh lets it do so");
        }
        Checksum.require("SHA-256", SHA256, archive);
        System.out.println("Windows lane: unpacking the Windows JVM, once");
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
    }
}
