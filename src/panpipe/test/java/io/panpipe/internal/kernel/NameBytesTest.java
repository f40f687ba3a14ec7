/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that are bytes, as text and back. */
class NameBytesTest {

    private static String text(byte[] bytes) {
        return NameBytes.decode(bytes, 0, bytes.length);
    }

    @ParameterizedTest
    @CsvSource({
        "2f746d70, /tmp", "c3a4, \u00e4", "f09f9880, \ud83d\ude00", "efbfbd, \ufffd",
        // Latin-1; a character's beginning at the end; its beginning twice; half a surrogate pair; too long for its value.
        "e9, \udce9", "61e282, a\udce2\udc82", "e2c3a4, \udce2\u00e4", "eda080, \udced\udca0\udc80", "c0af, \udcc0\udcaf",
        "efbfbdff, \ufffd\udcff"
    })
    void eachByteHasItsText(String hex, String expected) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertEquals(expected, text(bytes));
        assertArrayEquals(bytes, NameBytes.encode(expected));
        assertEquals(bytes.length, NameBytes.length(expected));
    }

    @Test
    void anyBytesComeBack() {
        Random random = new Random(1);
        int[] leads = {0x41, 0x80, 0xbf, 0xc3, 0xe2, 0xed, 0xf0, 0xff};
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(8)];
            for (int j = 0; j < bytes.length; j++) {
                bytes[j] = (byte) (random.nextBoolean() ? leads[random.nextInt(leads.length)] : random.nextInt(256));
            }
            assertArrayEquals(bytes, NameBytes.encode(text(bytes)), () -> HexFormat.of().formatHex(bytes));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud800", "a\udbff", "\udc00", "\udc7f", "\udd00", "\udfff", "\ud800\ud800\udc00", "\ud83dx"})
    void whatStandsForNoByteIsNoName(String name) {
        assertNull(NameBytes.encode(name));
        assertEquals(-1, NameBytes.length(name));
    }

    @Test
    void partOfAnArrayIsDecoded() {
        byte[] bytes = {'x', (byte) 0xff, 'y', 'z'};
        assertEquals("\udcffy", NameBytes.decode(bytes, 1, 2));
    }

    @Test
    void messagesShowWhatIsNotUtf8() {
        assertEquals("@a\\xff\\x80b", NameBytes.printable("\0a\udcff\udc80b"));
        assertEquals("\ud83d\ude00 \ud83d\udc80", NameBytes.printable("\ud83d\ude00 \ud83d\udc80"));
    }
}
