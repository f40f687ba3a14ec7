/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.Pipe;
import io.panpipe.StreamHandle;
import io.panpipe.Tcp;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Stands between clients and their server, to look into a conversation or to offer it under a second name. */
@Command(
        name = "proxy",
        description = {
            "Listens on FROM and connects each client with TO, many at once, until interrupted. With tcp:PORT for one"
                    + " of them it joins a pipe and a port.",
            "",
            "In a dump, > goes from client to server, < back, and # is the connection's number."
        })
final class ProxyCommand implements Callable<Integer> {

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private ListenOptions options = new ListenOptions();

    @Mixin
    private TimeoutOption timeout = new TimeoutOption();

    @Mixin
    private IdleOption idle = new IdleOption();

    @Mixin
    private DumpOptions dump = new DumpOptions();

    @Parameters(
            index = "0",
            paramLabel = "FROM",
            converter = Address.Reader.class,
            description = "The name to listen on.")
    private Address from = new PipeAddress("");

    @Parameters(index = "1", paramLabel = "TO", converter = Address.Reader.class, description = "The server's name.")
    private Address to = new PipeAddress("");

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        refuseItself(from.equals(to));
        return common.run(this::start);
    }

    private void refuseItself(boolean isItself) {
        if (isItself && spec != null) {
            throw new ParameterException(spec.commandLine(), "FROM and TO are the same: the proxy would call itself");
        }
    }

    private void start(Session session) throws IOException {
        HexDump hexDump = dump.open(session);
        TrafficLine traffic = TrafficLine.start(session, !common.isQuiet() && !dump.isToStandardError());
        Connector connector = new Connector(session, to, timeout.get(), null);
        options.listen(session, from, (client, number) -> {
            if (isOwn(client, connector)) {
                // By a link that was not there at first, or by another name of the host.
                throw new IOException("TO leads back to FROM: the proxy calls itself");
            }
            ConnectionDump shown = ConnectionDump.ofClient(hexDump, number);
            ProxyConnection connection = new ProxyConnection(session, traffic, shown, idle, client, number);
            connector.connect(connection::connected, connection::notConnected);
        });
        if (from instanceof PipeAddress front && to instanceof PipeAddress back) {
            // Now that FROM is there, under whatever name.
            refuseItself(OperatingSystem.CURRENT.isSame(front.name(), back.name()));
        }
    }

    private static boolean isOwn(StreamHandle<?> client, Connector connector) throws IOException {
        return client instanceof Pipe pipe && pipe.peerCredentials().pid() == ProcessHandle.current().pid()
                || client instanceof Tcp tcp && connector.isOwn(tcp);
    }
}
