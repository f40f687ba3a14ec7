/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.MonitorInfo;
import java.lang.management.ThreadInfo;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes down where all threads are, the virtual ones too. */
final class Stacks {

    private final StringBuilder out = new StringBuilder();

    private Stacks() {}

    /** Returns the stacks of all threads, that of one of them first. */
    static String of(Thread first) {
        Stacks stacks = new Stacks();
        stacks.platformThreads(first);
        stacks.virtualThreads();
        return stacks.out.toString();
    }

    private void platformThreads(Thread first) {
        try {
            ThreadInfo[] all = ManagementFactory.getThreadMXBean().dumpAllThreads(true, true);
            for (ThreadInfo thread : all) {
                if (thread.getThreadId() == first.threadId()) {
                    out.append("The test's thread:\n");
                    thread(thread);
                }
            }
            out.append("The other platform threads:\n");
            for (ThreadInfo thread : all) {
                if (thread.getThreadId() != first.threadId()) {
                    thread(thread);
                }
            }
        } catch (Throwable trouble) {
            // Told instead: a JVM that is short of memory or descriptors hangs too.
            out.append("The platform threads cannot be had: ").append(trouble).append('\n');
        }
    }

    private void thread(ThreadInfo thread) {
        out.append('"').append(thread.getThreadName()).append("\" #").append(thread.getThreadId());
        out.append(thread.isDaemon() ? " daemon " : " ").append(thread.getThreadState());
        if (thread.getLockName() != null) {
            out.append(" on ").append(thread.getLockName());
        }
        if (thread.getLockOwnerName() != null) {
            out.append(", which \"").append(thread.getLockOwnerName()).append("\" has");
        }
        out.append(thread.isInNative() ? ", in native code\n" : "\n");
        StackTraceElement[] frames = thread.getStackTrace();
        for (int i = 0; i < frames.length; i++) {
            if (!isNoise(frames[i].getClassName())) {
                out.append("    at ").append(frames[i]).append('\n');
            }
            for (MonitorInfo monitor : thread.getLockedMonitors()) {
                if (monitor.getLockedStackDepth() == i) {
                    out.append("      has locked ").append(monitor).append('\n');
                }
            }
        }
        for (LockInfo lock : thread.getLockedSynchronizers()) {
            out.append("    has ").append(lock).append('\n');
        }
    }

    /** Tells of what is between the lines of source, and of JUnit's own calls, which are most of a test's stack. */
    private static boolean isNoise(String type) {
        return type.startsWith("org.junit.") || type.startsWith("jdk.internal.reflect.")
                || type.startsWith("java.lang.invoke.") || type.contains("$$Lambda/");
    }

    /** Appends those of the JVM's own dump, which has all threads, but of a virtual one only here. */
    private void virtualThreads() {
        try {
            for (String thread : dump().split("\\R\\R")) {
                String head = thread.lines().findFirst().orElse("");
                if (head.matches("#[0-9]+ \".*\" virtual.*")) {
                    out.append(thread.strip()).append('\n');
                }
            }
        } catch (Throwable trouble) {
            out.append("The virtual threads cannot be had: ").append(trouble).append('\n');
        }
    }

    private static String dump() throws IOException {
        Path folder = Files.createTempDirectory("testbed");
        Path file = folder.resolve("threads.txt");
        try {
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
            return Files.readString(file);
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }
}
