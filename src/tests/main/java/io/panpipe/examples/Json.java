/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** JSON (RFC 8259) as maps, lists, strings, numbers (Long or Double), booleans and null. */
final class Json {

    /** What follows a backslash, and what it means. */
    static final String ESCAPES = "\"\\/bfnrt";
    static final String ESCAPED = "\"\\/\b\f\n\r\t";

    private Json() {}

    static @Nullable Object parse(String text) throws IOException {
        return new JsonReader(text).read();
    }

    /** Returns what these names lead to, one inside of the other, or null where there is no such thing. */
    static @Nullable Object get(@Nullable Object object, String... names) {
        Object found = object;
        for (String name : names) {
            found = found instanceof Map<?, ?> map ? map.get(name) : null;
        }
        return found;
    }

    /** Makes an object of names and values by turns, without those that are null. */
    static Map<String, Object> object(@Nullable Object... members) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < members.length; i += 2) {
            if (members[i + 1] != null) {
                object.put(String.valueOf(members[i]), members[i + 1]);
            }
        }
        return object;
    }

    /** Returns the text of a value, in one line. */
    static String text(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> map.entrySet().stream()
                    .map(member -> quote(String.valueOf(member.getKey())) + ":" + text(member.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
            case Collection<?> list -> list.stream().map(Json::text).collect(Collectors.joining(",", "[", "]"));
            case String string -> quote(string);
            case null, default -> String.valueOf(value);
        };
    }

    private static String quote(String string) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char letter : string.toCharArray()) {
            int which = letter == '/' ? -1 : ESCAPED.indexOf(letter);
            if (which >= 0) {
                quoted.append('\\').append(ESCAPES.charAt(which));
            } else if (letter < ' ') {
                quoted.append("\\u%04x".formatted((int) letter));
            } else {
                quoted.append(letter);
            }
        }
        return quoted.append('"').toString();
    }
}
