/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** An event loop and pipes for the JVM, in pure Java on the Foreign Function and Memory API. */
@SuppressWarnings("module") // io.panpipe.testing is compiled later.
module io.panpipe {
    // Annotations, for the compiler and tools only: nobody needs the jar at run time.
    requires static org.jspecify;

    // Events of Flight Recorder, where the run-time image has it and somebody records.
    requires static jdk.jfr;

    // The JVM's signals, where somebody hears of one and the run-time image has them.
    requires static jdk.unsupported;

    exports io.panpipe;
    exports io.panpipe.channels;
    exports io.panpipe.framing;
    exports io.panpipe.internal.kernel to io.panpipe.testing;

    // At run time only, and for everybody: Maven and Gradle put what the tests of a modular program need on the class path,
    // the simulated kernel with it, and there is no "exports … to" the class path.
    opens io.panpipe.internal.kernel;
}
