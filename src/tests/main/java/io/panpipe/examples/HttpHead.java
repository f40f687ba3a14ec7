/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The status line and the fields of a response of HTTP/1.1, and what they say about its body (RFC 9112). */
final class HttpHead {

    /** The body ends with the connection. */
    static final int UNTIL_END = -1;

    /** The body comes in chunks. */
    static final int CHUNKED = -2;

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9]{2})(?: .*)?");
    private static final Pattern FIELD = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*");
    private static final Pattern LENGTH = Pattern.compile("([0-9]{1,9})");

    private final boolean ofHead;
    private final Map<String, String> fields = new LinkedHashMap<>();
    private int status;

    /** Makes one without a line; the answer to a HEAD request has no body, whatever its fields say. */
    HttpHead(boolean ofHead) {
        this.ofHead = ofHead;
    }

    int status() {
        return status;
    }

    /** Returns a field's value; several of one name make a list, and none an empty text. */
    String field(String name) {
        return fields.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }

    /** Takes a line, and tells whether it was the last one. */
    boolean take(String line) throws IOException {
        if (status == 0) {
            status = Integer.parseInt(match(STATUS, line, "status line").group(1));
            return false;
        }
        if (!line.isEmpty()) {
            Matcher field = match(FIELD, line, "field");
            fields.merge(field.group(1).toLowerCase(Locale.ROOT), field.group(2), (one, other) -> one + ", " + other);
            return false;
        }
        if (status >= 200) {
            return true;
        }
        // An interim response, such as 103: the head of the real one follows.
        status = 0;
        fields.clear();
        return false;
    }

    /** Returns how many bytes the body has, or {@link #CHUNKED} or {@link #UNTIL_END}. */
    int bodyLength() throws IOException {
        if (ofHead || status == 204 || status == 304) {
            return 0;
        }
        String coding = field("Transfer-Encoding");
        if (!coding.isEmpty()) {
            // With a length beside it, the two sides of a proxy might see different ends.
            if (!coding.equalsIgnoreCase("chunked") || !field("Content-Length").isEmpty()) {
                throw new IOException("a body that nobody knows the end of: " + coding);
            }
            return CHUNKED;
        }
        String length = field("Content-Length");
        return length.isEmpty() ? UNTIL_END : Integer.parseInt(match(LENGTH, length, "length").group(1));
    }

    static Matcher match(Pattern pattern, String line, String what) throws IOException {
        Matcher matcher = pattern.matcher(line);
        if (!matcher.matches()) {
            throw new IOException("no " + what + " of HTTP: " + line);
        }
        return matcher;
    }
}
