/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * Runs tests in a Windows JVM on Linux: Wine answers its system calls, and not an idea of ours what Windows does.
 *
 * <p>The build runs it by {@code java Lane.java} and does not compile it with the tests: it needs
 * {@code java.lang.classfile}, which the library's {@code --release} hides. {@link LaneOptions} knows its arguments.
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
