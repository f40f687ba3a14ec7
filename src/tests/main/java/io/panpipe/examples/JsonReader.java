/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one text of {@link Json}. */
final class JsonReader {

    private static final Pattern WORD = Pattern.compile("true|false|null");
    private static final Pattern NUMBER = Pattern.compile("-?(?:0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    /** Deeper ones might take the whole stack. */
    private static final int DEEPEST = 500;

    /** No Long has that many digits. */
    private static final int TOO_LONG = 19;

    private final JsonText text;
    private int depth;

    JsonReader(String text) {
        this.text = new JsonText(text);
    }

    /** Reads all of it. */
    @Nullable Object read() throws IOException {
        Object value = value();
        text.check(text.isAtEnd());
        return value;
    }

    private @Nullable Object value() throws IOException {
        text.check(depth++ < DEEPEST);
        Object value = text.pass('{') ? object() : text.pass('[') ? array() : text.pass('"') ? text.string() : simple();
        depth--;
        return value;
    }

    private @Nullable Object simple() throws IOException {
        if (text.pass(WORD)) {
            String word = text.passed().group();
            return word.equals("null") ? null : (Object) Boolean.valueOf(word);
        }
        text.check(text.pass(NUMBER));
        String number = text.passed().group();
        boolean whole = text.passed().group(1) == null && text.passed().group(2) == null && number.length() < TOO_LONG;
        return whole ? (Object) Long.valueOf(number) : (Object) Double.valueOf(number);
    }

    private Map<String, @Nullable Object> object() throws IOException {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        while (!text.pass('}')) {
            text.check((members.isEmpty() || text.pass(',')) && text.pass('"'));
            String name = text.string();
            text.check(text.pass(':'));
            members.put(name, value());
        }
        return members;
    }

    private List<@Nullable Object> array() throws IOException {
        List<@Nullable Object> elements = new ArrayList<>();
        while (!text.pass(']')) {
            text.check(elements.isEmpty() || text.pass(','));
            elements.add(value());
        }
        return elements;
    }
}
