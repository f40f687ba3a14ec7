/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The JDK's paths as names and back, whatever the locale. */
@EnabledOnOs(OS.LINUX)
class PathNamesTest {

    @ParameterizedTest
    @ValueSource(strings = {"/", "", ".", "a", "/a/b", "../a/./b"})
    void asciiIsAsItIs(String name) {
        assertEquals(name, PathNames.nameOf(Path.of(name)));
        assertEquals(Path.of(name), PathNames.pathOf(name));
    }

    @ParameterizedTest
    @CsvSource({
        "/a/%ff%fe.sock, /a/\udcff\udcfe.sock", "/%e9/x, /\udce9/x", "/a%20b%25/%c3%a4, /a b%/\u00e4",
        "/%c3%a4/../%ff, /\u00e4/../\udcff"
    })
    void bytesAreKept(String raw, String name) {
        Path path = Path.of(URI.create("file://" + raw));
        assertEquals(name, PathNames.nameOf(path));
        assertEquals(path, PathNames.pathOf(name));
        Path relative = Path.of("/").relativize(path.normalize());
        String relativeName = PathNames.nameOf(path.normalize()).substring(1);
        assertEquals(relativeName, PathNames.nameOf(relative));
        assertEquals(relative, PathNames.pathOf(relativeName));
    }

    @Test
    void directoriesHaveNoSlashAtTheirEnd() {
        Path parent = Path.of("").toAbsolutePath();
        assertEquals(parent.toString() + "/\udcff", PathNames.nameOf(parent.resolve(PathNames.pathOf("\udcff"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0abstract", "\0\udcff", "a\0\u00e4", "\ud800"})
    void whatIsNoPathSaysSo(String name) {
        assertThrows(InvalidPathException.class, () -> PathNames.pathOf(name));
    }
}
