/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.panpipe.KernelAccess;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.Signal;
import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.NativeFunctions;
import io.panpipe.internal.kernel.Kernel;
import io.panpipe.internal.windows.WindowsKernel;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** The running Windows, or Wine. */
public final class WindowsKernelUnderTest implements ContractKernel {

    private static final Kernel KERNEL = new WindowsKernel();
    private static final int FILE_NOT_FOUND = 2;
    private static final int NO_WAIT_MILLIS = 1;
    private static final MethodHandle WAIT_NAMED_PIPE = NativeFunctions.of("kernel32.dll").four("WaitNamedPipeW");
    private static final boolean NAMES_ARE_EXCLUSIVE = !isWine() || refusesSecondServer();

    private final String prefix = "\\\\.\\pipe\\panpipe-test-" + UUID.randomUUID() + "-";
    private final List<String> names = new ArrayList<>();
    private final boolean isAlone;
    private final Map<Long, String> before;

    /**
     * Prepares for one test.
     *
     * @param isAlone whether nothing else runs in this JVM, so that every handle that is left is the test's
     */
    public WindowsKernelUnderTest(boolean isAlone) {
        this.isAlone = isAlone;
        before = isAlone ? OpenHandles.ofLoops() : Map.of();
    }

    private static boolean isWine() {
        try {
            NativeFunctions.of("ntdll.dll").four("wine_get_version");
            return true;
        } catch (UnsatisfiedLinkError windows) {
            return false;
        }
    }

    /** Tells whether FILE_FLAG_FIRST_PIPE_INSTANCE works, as it does in Windows and in later versions of Wine. */
    private static boolean refusesSecondServer() {
        String name = "\\\\.\\pipe\\panpipe-test-" + UUID.randomUUID();
        try (Loop loop = KernelAccess.loop(KERNEL)) {
            new Pipe(loop).bind(name);
            try {
                new Pipe(loop).bind(name);
                return false;
            } catch (PanpipeException taken) {
                return true;
            }
        } catch (PanpipeException refused) {
            throw new AssertionError(refused);
        }
    }

    @Override
    public Kernel kernel() {
        return KERNEL;
    }

    @Override
    public int secondSignal() {
        return Signal.INT;
    }

    @Override
    public boolean has(Trait trait) {
        return switch (trait) {
            case EMPTY_NAMES, HANDLES_END_A_READ -> true;
            case EXCLUSIVE_NAMES -> NAMES_ARE_EXCLUSIVE;
            default -> false;
        };
    }

    @Override
    public String call(String operation) {
        return switch (operation) {
            case "connect" -> "CreateFile";
            case "bind" -> "CreateNamedPipe";
            default -> operation;
        };
    }

    @Override
    public String freshName() {
        String name = prefix + names.size();
        names.add(name);
        return name;
    }

    @Override
    public boolean writesInFlight() {
        return true;
    }

    @Override
    public long manyBytes() {
        return 8_000_000;
    }

    @Override
    public boolean exists(String name) {
        CallState state = new CallState();
        try (Arena arena = Arena.ofConfined()) {
            long text = arena.allocateFrom(name, StandardCharsets.UTF_16LE).address();
            int found = (int) (long) WAIT_NAMED_PIPE.invokeExact(state.segment(), text, (long) NO_WAIT_MILLIS, 0L, 0L);
            return found != 0 || state.error() != FILE_NOT_FOUND;
        } catch (Throwable wrongBinding) {
            throw new AssertionError(wrongBinding);
        }
    }

    @Override
    public void beforeClose(List<Long> descriptors) {
        // What is open before a test and after it are compared.
    }

    @Override
    public void assertNothingLeft() {
        if (isAlone) {
            Map<Long, String> after = OpenHandles.ofLoops();
            assertEquals(Map.of(), without(before, after), "handles left");
            Map<Long, String> closed = without(after, before);
            // The JDK closes those of ended processes when it collects their Process objects.
            closed.values().removeIf("Process"::equals);
            assertEquals(Map.of(), closed, "handles closed that were not the test's");
        }
        assertEquals(List.of(), names.stream().filter(this::exists).toList(), "names left");
    }

    private static Map<Long, String> without(Map<Long, String> known, Map<Long, String> handles) {
        Map<Long, String> rest = new TreeMap<>(handles);
        rest.entrySet().removeAll(known.entrySet());
        return rest;
    }

    @Override
    public void close() {
        // Names vanish with their handles.
    }
}
