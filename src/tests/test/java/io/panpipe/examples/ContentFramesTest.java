/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages of the Language Server Protocol, cut anywhere. */
@Tag("simulated")
class ContentFramesTest {

    private static final String FIRST =
            new String(ContentFrames.frame(Map.of("text", "grün")), StandardCharsets.UTF_8);
    private static final String MESSAGES = FIRST
            + "content-length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{}"
            + "Content-Type: x\r\nContent-Length:1\r\n\r\n7";

    private static List<Object> take(ContentFrames frames, byte[] bytes, int from, int to) throws IOException {
        return frames.take(ByteBuffer.wrap(bytes, from, to - from));
    }

    @Test
    void areTheSameWhereverTheyAreCut() throws IOException {
        byte[] bytes = MESSAGES.getBytes(StandardCharsets.UTF_8);
        List<Object> expected = List.of(Map.of("text", "grün"), Map.of(), 7L);
        for (int cut = 0; cut <= bytes.length; cut++) {
            ContentFrames frames = new ContentFrames();
            List<Object> found = new ArrayList<>(take(frames, bytes, 0, cut));
            found.addAll(take(frames, bytes, cut, bytes.length));
            assertEquals(expected, found, "cut at " + cut);
        }
    }

    @Test
    void areTheSameByteForByte() throws IOException {
        byte[] bytes = MESSAGES.getBytes(StandardCharsets.UTF_8);
        ContentFrames frames = new ContentFrames();
        List<Object> found = new ArrayList<>();
        for (int i = 0; i < bytes.length; i++) {
            found.addAll(take(frames, bytes, i, i + 1));
        }
        assertEquals(3, found.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\r\n", "Content-Type: x\r\n\r\n{}", "Content-Length: -2\r\n\r\n{}", "Content-Length: two\r\n", "{}\r\n",
        "Content-Length: 99999999999\r\n\r\n", "Content-Length: 3\r\n\r\n{}{", "Content-Length 2\r\n\r\n{}",
    })
    void areRefused(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertThrows(IOException.class, () -> take(new ContentFrames(), bytes, 0, bytes.length));
    }

    @Test
    void aHeaderWithoutEndIsRefusedBeforeItFillsTheMemory() {
        byte[] bytes = "Content-Length: 2".repeat(1000).getBytes(StandardCharsets.UTF_8);
        assertThrows(IOException.class, () -> take(new ContentFrames(), bytes, 0, bytes.length));
    }
}
