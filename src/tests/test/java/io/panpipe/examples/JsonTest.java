/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON as the examples read and write it. */
@Tag("simulated")
class JsonTest {

    @ParameterizedTest
    @ValueSource(strings = {
        "null", "true", "false", "0", "-1", "1234567890123456789", "1.5", "-0.25", "\"\"", "[]", "{}", "[[[]],{}]",
        "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001ü\u2028\uD83D\uDE00\"",
        "{\"a\":{\"b\":[1,\"2\",null,true]},\"\":{}}",
    })
    void isWrittenAsItWasRead(String text) throws IOException {
        // A number that no Long holds for sure is a Double.
        String expected = text.length() == 19 ? "1.2345678901234568E18" : text;
        assertEquals(expected, Json.text(Json.parse(text)));
    }

    @Test
    void blanksAndEscapesAreUnderstood() throws IOException {
        Object value = Json.parse(" \t\r\n{ \"a\" : [ 1 , 2e2 ] , \"\\u0062\\/\" : \"\\uD83D\\uDE00\" } \n");
        assertEquals("[1, 200.0]", String.valueOf(Json.get(value, "a")));
        assertEquals("\uD83D\uDE00", Json.get(value, "b/"));
        assertNull(Json.get(value, "a", "b"));
        assertNull(Json.get(value, "nothing", "in", "it"));
    }

    @Test
    void aTextOfAMillionEscapesIsRead() throws IOException {
        assertEquals(1_000_000, ((String) Json.parse("\"" + "\\n".repeat(1_000_000) + "\"")).length());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", " ", "nul", "nulll", "+1", "01", "1.", ".5", "1e", "--1", "NaN", "'a'", "\"", "\"a", "\"\\\"", "\"\\x\"",
        "\"\\u12\"", "\"\n\"", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "{\"a\"", "{\"a\":", "{\"a\":1",
        "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "{1:1}", "[] []", "{}}", "]",
    })
    void isRefused(String text) {
        assertThrows(IOException.class, () -> Json.parse(text));
    }

    @Test
    void whatIsTooDeepIsRefusedBeforeTheStackOverflows() {
        assertThrows(IOException.class, () -> Json.parse("[".repeat(1_000_000)));
    }
}
