/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Credentials;
import org.jspecify.annotations.Nullable;

/** One file of the namespace, told from its successors under the same name by being another object, as by its inode. */
final class NameEntry {

    private static final int WRITE_BY_OWNER = 0200;
    private static final int WRITE_BY_GROUP = 0020;
    private static final int WRITE_BY_OTHERS = 0002;

    private final String name;
    private final Credentials owner;
    private final boolean isSocket;
    private final @Nullable PipeSocket socket;
    private int mode;

    private NameEntry(String name, Credentials owner, int mode, boolean isSocket, @Nullable PipeSocket socket) {
        this.name = name;
        this.owner = owner;
        this.mode = mode;
        this.isSocket = isSocket;
        this.socket = socket;
    }

    static NameEntry ofSocket(String name, Credentials owner, int mode, PipeSocket socket) {
        return new NameEntry(name, owner, mode, true, socket);
    }

    /** Makes the entry of a socket that is gone. */
    static NameEntry stale(String name, Credentials owner, int mode) {
        return new NameEntry(name, owner, mode, true, null);
    }

    static NameEntry ofFile(String name, Credentials owner, int mode) {
        return new NameEntry(name, owner, mode, false, null);
    }

    String name() {
        return name;
    }

    int mode() {
        return mode;
    }

    void mode(int bits) {
        mode = bits;
    }

    boolean isSocket() {
        return isSocket;
    }

    /** Returns the socket that is bound here, or null if there is none or it is gone. */
    @Nullable PipeSocket socket() {
        return socket == null || socket.isClosed() ? null : socket;
    }

    /** Tells whether a user may connect; for abstract names, which have no mode, everyone may. */
    boolean isWritableBy(Credentials who) {
        if (PipeName.isAbstract(name) || who.uid() == 0) {
            return true;
        }
        int needed = who.uid() == owner.uid()
                ? WRITE_BY_OWNER
                : who.gid() == owner.gid() ? WRITE_BY_GROUP : WRITE_BY_OTHERS;
        return (mode & needed) != 0;
    }
}
