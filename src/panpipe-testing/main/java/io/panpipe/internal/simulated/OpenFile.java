/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.HandleKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What descriptors stand for: it lives as long as a descriptor of any process refers to it, or a message that somebody
 * may still read.
 *
 * <p>A message waits in a socket, and so may be one of those that keep its own reader alive: sent through itself, or in
 * a ring. Counting would never close such a file; as Linux does, one is closed when no descriptor leads to it any more.
 * The world's lock is held.
 */
abstract class OpenFile {

    private int holders;
    /** The sockets in which messages with this file wait, one entry for each; null before the first. */
    private @Nullable List<OpenFile> carriers;
    private boolean closed;

    /** Returns what a descriptor of this file can be driven as. */
    abstract HandleKind kind();

    /** Says what kind of file this is, as the middle of a sentence. */
    abstract String description();

    /** Ends all that depends on this file's being open. */
    abstract void closed();

    /** Returns the listener that this file, still without a descriptor, waits in for being accepted; or null. */
    @Nullable OpenFile waitsIn() {
        return null;
    }

    final boolean isClosed() {
        return closed;
    }

    /** Counts a descriptor, or a write in flight that is to carry this file. */
    final void hold() {
        holders++;
    }

    final void release() {
        holders--;
        closeUnlessReachable();
    }

    /** Notes a message with this file that waits in a socket. */
    final void loadInto(OpenFile carrier) {
        if (carriers == null) {
            carriers = new ArrayList<>(1);
        }
        carriers.add(carrier);
    }

    final void unloadFrom(OpenFile carrier) {
        if (carriers != null) {
            carriers.remove(carrier);
        }
        closeUnlessReachable();
    }

    /** Closes the file, whoever still refers to it. */
    final void close() {
        if (!closed) {
            closed = true;
            closed();
        }
    }

    private void closeUnlessReachable() {
        if (holders == 0 && !closed && !isReachable(Collections.newSetFromMap(new IdentityHashMap<>()))) {
            close();
        }
    }

    private boolean isReachable(Set<OpenFile> asked) {
        if (holders > 0) {
            return true;
        }
        if (!asked.add(this)) {
            return false;
        }
        if (carriers != null) {
            for (OpenFile carrier : carriers) {
                if (carrier.isReachable(asked)) {
                    return true;
                }
            }
        }
        OpenFile listener = waitsIn();
        return listener != null && listener.isReachable(asked);
    }
}
