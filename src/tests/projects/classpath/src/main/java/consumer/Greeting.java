/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package consumer;

import io.panpipe.Loop;
import io.panpipe.Pipe;

/** The program: greets itself once. */
public final class Greeting {

    private Greeting() {}

    public static void main(String[] arguments) throws Exception {
        try (Loop loop = new Loop()) {
            String name = Pipe.portableName("panpipe-consumer-" + ProcessHandle.current().pid());
            Greeter greeter = new Greeter(loop);
            greeter.serve(name);
            greeter.greet(name, System.out::println);
            loop.run();
        }
    }
}
