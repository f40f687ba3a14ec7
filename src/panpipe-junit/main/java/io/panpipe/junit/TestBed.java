/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.junit;

import io.panpipe.Handle;
import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.Pipe;
import io.panpipe.RunMode;
import io.panpipe.testing.SimulatedKernel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What one test was given, and what must be gone when it ends. */
final class TestBed {

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(TestBed.class);
    private static final int SETTLING_TURNS = 20;
    private static final int TRACE_LINES = 100;

    private final Surroundings before;
    private final List<Loop> loops = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private @Nullable SimulatedKernel kernel;
    private @Nullable AtomicBoolean failed;

    private TestBed(ExtensionContext context) {
        before = Surroundings.of(context);
    }

    /** Returns that of a test, made when it is first asked for. */
    static TestBed of(ExtensionContext context) {
        return context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(context.getUniqueId(), key -> new TestBed(context), TestBed.class);
    }

    /** Makes a machine: one without chance for the seed 0. */
    void simulate(long seed) {
        if (kernel == null) {
            kernel = seed == 0 ? SimulatedKernel.quiet() : new SimulatedKernel(seed);
        }
    }

    /** Makes a machine for one seed of many. */
    void simulate(long seed, AtomicBoolean tellsFailure) {
        kernel = new SimulatedKernel(seed);
        failed = tellsFailure;
    }

    Optional<SimulatedKernel> kernel() {
        return Optional.ofNullable(kernel);
    }

    Loop loop() {
        if (kernel != null) {
            return kernel.loop();
        }
        Loop loop;
        try {
            loop = new Loop();
        } catch (PanpipeException refused) {
            throw new IllegalStateException("no loop: " + refused.getMessage(), refused);
        }
        // It ends the run, and so the test.
        loop.uncaughtExceptionHandler((itself, thrown) -> {
            throw thrown instanceof Error error ? error : new AssertionError("a callback threw " + thrown, thrown);
        });
        loops.add(loop);
        return loop;
    }

    String freshName() {
        if (kernel != null) {
            return kernel.freshName();
        }
        String name = Pipe.portableName("panpipe-" + UUID.randomUUID());
        names.add(name);
        return name;
    }

    /** Closes everything; fails if anything was left by a test that has not failed itself. */
    void finish(ExtensionContext context) {
        Throwable failure = context.getExecutionException().orElse(null);
        try {
            close(failure == null);
        } catch (RuntimeException | Error left) {
            if (failure != null) {
                failure.addSuppressed(left);
            } else if (failed != null) {
                throw told(context, left);
            } else {
                throw left;
            }
        }
    }

    /**
     * Returns what is told of a failure: for one seed of many, which it was, what happened, and how to run it again.
     */
    AssertionError told(ExtensionContext context, Throwable failure) {
        SimulatedKernel machine = Objects.requireNonNull(kernel);
        Objects.requireNonNull(failed).set(true);
        return new AssertionError(report(context, machine, failure), failure);
    }

    private static String report(ExtensionContext context, SimulatedKernel machine, Throwable found) {
        Class<?> tests = context.getRequiredTestClass();
        // As Surefire wants it: of a nested class the enclosing ones too.
        int start = tests.getPackageName().isEmpty() ? 0 : tests.getPackageName().length() + 1;
        String type = tests.getName().substring(start);
        String test = type + "#" + context.getRequiredTestMethod().getName();
        return "seed " + machine.seed() + " failed: " + found + "\n" + "again with: mvn test -Dtest='" + test
                + "' -Dpanpipe.seed=" + machine.seed() + "\n(or with PANPIPE_SEED=" + machine.seed()
                + " in the environment)\n" + machine.trace(TRACE_LINES);
    }

    /**
     * Closes everything.
     *
     * @param checks whether what is left is a failure: a test that failed half-way may leave what it likes
     */
    private void close(boolean checks) {
        SimulatedKernel machine = kernel;
        if (machine != null) {
            try (machine) {
                if (checks) {
                    machine.checkNothingLeft();
                }
            }
        }
        List<String> left = new ArrayList<>();
        Throwable thrown = null;
        for (Loop loop : loops) {
            try {
                close(loop, checks, left);
            } catch (RuntimeException | Error failure) {
                if (thrown == null) {
                    thrown = failure;
                } else if (thrown != failure) {
                    thrown.addSuppressed(failure);
                }
            }
        }
        names.stream().filter(TestBed::exists).forEach(name -> left.add("there is a file " + name));
        if (left.isEmpty()) {
            before.addWhatIsNew(left);
        }
        AssertionError found = checks && !left.isEmpty()
                ? new AssertionError("left behind:\n  " + String.join("\n  ", left))
                : null;
        throwBoth(thrown, found);
    }

    /** Throws what a callback threw, which may be why something was left. */
    private static void throwBoth(@Nullable Throwable thrown, @Nullable AssertionError left) {
        if (thrown != null && left != null) {
            thrown.addSuppressed(left);
        }
        Throwable first = thrown != null ? thrown : left;
        if (first instanceof RuntimeException exception) {
            throw exception;
        }
        if (first != null) {
            throw (Error) first;
        }
    }

    private static void close(Loop loop, boolean checks, List<String> left) {
        if (isClosed(loop)) {
            return;
        }
        try (loop) {
            for (int i = 0; i < SETTLING_TURNS && checks; i++) {
                loop.run(RunMode.NOWAIT);
            }
            for (Handle handle : loop.handles()) {
                left.add(handle + (handle.closed() ? " is closed, but its callbacks never ran" : " is open"));
            }
        }
    }

    /** Tells whether the test has closed a loop itself. */
    private static boolean isClosed(Loop loop) {
        try {
            loop.execute(() -> {});
            return false;
        } catch (RejectedExecutionException closed) {
            return true;
        }
    }

    private static boolean exists(String name) {
        try {
            return Files.exists(Path.of(name), LinkOption.NOFOLLOW_LINKS);
        } catch (InvalidPathException notAFile) {
            return false;
        }
    }
}
