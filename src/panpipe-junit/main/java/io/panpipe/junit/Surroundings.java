/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.junit;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The threads and descriptors of the JVM before a test, to tell afterwards which are new. */
final class Surroundings {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final String EVENTFD = "anon_inode:[eventfd]";
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /** Process reapers, cleaners, timers of virtual threads; carriers of virtual threads. */
    private static final Set<String> GROUPS_OF_THE_JVM = Set.of("InnocuousThreadGroup", "CarrierThreads");

    /** The thread of the loop that all channels share: it starts on first use, and nobody closes it. */
    private static final String SHARED_LOOP = "panpipe-shared-loop";

    /** A thread that was told to end, and the descriptors of an ended process, are given this long. */
    private static final long PATIENCE_MILLIS = 1_000;

    private static final long POLL_NANOS = 1_000_000;

    static {
        // The JDK's first socket opens another one, which it keeps.
        try {
            SocketChannel.open().close();
        } catch (IOException refused) {
            // Then the test is not going to open one either.
        }
    }

    private final boolean isAlone;
    private final long started;
    private final Set<Thread> threads = new HashSet<>();
    private final Map<String, String> descriptors;

    private Surroundings(boolean isAlone) {
        this.isAlone = isAlone;
        started = THREADS.getTotalStartedThreadCount();
        if (isAlone) {
            threads.addAll(Thread.getAllStackTraces().keySet());
        }
        descriptors = isAlone ? descriptors() : Map.of();
    }

    static Surroundings of(ExtensionContext context) {
        boolean parallel = context.getConfigurationParameter("junit.jupiter.execution.parallel.enabled")
                .map(Boolean::parseBoolean)
                .orElse(false);
        return new Surroundings(!parallel);
    }

    /** Lists what there was not before. */
    void addWhatIsNew(List<String> left) {
        if (!isAlone) {
            return;
        }
        boolean sharedLoop = false;
        if (THREADS.getTotalStartedThreadCount() > started) {
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                if (threads.contains(thread)) {
                    continue;
                }
                if (thread.getName().equals(SHARED_LOOP)) {
                    sharedLoop = true;
                } else if (!hasEnded(thread)) {
                    left.add("thread \"" + thread.getName() + "\" runs");
                }
            }
        }
        newDescriptors(sharedLoop)
                .forEach((number, target) -> left.add("descriptor " + number + " is open: " + target));
    }

    /**
     * Returns the descriptors that stay: a thread of the JDK closes those of a process a moment after its end.
     *
     * @param sharedLoop whether one eventfd is that of the shared loop
     */
    private Map<String, String> newDescriptors(boolean sharedLoop) {
        long begin = System.nanoTime();
        Map<String, String> open = descriptors();
        open.entrySet().removeAll(descriptors.entrySet());
        int expected = sharedLoop && open.containsValue(EVENTFD) ? 1 : 0;
        while (open.size() > expected && System.nanoTime() - begin < TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS)) {
            LockSupport.parkNanos(POLL_NANOS);
            Map<String, String> now = descriptors();
            open.entrySet().retainAll(now.entrySet());
        }
        if (expected > 0) {
            open.values().remove(EVENTFD);
        }
        return open;
    }

    private static boolean hasEnded(Thread thread) {
        // Panpipe's own are in the same group as the JVM's, so that they keep nothing of who needed them first.
        if (thread.getName().startsWith("panpipe-")) {
            return !thread.isAlive();
        }
        // The JVM's own, those that carry virtual threads, those of its common pool, and JUnit's for timeouts belong to
        // no test.
        ThreadGroup group = thread.getThreadGroup();
        String name = thread.getName();
        if (group == null
                || group.getParent() == null
                || GROUPS_OF_THE_JVM.contains(group.getName())
                || name.startsWith("ForkJoinPool.commonPool-")
                || name.startsWith("junit-")) {
            return true;
        }
        try {
            thread.join(PATIENCE_MILLIS);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    /**
     * Lists what a program for pipes can leave open. Files are the JVM's own, which opens jars as it likes; so are
     * epolls without an eventfd, which wait for virtual threads: a loop and a selector of the JDK have both.
     */
    private static Map<String, String> descriptors() {
        Map<String, String> open = new TreeMap<>();
        if (!Files.isDirectory(DESCRIPTORS)) {
            return open;
        }
        try (Stream<Path> numbers = Files.list(DESCRIPTORS)) {
            for (Path number : numbers.toList()) {
                String target = target(number);
                if (target.startsWith("socket:") || target.startsWith("pipe:") || target.equals(EVENTFD)) {
                    open.put(number.getFileName().toString(), target);
                }
            }
        } catch (IOException unreadable) {
            return new TreeMap<>();
        }
        return open;
    }

    private static String target(Path number) {
        try {
            return Files.readSymbolicLink(number).toString();
        } catch (IOException gone) {
            // The descriptor that listed the directory, for instance.
            return "";
        }
    }
}
