/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A native image can link only shapes that it was told of when it was built: those of the jar's metadata. */
@EnabledOnOs(OS.LINUX)
class ReachabilityMetadataTest {

    /** As GraalVM's "Foreign Function and Memory API in Native Image" has it; the white space is removed. */
    private static String downcall(int parameters, String options) {
        return "{\"returnType\":\"jlong\",\"parameterTypes\":["
                + String.join(",", Collections.nCopies(parameters, "\"jlong\"")) + "],\"options\":{" + options + "}}";
    }

    @Test
    void theMetadataHasTheShapesThatAreLinkedAndNoOther() throws Exception {
        List<String> shapes = new ArrayList<>();
        for (Method method : Stream.of(NativeFunctions.class.getMethods())
                .filter(each -> each.getReturnType() == MethodHandle.class)
                .toList()) {
            MethodHandle linked = (MethodHandle) method.invoke(NativeFunctions.C, "getpid");
            boolean variadic = method.getName().equals("variadic");
            // The first parameter is where errno is captured.
            shapes.add(downcall(linked.type().parameterCount() - 1,
                    "\"captureCallState\":true" + (variadic ? ",\"firstVariadicArg\":2" : "")));
        }
        Collections.sort(shapes);

        String metadata;
        try (var file = NativeFunctions.class.getResourceAsStream(
                "/META-INF/native-image/io.panpipe/panpipe/reachability-metadata.json")) {
            metadata = new String(file.readAllBytes(), StandardCharsets.UTF_8).replaceAll("\\s", "");
        }
        String before = "{\"foreign\":{\"downcalls\":[";
        String behind = "]}}";
        assertEquals(before, metadata.substring(0, before.length()));
        List<String> told = Stream.of(metadata.substring(before.length(), metadata.length() - behind.length())
                        .split("(?<=}}),"))
                .sorted().toList();
        assertEquals(shapes, told);
        assertEquals(behind, metadata.substring(metadata.length() - behind.length()));
    }
}
