/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Credentials;
import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names of one machine, which outlive the sockets bound to them as socket files do.
 *
 * <p>Directories are not simulated: a path is a string, and its parent always exists. The world's lock is held.
 */
final class NameSpace {

    private static final int PERMISSIONS = 0777;

    private final Map<String, NameEntry> entries = new HashMap<>();
    private int picked;

    @Nullable NameEntry find(String name) {
        return entries.get(name);
    }

    /** Puts an entry in place, whatever had its name. */
    void put(NameEntry entry) {
        entries.put(entry.name(), entry);
    }

    /** Removes an entry if the name still leads to it. */
    void remove(NameEntry entry) {
        entries.remove(entry.name(), entry);
    }

    boolean isCurrent(NameEntry entry) {
        return entries.get(entry.name()) == entry;
    }

    /**
     * Binds a socket to a name; an empty one becomes an abstract one of the system's choice.
     *
     * @param replace whether the name of a dead server is taken over
     */
    NameEntry bind(String asked, int mode, boolean replace, PipeSocket socket, Credentials owner)
            throws KernelException {
        String name = asked.isEmpty() ? pick() : asked;
        PipeName.check(name, "bind");
        checkMode(mode, "bind");
        NameEntry present = entries.get(name);
        if (present != null && !(replace && isStale(present))) {
            throw new KernelException(Fault.EADDRINUSE, 0, "bind", hint(present));
        }
        NameEntry entry = NameEntry.ofSocket(name, owner, mode, socket);
        entries.put(name, entry);
        return entry;
    }

    static void checkMode(int mode, String call) throws KernelException {
        if ((mode & ~PERMISSIONS) != 0) {
            throw new KernelException(Fault.EINVAL, 0, call, "permission bits are 0 to 0777");
        }
    }

    /** Linux too picks a NUL and five hexadecimal digits. */
    private String pick() {
        String name;
        do {
            name = String.format("\0%05x", ++picked);
        } while (entries.containsKey(name));
        return name;
    }

    private static boolean isStale(NameEntry entry) {
        return entry.isSocket() && entry.socket() == null;
    }

    private static String hint(NameEntry present) {
        if (!present.isSocket()) {
            return "it is a file, not a socket";
        }
        return isStale(present)
                ? "no process has this socket file bound any more: delete it, or bind with BindOption.REPLACE_STALE"
                : "";
    }

    /** Returns the socket that a name leads to, in the order in which Linux refuses: missing, forbidden, dead. */
    PipeSocket resolve(String name, Credentials who) throws KernelException {
        NameEntry entry = entries.get(name);
        if (entry == null) {
            // An abstract name has no file that could be missing: Linux only knows that nobody listens.
            throw new KernelException(PipeName.isAbstract(name) ? Fault.ECONNREFUSED : Fault.ENOENT, 0, "connect");
        }
        if (!entry.isWritableBy(who)) {
            throw new KernelException(Fault.EACCES, 0, "connect");
        }
        PipeSocket socket = entry.socket();
        if (socket == null) {
            String hint = entry.isSocket() ? "" : "it is a file, not a socket";
            throw new KernelException(Fault.ECONNREFUSED, 0, "connect", hint);
        }
        return socket;
    }
}
