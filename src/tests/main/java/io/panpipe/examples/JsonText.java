/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import java.io.IOException;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text of {@link Json} and how far it has been read. */
final class JsonText {

    private static final Pattern BLANKS = Pattern.compile("[ \t\r\n]*+");
    private static final Pattern UNICODE = Pattern.compile("u([0-9a-fA-F]{4})");

    private final String text;
    private final Matcher matcher;
    private int at;

    JsonText(String text) {
        this.text = text;
        matcher = BLANKS.matcher(text);
    }

    void check(boolean good) throws IOException {
        if (!good) {
            throw new IOException("no JSON at " + at + ": " + text.substring(0, Math.min(80, text.length())));
        }
    }

    boolean isAtEnd() {
        pass(BLANKS);
        return at == text.length();
    }

    /** Passes by what looks like this, if it is there. */
    boolean pass(Pattern pattern) {
        boolean found = matcher.usePattern(pattern).region(at, text.length()).lookingAt();
        at = found ? matcher.end() : at;
        return found;
    }

    /** Passes by a mark and the blanks before it, if it is there. */
    boolean pass(char mark) {
        boolean found = !isAtEnd() && text.charAt(at) == mark;
        at += found ? 1 : 0;
        return found;
    }

    /** Returns what a pattern has passed by. */
    MatchResult passed() {
        return matcher;
    }

    /** Reads a string, whose first quotation mark has been passed by. */
    String string() throws IOException {
        StringBuilder found = new StringBuilder();
        for (char next = next(); next != '"'; next = next()) {
            check(next >= ' ');
            found.append(next == '\\' ? escaped() : next);
        }
        return found.toString();
    }

    private char next() throws IOException {
        check(at < text.length());
        return text.charAt(at++);
    }

    private char escaped() throws IOException {
        if (pass(UNICODE)) {
            return (char) Integer.parseInt(matcher.group(1), 16);
        }
        int which = Json.ESCAPES.indexOf(next());
        check(which >= 0);
        return Json.ESCAPED.charAt(which);
    }
}
