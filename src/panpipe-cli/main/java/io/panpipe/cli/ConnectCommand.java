/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Talks to a server by hand or from a script, as {@code nc -U} does. */
@Command(
        name = "connect",
        description = {
            "Connects to NAME: standard input goes to the pipe, the pipe to standard output.",
            "",
            "The end of standard input is passed on as a half-close; the command ends when the pipe has ended, too."
                    + " Windows has no half-close: there silence ends the answer (see --linger)."
        })
final class ConnectCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private TimeoutOption timeout = new TimeoutOption();

    @Mixin
    private WaitOption wait = new WaitOption();

    @Mixin
    private IdleOption idle = new IdleOption();

    @Mixin
    private DumpOptions dump = new DumpOptions();

    @ArgGroup
    private DirectionOptions direction = new DirectionOptions();

    @Parameters(paramLabel = "NAME", converter = Address.Reader.class, description = "The name to connect to.")
    private Address name = new PipeAddress("");

    @Option(
            names = "--linger",
            paramLabel = "TIME",
            defaultValue = "500ms",
            converter = Converters.Time.class,
            description = ListenCommand.LINGER)
    private Duration linger = Duration.ZERO;

    @Override
    public Integer call() {
        return common.run(this::start);
    }

    private void start(Session session) throws IOException {
        ConnectionDump shown = ConnectionDump.ofClient(dump.open(session), 1);
        boolean wantsLine = !common.isQuiet() && !dump.isToStandardError();
        TrafficLine traffic = TrafficLine.startBesideStreams(session, wantsLine);
        StandardRelay[] relay = new StandardRelay[1];
        relay[0] = new StandardRelay(session, traffic, linger, idle, direction, () -> relay[0].finish());
        new Connector(session, name, timeout.get(), wait.get()).connect(stream -> {
            session.messages().detail("connected to " + name);
            relay[0].attach(stream, shown);
        }, session::fail);
    }
}
