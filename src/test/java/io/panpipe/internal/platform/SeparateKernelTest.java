/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.panpipe.Loop;
import io.panpipe.internal.kernel.Kernel;
import java.io.File;
import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a loop finds the kernel of Windows, which is in a jar of its own. */
class SeparateKernelTest {

    @TempDir
    Path directory;

    private static final Path LIBRARY = library();
    private static final Path WINDOWS = LIBRARY.resolveSibling("windows-classes");

    private static Path library() {
        try {
            return Path.of(Loop.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Test
    void onTheClassPathTheKernelOfWindowsIsFound() {
        assertEquals("windows", Platform.separate("windows", "missing").name());
    }

    @Test
    void aKernelThatIsNotThereIsNamedWhenALoopIsMade() {
        Kernel none = Platform.separate("amiga", "add the jar");
        UnsupportedOperationException thrown = assertThrows(UnsupportedOperationException.class, none::openSelector);
        assertEquals("add the jar", thrown.getMessage());
    }

    @Test
    void onTheModulePathTheLibraryBringsTheKernelOfWindowsWithIt() throws Exception {
        ModuleLayer boot = ModuleLayer.boot();
        Configuration resolved = boot.configuration()
                .resolveAndBind(ModuleFinder.of(LIBRARY, WINDOWS), ModuleFinder.of(), Set.of("io.panpipe"));
        ModuleLayer layer = boot.defineModulesWithOneLoader(resolved, ClassLoader.getPlatformClassLoader());
        Class<?> service = layer.findLoader("io.panpipe").loadClass(Kernel.class.getName());
        List<String> found = ServiceLoader.load(layer, service).stream()
                .map(provider -> provider.type().getModule().getName())
                .toList();
        assertEquals(List.of("io.panpipe.windows"), found);
    }

    /** What somebody reads on Windows who has the library's jar alone. */
    @Test
    void withoutItsJarALoopOnWindowsSaysWhatToAdd() throws Exception {
        String alone = outputOnWindows(LIBRARY);
        assertTrue(alone.contains("UnsupportedOperationException"), alone);
        assertTrue(alone.contains("io.panpipe:panpipe with the classifier windows"), alone);
    }

    @Test
    void withItsJarALoopOnWindowsTriesToStand() throws Exception {
        String both = outputOnWindows(LIBRARY, WINDOWS);
        assertTrue(both.contains("io.panpipe.internal.windows.WindowsSelector"), both);
    }

    /** Runs a program that makes a loop and believes to be on Windows. */
    private String outputOnWindows(Path... classPath) throws IOException, InterruptedException {
        Path program = directory.resolve("MakesALoop.java");
        Files.writeString(program, """
                class MakesALoop {
                    public static void main(String[] args) throws Exception {
                        new io.panpipe.Loop().close();
                    }
                }
                """);
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dos.name=Windows 11",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        Stream.of(classPath).map(Path::toString).collect(Collectors.joining(File.pathSeparator)),
                        program.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
