/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.interop;

import io.panpipe.interop.Task.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;

/** socat, with shell scripts behind it that send and check. */
@Tag("slow")
class SocatPeerTest extends PeerContract {

    /** Instead of endlessly much: more than any test of a broken connection reads. */
    private static final long MOST = 100_000_000;

    /** Fewer than of other peers: socat needs two processes for each connection. */
    @Override
    int crowd() {
        return 50;
    }

    @Override
    Peer start(Role role, Task task) throws IOException {
        String socat = Programs.required("socat");
        String directory = task.directory().toString();
        for (String script : List.of("socat_sink.sh", "socat_source.sh", "socat_crowd.sh", "socat_member.sh")) {
            Programs.script(script, task.directory());
        }
        String address = (role == Role.PANPIPE_SERVES ? "UNIX-CONNECT:" : "UNIX-LISTEN:") + task.socket();
        // Two d: it tells that it listens. -t: else it waits only half a second for the answer after a half-close.
        List<String> options = List.of("-d", "-d", "-t", "60");
        return switch (task.kind()) {
            case SINK -> start(task, socat, options, address, "EXEC:sh " + directory + "/socat_sink.sh " + directory);
            case SOURCE -> {
                Path content = Content.write(task.directory().resolve("content"), Math.min(task.amount(), MOST));
                yield start(task, "sh", List.of(), directory + "/socat_source.sh", address, content.toString(),
                        directory + "/received");
            }
            case CROWD -> role == Role.PANPIPE_SERVES
                    ? start(task, "sh", List.of(), directory + "/socat_crowd.sh", directory, task.socket().toString(),
                            Long.toString(task.amount()))
                    : start(task, socat, options, address + ",fork", "EXEC:cat");
        };
    }

    private static Peer start(Task task, String program, List<String> options, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(options);
        command.addAll(List.of(arguments));
        return new PeerProcess(new Translation(task.kind() == Kind.CROWD ? task.amount() : -1), command);
    }

    /** Makes reports of socat's log. */
    private static final class Translation implements UnaryOperator<String> {

        private final long crowd;
        private int accepted;
        private int ended;

        Translation(long crowd) {
            this.crowd = crowd;
        }

        @Override
        public String apply(String line) {
            if (line.contains(" N listening on ")) {
                return "ready";
            }
            if (line.contains(" E ") && (line.endsWith("Broken pipe") || line.endsWith("reset by peer"))) {
                return "broken " + line;
            }
            accepted += line.contains(" N accepting connection from ") ? 1 : 0;
            ended += line.contains(" N exiting with status 0") ? 1 : 0;
            return ended == crowd ? "crowd " + accepted + " " + ended : line;
        }
    }
}
