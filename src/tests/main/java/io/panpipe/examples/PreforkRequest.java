/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server that knows one page has to understand of a request's head (RFC 9112).
 *
 * @param status how to answer
 * @param wantsBody whether the answer has a body: HEAD asks for the head alone
 * @param persistent whether the connection goes on after the answer
 */
record PreforkRequest(int status, boolean wantsBody, boolean persistent) {

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final Pattern REQUEST = Pattern.compile("(" + TOKEN + ") [!-~]+ HTTP/([0-9])\\.([0-9])");
    private static final Pattern FIELD = Pattern.compile("(" + TOKEN + "):[ \t]*([^\r\n\0]*?)[ \t]*");

    static final PreforkRequest TOO_LONG = last(431);

    /** An answer after which it is not known where the next request begins. */
    private static PreforkRequest last(int status) {
        return new PreforkRequest(status, true, false);
    }

    /** Reads the lines of a head, without the empty one that ends it. */
    static PreforkRequest parse(List<String> lines) {
        Matcher request = REQUEST.matcher(lines.getFirst());
        if (!request.matches()) {
            return last(400);
        }
        if (!request.group(2).equals("1")) {
            return last(505);
        }
        boolean old = request.group(3).equals("0");
        Set<String> options = new HashSet<>();
        boolean hasBody = false;
        int hosts = 0;
        for (String line : lines.subList(1, lines.size())) {
            Matcher field = FIELD.matcher(line);
            if (!field.matches()) {
                return last(400);
            }
            String value = field.group(2);
            switch (field.group(1).toLowerCase(Locale.ROOT)) {
                case "host" -> hosts++;
                case "connection" -> options.addAll(List.of(value.toLowerCase(Locale.ROOT).split("[ \t]*,[ \t]*")));
                case "content-length", "transfer-encoding" -> hasBody |= !value.equals("0");
                default -> { }
            }
        }
        if (hosts > 1 || hosts == 0 && !old) {
            return last(400);
        }
        String method = request.group(1);
        boolean known = method.equals("GET") || method.equals("HEAD");
        // A body is not read: the connection ends instead.
        boolean persistent = !hasBody && !options.contains("close") && (!old || options.contains("keep-alive"));
        return new PreforkRequest(known ? 200 : 405, !method.equals("HEAD"), persistent);
    }
}
