/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * Runs tests in a Windows JVM on Linux, under Wine, so that what answers is an implementation of Windows other than ours.
 *
 * <p>A program in source form, run by {@code java Lane.java} outside the build's compilation: it needs
 * {@code java.lang.classfile}, which the {@code --release} of the library hides. {@link LaneOptions} lists its arguments.
 */
public final class Lane {

    /** The first Java with a final {@code java.lang.classfile}. */
    private static final int OLDEST_JAVA = 24;

    private Lane() {}

    public static void main(String[] arguments) throws ReflectiveOperationException {
        int java = Runtime.version().feature();
        if (java < OLDEST_JAVA) {
            System.out.println("Windows lane: SKIPPED. It rewrites classes with an API of Java " + OLDEST_JAVA
                    + ", and the JDK of this build is " + java + ".");
            return;
        }
        // By name, because a compiler without that API must not even look at the other files.
        Class.forName("LaneRun").getDeclaredMethod("main", String[].class).invoke(null, (Object) arguments);
    }
}
