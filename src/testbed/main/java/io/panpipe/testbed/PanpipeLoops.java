/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.testbed;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;

/**
 * The open loops of this JVM, found by name: Panpipe's own tests are guarded too, so this module cannot depend on it,
 * and no public method may stop a loop of somebody else. All tests are on the class path, where what is package-private
 * can be reached so. There are none where Panpipe is absent.
 */
final class PanpipeLoops {

    private PanpipeLoops() {}

    /** Returns the dumps of all open loops. */
    static String dump() {
        try {
            StringBuilder dump = new StringBuilder();
            for (Object loop : open()) {
                dump.append(call(loop, "dump"));
            }
            return dump.isEmpty() ? "No loop is open.\n" : "The open loops:\n" + dump;
        } catch (Throwable trouble) {
            return "The open loops cannot be had: " + trouble + '\n';
        }
    }

    /**
     * Stops all open loops, or those of one thread.
     *
     * @param givesUp whether for good: also if they are being closed, which leaves behind what they have open
     */
    static void stop(Thread thread, boolean givesUp) {
        try {
            for (Object loop : open()) {
                if (thread == null || call(call(loop, "owner"), "thread") == thread) {
                    call(loop, givesUp ? "giveUp" : "stopAnyway");
                }
            }
        } catch (Throwable trouble) {
            // The report has told it.
        }
    }

    private static List<?> open() throws ReflectiveOperationException {
        Class<?> loops;
        try {
            loops = Class.forName("io.panpipe.internal.loop.OpenLoops");
        } catch (ClassNotFoundException absent) {
            return List.of();
        }
        return (List<?>) method(loops, "all").invoke(null);
    }

    private static Object call(Object object, String name) throws ReflectiveOperationException {
        try {
            return method(object.getClass(), name).invoke(object);
        } catch (InvocationTargetException thrown) {
            return thrown.getCause() + "\n";
        }
    }

    private static Method method(Class<?> type, String name) throws NoSuchMethodException {
        Method method = type.getDeclaredMethod(name);
        method.setAccessible(true);
        return method;
    }
}
