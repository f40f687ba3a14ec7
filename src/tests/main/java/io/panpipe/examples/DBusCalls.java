/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.Pipe;
import io.panpipe.RawDescriptor;
import io.panpipe.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The calls of a connection that wait for their reply, by their serial numbers. */
final class DBusCalls {

    /** That of libdbus. */
    private static final Duration PATIENCE = Duration.ofSeconds(25);

    private final Map<Integer, CompletableFuture<DBusReply>> waiting = new HashMap<>();

    private final Pipe pipe;
    private int lastSerial;

    DBusCalls(Pipe pipe) {
        this.pipe = pipe;
    }

    CompletableFuture<DBusReply> call(
            String destination, String path, String type, String method, String signature, Object... arguments)
            throws IOException {
        Map<Integer, Object> fields = new HashMap<>(Map.of(DBusMessage.DESTINATION, destination,
                DBusMessage.PATH, path, DBusMessage.INTERFACE, type, DBusMessage.MEMBER, method));
        if (!signature.isEmpty()) {
            fields.put(DBusMessage.SIGNATURE, signature);
        }
        DBusMessage call = DBusMessage.call(++lastSerial, fields, arguments);
        // If the bus is gone, the read tells.
        pipe.write(call.bytes().rewind(), (same, failed) -> {});
        CompletableFuture<DBusReply> reply = new CompletableFuture<>();
        waiting.put(call.serial(), reply);
        Timer timer = new Timer(pipe.loop());
        timer.start(due -> waiting.remove(call.serial())
                .completeExceptionally(new IOException("no answer within " + PATIENCE)), PATIENCE);
        reply.whenComplete((answer, failure) -> timer.close());
        return reply;
    }

    /** Takes a message and its descriptors, which have come with its first byte. What nobody waits for is closed. */
    void take(DBusMessage message) throws IOException {
        DBusReply reply = new DBusReply(message, new ArrayList<>());
        int count = (Integer) message.fields().getOrDefault(DBusMessage.UNIX_FDS, 0);
        if (count < 0 || count > pipe.pendingCount()) {
            throw new IOException(pipe.pendingCount() + " descriptors have come, and no " + count);
        }
        for (int i = 0; i < count; i++) {
            RawDescriptor descriptor = new RawDescriptor(pipe.loop());
            pipe.accept(descriptor);
            reply.descriptors().add(descriptor);
        }
        CompletableFuture<DBusReply> call =
                waiting.remove((Integer) message.fields().getOrDefault(DBusMessage.REPLY_SERIAL, 0));
        if (call == null) {
            reply.close();
        } else if (message.type() == DBusMessage.ERROR) {
            reply.close();
            call.completeExceptionally(new IOException(describe(message)));
        } else {
            call.complete(reply);
        }
    }

    private static String describe(DBusMessage error) throws IOException {
        boolean told = error.fields().getOrDefault(DBusMessage.SIGNATURE, "").toString().startsWith("s");
        return error.fields().get(DBusMessage.ERROR_NAME) + (told ? ": " + DBusValues.get(error.bytes(), 's') : "");
    }

    void fail(IOException failure) {
        List<CompletableFuture<DBusReply>> all = List.copyOf(waiting.values());
        waiting.clear();
        all.forEach(call -> call.completeExceptionally(failure));
    }
}
