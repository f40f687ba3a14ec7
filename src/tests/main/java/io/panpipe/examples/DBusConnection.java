/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.Loop;
import io.panpipe.PanpipeException;
import io.panpipe.PendingType;
import io.panpipe.Pipe;
import io.panpipe.framing.MessageDecoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A connection to a bus of D-Bus, over which descriptors come. */
final class DBusConnection {

    private static final String BUS = "org.freedesktop.DBus";

    private final Pipe pipe;
    private final MessageDecoder in = DBusLogin.decoder();
    private final CompletableFuture<DBusConnection> ready = new CompletableFuture<>();
    private final DBusCalls calls;
    private final DBusLogin login;
    private boolean loggedIn;

    private DBusConnection(Loop loop) {
        pipe = new Pipe(loop, true);
        login = new DBusLogin(pipe);
        calls = new DBusCalls(pipe);
    }

    /** Connects to the bus at an address such as {@code unix:path=/run/user/1000/bus}, and tells it hello. */
    static CompletableFuture<DBusConnection> open(Loop loop, String address) throws IOException {
        DBusConnection connection = new DBusConnection(loop);
        connection.pipe.connect(DBusLogin.pipeName(address), (same, error) -> {
            if (error != null) {
                connection.fail(error);
                return;
            }
            connection.login.begin();
            same.startRead2(connection::read);
        });
        return connection.ready;
    }

    /** Calls a method, with arguments of the types in a signature. */
    CompletableFuture<DBusReply> call(
            String destination, String path, String type, String method, String signature, Object... arguments)
            throws IOException {
        return calls.call(destination, path, type, method, signature, arguments);
    }

    /** Ends it; calls without an answer fail. */
    void close() {
        fail(new IOException("the connection was closed"));
    }

    private void fail(IOException failure) {
        pipe.close();
        ready.completeExceptionally(failure);
        calls.fail(failure);
    }

    private void read(Pipe same, @Nullable ByteBuffer data, PendingType pending, @Nullable PanpipeException end) {
        try {
            if (data == null) {
                throw new IOException("the bus is gone", end);
            }
            in.feed(data);
            if (!loggedIn && login.take(in)) {
                loggedIn = true;
                in.framing(DBusMessage.FRAMING, DBusMessage.LONGEST);
                hello();
            }
            DBusMessage message = loggedIn ? DBusMessage.take(in) : null;
            while (message != null && !pipe.closed()) {
                calls.take(message);
                message = DBusMessage.take(in);
            }
        } catch (IOException failure) {
            fail(failure);
        }
    }

    private void hello() throws IOException {
        call(BUS, "/org/freedesktop/DBus", BUS, "Hello", "").whenComplete((reply, failure) -> {
            if (failure == null) {
                ready.complete(this);
            } else {
                ready.completeExceptionally(failure);
                close();
            }
        });
    }
}
