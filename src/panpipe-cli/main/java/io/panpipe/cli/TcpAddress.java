/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/**
 * A TCP port: {@code tcp:PORT} is one of the loopback address, which other machines cannot reach; any other address has
 * to be spelt out.
 *
 * @param host a name or an address, without brackets
 * @param port 0 for one that the system picks
 * @param literal the address that the host is; null for a name, which has to be looked up
 */
record TcpAddress(String host, int port, @Nullable InetAddress literal) implements Address {

    static final String PREFIX = "tcp:";

    private static final String LOOPBACK = "127.0.0.1";
    private static final int HIGHEST_PORT = 65_535;
    private static final Pattern SYNTAX = Pattern.compile(PREFIX + "(?:(\\[[^\\[\\]]+]|[^\\[\\]:]+):)?(\\d{1,5})");

    /** What is an address, so that no server of names is asked for it. */
    private static final Pattern IPV4 = Pattern.compile("(?:BYTE\\.){3}BYTE".replace("BYTE",
            "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"));

    /** Reads an argument that begins with the prefix. */
    static TcpAddress of(String argument) {
        Matcher parts = SYNTAX.matcher(argument);
        if (!parts.matches() || Integer.parseInt(parts.group(2)) > HIGHEST_PORT) {
            throw wrong(argument);
        }
        String host = parts.group(1) == null ? LOOPBACK : parts.group(1);
        int port = Integer.parseInt(parts.group(2));
        if (!host.startsWith("[") && !IPV4.matcher(host).matches()) {
            return new TcpAddress(host, port, null);
        }
        try {
            InetAddress literal = InetAddress.getByName(host);
            return new TcpAddress(host.replaceAll("[\\[\\]]", ""), port, literal);
        } catch (UnknownHostException invalid) {
            throw wrong(argument);
        }
    }

    private static TypeConversionException wrong(String argument) {
        return new TypeConversionException("'" + argument + "' is no port such as tcp:8080, tcp:example.org:8080 or"
                + " tcp:[::1]:8080; a file of that name is ./" + argument);
    }

    /** Writes an address as the command line has it. */
    static String text(InetSocketAddress address) {
        // Java does not shorten zeros.
        String host = address.getAddress().getHostAddress().replaceFirst("(^|:)(0(:|$)){2,}", "::");
        return new TcpAddress(host, address.getPort(), null).toString();
    }

    @Override
    public String toString() {
        return PREFIX + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
