/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import io.panpipe.Async;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Looks up where a host is, on a thread of its own: the system's look-up blocks, for seconds where no server of names
 * answers. Those who ask meanwhile get the same answer.
 */
final class HostLookup {

    private final Session session;
    private final TcpAddress host;
    private final List<Answer> waiting = new ArrayList<>();
    private @Nullable Async alive;

    /** Who is told, on the loop's thread. */
    @FunctionalInterface
    interface Answer {

        /**
         * Takes what was found.
         *
         * @param addresses in the order in which the system would have them tried; none where there is an error
         */
        void found(List<InetAddress> addresses, @Nullable IOException error);
    }

    HostLookup(Session session, TcpAddress host) {
        this.session = session;
        this.host = host;
    }

    /** Asks where the host is; the answer comes at once where that is known without asking anyone. */
    void ask(Answer answer) {
        InetAddress literal = host.literal();
        if (literal != null) {
            answer.found(List.of(literal), null);
            return;
        }
        waiting.add(answer);
        if (waiting.size() == 1) {
            // A thread is no handle of the loop; this one keeps it going.
            alive = new Async(session.loop(), signal -> {});
            Thread.ofPlatform().daemon().name("panpipe-lookup").start(this::lookUp);
        }
    }

    /** On the thread of its own. */
    private void lookUp() {
        Runnable found;
        try {
            List<InetAddress> addresses = List.of(InetAddress.getAllByName(host.host()));
            found = () -> answer(addresses, null);
        } catch (UnknownHostException unknown) {
            // Its own message is often no more than the name.
            IOException error = new IOException(host + ": the host is not known", unknown);
            found = () -> answer(List.of(), error);
        }
        try {
            session.loop().execute(found);
        } catch (RejectedExecutionException loopClosed) {
            // The command has ended meanwhile: there is nobody left to tell.
            return;
        }
    }

    private void answer(List<InetAddress> addresses, @Nullable IOException error) {
        List<Answer> asked = new ArrayList<>(waiting);
        waiting.clear();
        Async present = alive;
        if (present != null) {
            present.close();
        }
        for (Answer answer : asked) {
            answer.found(addresses, error);
        }
    }
}
