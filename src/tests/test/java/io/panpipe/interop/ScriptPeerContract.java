/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import io.panpipe.interop.Task.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** A peer that is a script, which does what its arguments say: role, task, socket, amount, and the content's block. */
abstract class ScriptPeerContract extends PeerContract {

    private final String script;

    ScriptPeerContract(String script) {
        this.script = script;
    }

    /** Returns what runs the script; skips the test where it is missing. */
    abstract String interpreter() throws IOException;

    @Override
    Peer start(Role role, Task task) throws IOException {
        String interpreter = interpreter();
        Path block = task.directory().resolve("block");
        if (task.kind() == Kind.SOURCE) {
            Content.writeBlock(block);
        }
        Path copy = Programs.script(script, task.directory());
        return new PeerProcess(UnaryOperator.identity(), List.of(interpreter, copy.toString(), role.peerDoes(),
                task.kind().name().toLowerCase(Locale.ROOT), task.socket().toString(), Long.toString(task.amount()),
                block.toString()));
    }
}
