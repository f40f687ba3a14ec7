/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses of HTTP that are cut, strange or wrong. */
@Tag("simulated")
class HttpResponseTest {

    private static ByteBuffer piece(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static HttpResponse read(String text) throws IOException {
        HttpResponse response = new HttpResponse(false);
        assertTrue(response.take(piece(text)), text);
        return response;
    }

    private static String body(HttpResponse response) {
        return new String(response.body(), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
        "HTTP/1.1 200\r\nContent-Length:4 \r\n\r\nbody",
        "HTTP/1.0 200 OK\nContent-Length: 4\n\nbody",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nbod\r\n0001 ; x=y\r\ny\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nA: b\r\nC: d\r\n\r\n",
    })
    void isTheSameWhereverItIsCut(String text) throws IOException {
        for (int cut = 0; cut < text.length(); cut++) {
            HttpResponse response = new HttpResponse(false);
            assertFalse(response.take(piece(text.substring(0, cut))), "complete before its end");
            assertTrue(response.take(piece(text.substring(cut))));
            assertEquals(200, response.head().status());
            assertEquals("body", body(response));
        }
    }

    @Test
    void aBodyWithoutALengthEndsWithTheConnection() throws IOException {
        HttpResponse response = new HttpResponse(false);
        assertFalse(response.take(piece("HTTP/1.1 200 OK\r\n\r\nas long ")));
        assertFalse(response.take(piece("as it takes")));
        assertTrue(response.take(null));
        assertEquals("as long as it takes", body(response));
    }

    @Test
    void whatComesBehindTheResponseIsNotPartOfIt() throws IOException {
        assertEquals("body", body(read("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbodyHTTP/1.1 400 No\r\n")));
    }

    @Test
    void theseHaveNoBodyWhateverTheySay() throws IOException {
        assertEquals("", body(read("HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n")));
        assertEquals("", body(read("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n")));
        HttpResponse toHead = new HttpResponse(true);
        assertTrue(toHead.take(piece("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")));
        assertEquals("", body(toHead));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/2 200\r\n",
        "HTTP/1.1 600 What\r\n",
        "HTTP/1.1 20\r\n",
        "HTTP/1.1 200 OK\r\nNo field\r\n",
        "HTTP/1.1 200 OK\r\nName : value\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: four\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfour\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nbody\r\n0\r\n\r\n",
    })
    void isRefused(String text) {
        assertThrows(IOException.class, () -> new HttpResponse(false).take(piece(text)));
    }

    @Test
    void aLineWithoutEndIsRefusedBeforeItFillsTheMemory() {
        HttpResponse response = new HttpResponse(false);
        assertThrows(IOException.class, () -> {
            for (int i = 0; i < 100; i++) {
                assertFalse(response.take(piece("HTTP/1.1 ".repeat(100))));
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbod",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n",
    })
    void isCutOffWhereTheConnectionEndsEarly(String text) throws IOException {
        HttpResponse response = new HttpResponse(false);
        assertFalse(response.take(piece(text)));
        IOException failure = assertThrows(IOException.class, () -> response.take(null));
        assertEquals("the answer is cut off", failure.getMessage());
    }
}
