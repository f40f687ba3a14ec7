/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.ErrorCode;
import io.panpipe.Loop;
import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Calls a method of a D-Bus service that answers with a descriptor, and prints what can be read from it:
 * {@code DBusOpen SERVICE PATH INTERFACE METHOD [STRING...]}.
 */
public final class DBusOpen {

    private DBusOpen() {}

    public static void main(String... args) throws IOException {
        String address = System.getenv("DBUS_SESSION_BUS_ADDRESS");
        if (address == null || args.length < 4) {
            System.err.println("DBusOpen SERVICE PATH INTERFACE METHOD [STRING...], on DBUS_SESSION_BUS_ADDRESS");
            System.exit(2);
        }
        try (Loop loop = new Loop()) {
            CompletableFuture<Void> done =
                    DBusConnection.open(loop, address).thenCompose(bus -> print(loop, bus, args));
            loop.run();
            done.join();
        } catch (CompletionException failure) {
            System.err.println(failure.getCause().getMessage());
            System.exit(1);
        }
    }

    private static CompletableFuture<Void> print(Loop loop, DBusConnection bus, String... args) {
        Object[] strings = Arrays.copyOfRange(args, 4, args.length);
        try {
            return bus.call(args[0], args[1], args[2], args[3], "s".repeat(strings.length), strings)
                    .thenAccept(reply -> print(loop, reply))
                    .whenComplete((nothing, failure) -> bus.close());
        } catch (IOException unsendable) {
            return CompletableFuture.failedFuture(unsendable);
        }
    }

    private static void print(Loop loop, DBusReply reply) {
        try {
            read(loop, reply.descriptor());
        } catch (IOException failure) {
            throw new CompletionException(failure);
        } finally {
            reply.close();
        }
    }

    private static void read(Loop loop, RawDescriptor descriptor) throws IOException {
        Path file = Path.of("/proc/self/fd/" + descriptor.fileno());
        if (Files.isRegularFile(file)) {
            Files.copy(file, System.out);
            System.out.flush();
            return;
        }
        Pipe pipe = new Pipe(loop);
        pipe.open(descriptor.detach());
        pipe.startRead((same, data, end) -> {
            if (data != null) {
                byte[] bytes = new byte[data.remaining()];
                data.get(bytes);
                System.out.write(bytes);
                System.out.flush();
                return;
            }
            same.close();
            if (end != null && end.code() != ErrorCode.EOF) {
                throw end;
            }
        });
    }
}
