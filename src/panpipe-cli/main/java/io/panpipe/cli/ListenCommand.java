/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.Timer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Serves a pipe without a server: by hand, by an echo, or by a program. */
@Command(
        name = "listen",
        description = {
            "Listens on NAME and connects a client with standard input and output.",
            "",
            "Without options it serves one client, removes the name at once, and ends when both directions have"
                    + " ended. The end of standard input is passed on as a half-close."
        })
final class ListenCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private ListenOptions options = new ListenOptions();

    @Mixin
    private IdleOption idle = new IdleOption();

    @Mixin
    private DumpOptions dump = new DumpOptions();

    @ArgGroup
    private DirectionOptions direction = new DirectionOptions();

    @Parameters(paramLabel = "NAME", converter = Address.Reader.class, description = "The name to listen on.")
    private Address name = new PipeAddress("");

    @ArgGroup
    private Service service = new Service();

    @Option(
            names = "--linger",
            paramLabel = "TIME",
            defaultValue = "500ms",
            converter = Converters.Time.class,
            description = LINGER)
    private Duration linger = Duration.ZERO;

    @Option(
            names = "--accept-timeout",
            paramLabel = "TIME",
            converter = Converters.Time.class,
            description = "Give up when no first client has come for this long (default: wait as long as it takes).")
    private @Nullable Duration acceptTimeout;

    @Option(
            names = "--max-children",
            paramLabel = "N",
            converter = Converters.Count.class,
            description = "How many programs --exec runs at once (default: " + DEFAULT_CHILDREN
                    + "); further clients wait to be accepted.")
    private @Nullable Integer maxChildren;

    @Spec
    private @Nullable CommandSpec spec;

    private @Nullable Timer firstClient;

    /** Each takes a process, and here two threads. */
    private static final int DEFAULT_CHILDREN = 100;

    /** What {@code --linger} means, here and in {@code connect}. */
    static final String LINGER = "When the other end has ended, go on sending standard input until none has come for"
            + " this long (default: ${DEFAULT-VALUE}). On Windows, which has no half-close, also: when standard input"
            + " has been sent, go on receiving until nothing has come for this long.";

    /** What to do with clients other than connecting one of them with the standard streams. */
    private static final class Service {

        @Option(
                names = {"-k", "--keep-open"},
                description = "Serve one client after the other; those that come meanwhile wait.")
        private boolean keepOpen;

        @Option(
                names = "--echo",
                description = "Send every client back what it sends, many at once, until interrupted.")
        private boolean echo;

        @Option(
                names = "--exec",
                paramLabel = "COMMAND",
                description = "Have the shell (sh, on Windows cmd) run COMMAND for every client, many at once, until"
                        + " interrupted, with the connection as its standard input and output. PANPIPE_PEER_PID, _UID"
                        + " and _GID tell it who the client is, of TCP PANPIPE_PEER_ADDRESS and _PORT.")
        private @Nullable String command;
    }

    @Override
    public Integer call() {
        refuse(maxChildren != null && service.command == null, "--max-children is about the programs of --exec");
        refuse(direction.isAny() && (service.echo || service.command != null),
                "--send-only and --recv-only are about standard streams, which --echo and --exec leave alone");
        return common.run(this::start);
    }

    private void refuse(boolean isWrong, String why) {
        if (isWrong && spec != null) {
            throw new ParameterException(spec.commandLine(), why);
        }
    }

    private void start(Session session) throws IOException {
        awaitFirstClient(session);
        HexDump hexDump = dump.open(session);
        boolean wantsLine = !common.isQuiet() && !dump.isToStandardError();
        String command = service.command;
        if (service.echo) {
            startEcho(session, hexDump, TrafficLine.start(session, wantsLine));
        } else if (command != null) {
            startExec(session, hexDump, TrafficLine.start(session, wantsLine), command);
        } else {
            TrafficLine traffic = TrafficLine.startBesideStreams(session, wantsLine);
            options.announce(session, name, new OneAtATime(session, hexDump, traffic));
        }
    }

    private void awaitFirstClient(Session session) {
        Duration longest = acceptTimeout;
        if (longest != null) {
            Timer timer = new Timer(session.loop());
            timer.start(due -> session.fail(new IOException("no client came within " + Converters.Time.text(longest))),
                    longest);
            firstClient = timer;
        }
    }

    /** A client is there: the next one may take its time. */
    private void clientCame() {
        Timer present = firstClient;
        if (present != null) {
            present.close();
        }
    }

    private void startEcho(Session session, @Nullable HexDump hexDump, TrafficLine traffic) throws IOException {
        options.listen(session, name, (client, number) -> {
            clientCame();
            ConnectionDump shown = ConnectionDump.ofServer(hexDump, number);
            Copy.Tap tap = shown.isShown() || traffic.isShown() ? echoTap(shown, traffic) : null;
            Copy.start(client, client, tap, (stream, error) -> {
                ListenOptions.tell(session, number, error);
                stream.close();
            });
            idle.watch(client, () -> {
                session.messages().detail("connection " + number + ": " + idle.reason());
                client.close();
            });
        });
    }

    private static Copy.Tap echoTap(ConnectionDump shown, TrafficLine traffic) {
        return new Copy.Tap() {
            @Override
            public void data(ByteBuffer data) {
                shown.received(data);
                shown.sent(data);
                traffic.received(data.remaining());
                traffic.sent(data.remaining());
            }

            @Override
            public void end() {
                shown.receivedEnd();
                shown.sentEnd();
            }
        };
    }

    private void startExec(Session session, @Nullable HexDump hexDump, TrafficLine traffic, String command)
            throws IOException {
        int most = maxChildren == null ? DEFAULT_CHILDREN : maxChildren;
        ExecService exec = new ExecService(session, traffic, hexDump, idle, command, most);
        session.onClose(exec::endAll);
        options.announce(session, name, server -> {
            clientCame();
            exec.announced(server);
        });
    }

    /** Gives the standard streams to one client at a time, while the next one waits to be accepted. */
    private final class OneAtATime implements ListenOptions.ListenerCallback {

        private final Session session;
        private final @Nullable HexDump hexDump;
        private final StandardRelay relay;
        private @Nullable Server<?> waiting;
        private boolean busy;
        private int count;

        OneAtATime(Session session, @Nullable HexDump hexDump, TrafficLine traffic) {
            this.session = session;
            this.hexDump = hexDump;
            relay = new StandardRelay(session, traffic, linger, idle, direction, this::done);
        }

        @Override
        public void announced(Server<?> server) {
            if (busy) {
                waiting = server;
                return;
            }
            clientCame();
            count++;
            ListenOptions.accept(session, server, count, (client, number) -> {
                relay.attach(client, ConnectionDump.ofServer(hexDump, number));
                busy = true;
                if (!service.keepOpen) {
                    server.close();
                }
            });
        }

        private void done() {
            busy = false;
            if (!service.keepOpen) {
                relay.finish();
                return;
            }
            Server<?> server = waiting;
            waiting = null;
            if (server != null) {
                announced(server);
            }
        }
    }
}
