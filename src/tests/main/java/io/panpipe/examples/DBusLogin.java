/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.Pipe;
import io.panpipe.framing.Framing;
import io.panpipe.framing.MessageDecoder;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The beginning of a connection to D-Bus ("Authentication Protocol"): the system tells the bus who this user is. */
final class DBusLogin {

    private static final Pattern ADDRESS = Pattern.compile("(?:^|;)unix:(?:[^;]*,)?(path|abstract)=([^,;]+)");
    private static final Framing LINES = Framing.crlfLines();
    private static final int LONGEST_LINE = 16 * 1024;

    private final Pipe pipe;

    DBusLogin(Pipe pipe) {
        this.pipe = pipe;
    }

    /** Returns the pipe's name in a bus address, which may list several ways ("Server Addresses"). */
    static String pipeName(String address) throws IOException {
        Matcher matcher = ADDRESS.matcher(address);
        if (!matcher.find()) {
            throw new IOException("no address of a Unix socket: " + address);
        }
        String name = URLDecoder.decode(matcher.group(2).replace("+", "%2B"), StandardCharsets.UTF_8);
        return matcher.group(1).equals("path") ? name : "\0" + name;
    }

    void begin() {
        // The NUL is for systems where credentials travel with data.
        say("\0AUTH EXTERNAL");
    }

    private void say(String line) {
        // If the bus is gone, the read tells.
        pipe.write(LINES.frame(line), (same, failed) -> {});
    }

    /** Returns what the bus says is decoded with, before messages follow. */
    static MessageDecoder decoder() {
        return new MessageDecoder(LINES, LONGEST_LINE);
    }

    /** Takes what the bus has said, and tells whether messages follow. */
    boolean take(MessageDecoder in) throws IOException {
        for (ByteBuffer bytes = in.next(); bytes != null; bytes = in.next()) {
            String line = StandardCharsets.UTF_8.decode(bytes).toString();
            switch (line.split(" ")[0]) {
                case "DATA" -> say("DATA");
                case "OK" -> say("NEGOTIATE_UNIX_FD");
                case "AGREE_UNIX_FD" -> {
                    say("BEGIN");
                    return true;
                }
                case "REJECTED" -> throw new IOException("the bus lets nobody in this way: " + line);
                case "ERROR" -> throw new IOException("the bus passes no descriptors on: " + line);
                default -> throw new IOException("no bus: " + line);
            }
        }
        return false;
    }
}
