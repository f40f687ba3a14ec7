/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.KernelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The listening side of a name. Windows has no backlog: a client connects to an instance of the pipe that waits for one,
 * and is told ERROR_PIPE_BUSY if there is none.
 *
 * <p>So a few instances wait at any time, each is replaced as soon as a client has taken it, and the clients that nobody
 * has accepted yet wait in here, up to the backlog.
 */
final class PipeListener {

    private static final int PIPE_ACCESS_DUPLEX = 3;
    private static final int WRITE_DAC = 0x40000;
    private static final int FILE_FLAG_FIRST_PIPE_INSTANCE = 0x80000;
    private static final int FILE_FLAG_OVERLAPPED = 0x40000000;
    private static final int PIPE_REJECT_REMOTE_CLIENTS = 8;
    private static final int PIPE_UNLIMITED_INSTANCES = 255;

    /** WaitNamedPipe's "do not wait": its 0 means a default of the server's. */
    private static final int NO_WAIT_MILLIS = 1;

    private static final int BUFFER = 64 * 1024;

    private final NamedPipeChannel channel;
    private final WindowsSelector selector;
    private final String name;
    private int instances;
    private String sddl;
    private final List<Instance> armed = new ArrayList<>();
    private final ArrayDeque<PipeHandle> connected = new ArrayDeque<>();
    private @Nullable PipeHandle first;
    private @Nullable KernelException trouble;
    private int backlog;
    private boolean closed;

    /** An instance that waits for its client. */
    private final class Instance implements Operation.Completion {

        final PipeHandle handle;
        final Operation connecting;

        Instance(PipeHandle handle) throws KernelException {
            this.handle = handle;
            connecting = handle.take(this);
        }

        void close() {
            handle.cancel(connecting);
            handle.close();
        }

        @Override
        public void completed(Operation operation) {
            int status = operation.status();
            selector.operations.giveBack(operation);
            armed.remove(this);
            if (closed) {
                return;
            }
            if (status >= 0) {
                connected.add(handle);
                replenish();
            } else {
                // Not replaced at once: what has failed for no reason of a client's may fail again and again.
                handle.close();
                trouble = WindowsErrors.failure(PipeCalls.errorOf(selector.state, status), "ConnectNamedPipe");
            }
            if (isReady()) {
                channel.hasClient();
            }
        }
    }

    /** Binds a name, which nobody else may have. */
    PipeListener(NamedPipeChannel channel, String name, int instances, String sddl) throws KernelException {
        this.channel = channel;
        this.name = name;
        this.instances = instances;
        this.sddl = sddl;
        selector = channel.selector;
        first = create(FILE_FLAG_FIRST_PIPE_INSTANCE);
    }

    private PipeHandle create(int firstFlag) throws KernelException {
        return PipeHandle.own(selector, createPipe(selector, name, sddl, firstFlag, PIPE_UNLIMITED_INSTANCES));
    }

    /** Makes one instance of a pipe; returns its HANDLE. */
    static long createPipe(WindowsSelector selector, String name, String sddl, int firstFlag, int most)
            throws KernelException {
        long created;
        int error;
        try (PipeSecurity.Attributes security = selector.security().attributes(sddl)) {
            created = PipeCalls.createNamedPipe(
                    selector.state,
                    selector.text(name),
                    PIPE_ACCESS_DUPLEX | WRITE_DAC | FILE_FLAG_OVERLAPPED | firstFlag,
                    PIPE_REJECT_REMOTE_CLIENTS,
                    most,
                    BUFFER,
                    security.address());
            error = selector.state.error();
        }
        if (created == WindowsCalls.INVALID_HANDLE) {
            boolean taken = error == WindowsErrors.ACCESS_DENIED && exists(selector, name);
            if (firstFlag != 0 && (taken || error == WindowsErrors.PIPE_BUSY)) {
                // What FILE_FLAG_FIRST_PIPE_INSTANCE answers when it is not the first, or when there may be no more.
                error = WindowsErrors.ALREADY_EXISTS;
            }
            throw WindowsErrors.failure(error, "CreateNamedPipe");
        }
        return created;
    }

    private static boolean exists(WindowsSelector selector, String name) throws KernelException {
        int error = PipeCalls.waitNamedPipe(selector.state, selector.text(PipeName.forWaiting(name)), NO_WAIT_MILLIS);
        return error != WindowsErrors.FILE_NOT_FOUND;
    }

    /** Makes an instance that is the only one of its name, for a pair. */
    static long createSole(WindowsSelector selector, String name) throws KernelException {
        return createPipe(selector, name, selector.security().ownerOnly(), FILE_FLAG_FIRST_PIPE_INSTANCE, 1);
    }

    /** Changes how many instances wait for clients from now on. */
    void instances(int count) {
        instances = count;
    }

    /** Begins to accept clients, or changes the backlog. */
    void listen(int mostWaiting) throws KernelException {
        backlog = mostWaiting;
        PipeHandle bound = first;
        if (bound != null) {
            first = null;
            arm(bound);
        }
        replenish();
        if (armed.isEmpty() && connected.isEmpty() && trouble != null) {
            throw trouble;
        }
    }

    /** Has as many instances wait for clients as were asked for, unless the backlog has no room for more. */
    private void replenish() {
        trouble = null;
        try {
            while (armed.size() < Math.min(instances, backlog - connected.size())) {
                arm(create(0));
            }
        } catch (KernelException refused) {
            trouble = refused;
        }
    }

    private void arm(PipeHandle handle) throws KernelException {
        Instance instance = new Instance(handle);
        Operation connecting = instance.connecting;
        handle.begin(connecting, instance);
        int error = PipeCalls.connectNamedPipe(selector.state, handle.value, connecting.address);
        if (error == WindowsErrors.IO_PENDING) {
            armed.add(instance);
            return;
        }
        selector.operations.giveBack(connecting);
        // The client was faster: it is connected (PIPE_CONNECTED), or gone again (NO_DATA) and may have left data.
        if (error == 0 || error == WindowsErrors.PIPE_CONNECTED || error == WindowsErrors.NO_DATA) {
            connected.add(handle);
        } else {
            handle.close();
            throw WindowsErrors.failure(error, "ConnectNamedPipe");
        }
    }

    /** Tells whether {@link #accept} has something to say: a client, or why none can come. */
    boolean isReady() {
        return !connected.isEmpty() || armed.isEmpty() && trouble != null;
    }

    /** Has instances wait for clients again, if there are none left after a trouble that was told. */
    void recover() {
        if (armed.isEmpty() && connected.isEmpty() && trouble == null) {
            replenish();
        }
    }

    /** Takes the next client, or null. */
    @Nullable PipeHandle accept() throws KernelException {
        KernelException why = trouble;
        PipeHandle next = connected.poll();
        if (next != null) {
            replenish();
        } else if (armed.isEmpty() && why != null) {
            trouble = null;
            throw why;
        }
        return next;
    }

    /** Returns the HANDLE of an instance: while the backlog is full, none waits for a client. */
    long handle() {
        PipeHandle any = first;
        if (any == null) {
            any = armed.isEmpty() ? connected.peekFirst() : armed.getFirst().handle;
        }
        return any == null ? WindowsCalls.INVALID_HANDLE : any.value;
    }

    /** Changes who may connect. */
    void security(String next) throws KernelException {
        long any = handle();
        // Without an instance there is no name to protect now; and -1 would be this very process.
        if (any != WindowsCalls.INVALID_HANDLE) {
            selector.security().apply(any, next);
        }
        sddl = next;
    }

    void close() {
        closed = true;
        PipeHandle bound = first;
        if (bound != null) {
            bound.close();
        }
        armed.forEach(Instance::close);
        connected.forEach(PipeHandle::close);
        connected.clear();
    }
}
