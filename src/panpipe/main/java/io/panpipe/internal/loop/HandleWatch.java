/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import io.panpipe.internal.kernel.ChannelListener;
import io.panpipe.internal.kernel.KernelException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The handles of a loop that was asked to find out who forgets to close them ({@code LoopOptions.creationSites}): it takes the
 * place of the list, and the loop refers to a handle through it alone.
 *
 * <p>A handle is held as long as something may come of it. After each collection the loop lets go of those of which nothing
 * can come, unless their user does something with them; so the next collection takes those that no user refers to, and what
 * such a one had of the system is closed, and told. As in asyncio and Node, where a transport or a FileHandle that was
 * collected is closed with a warning.
 */
final class HandleWatch {

    /** One handle, or what is left of it. */
    static final class Watched extends WeakReference<HandleCore> {

        private final @Nullable Throwable site;
        private @Nullable HandleCore held;
        private String text = "";
        private @Nullable Runnable rest;
        private boolean gone;

        Watched(HandleCore handle, @Nullable Throwable site) {
            super(handle);
            this.site = site;
            held = handle;
        }

        /** Its user does something with the handle, of which something may come. */
        void use(HandleCore handle) {
            if (gone) {
                throw new IllegalStateException("this handle was forgotten, and is closed: a finalizer has found it again");
            }
            held = handle;
        }

        /** Tells whether what the handle had of the system is closed, and may be another's by now. */
        boolean isGone() {
            return gone;
        }

        /** Nothing comes of the handle before its user does something with it. */
        private void letGo(HandleCore idle) {
            List<String> facts = new ArrayList<>();
            idle.describe(facts);
            facts.add(LoopDump.seconds(idle.ageNanos()) + " old");
            text = idle + ": " + String.join(", ", facts);
            rest = idle.rest();
            held = null;
        }

        private boolean isForgotten() {
            return held == null && refersTo(null);
        }
    }

    /** The listener of a channel, which does not hold the handle: one that waits for events is held by the watch. */
    private static final class LooseListener extends WeakReference<ChannelListener> implements ChannelListener {

        LooseListener(ChannelListener listener) {
            super(listener);
        }

        @Override
        public void ready(int operations) {
            ChannelListener listener = get();
            if (listener != null) {
                listener.ready(operations);
            }
        }

        @Override
        public void written(int bytes) {
            ChannelListener listener = get();
            if (listener != null) {
                listener.written(bytes);
            }
        }

        @Override
        public void writeFailed(KernelException error) {
            ChannelListener listener = get();
            if (listener != null) {
                listener.writeFailed(error);
            }
        }
    }

    private final CreationSites sites;

    /** In the order in which they were made; under its own lock, since dumps read it on other threads. */
    private final Set<Watched> all = new LinkedHashSet<>();

    /** Cleared by the next collection. */
    private WeakReference<Object> collection = new WeakReference<>(new Object());

    HandleWatch(CreationSites sites) {
        this.sites = sites;
    }

    static ChannelListener loose(ChannelListener listener) {
        return new LooseListener(listener);
    }

    Watched add(HandleCore handle) {
        Watched watched = new Watched(handle, sites.of(handle));
        synchronized (all) {
            all.add(watched);
        }
        return watched;
    }

    void remove(Watched closed) {
        synchronized (all) {
            all.remove(closed);
        }
    }

    boolean isEmpty() {
        synchronized (all) {
            return all.isEmpty();
        }
    }

    /** Returns those that there are still. */
    List<HandleCore> toList() {
        List<HandleCore> list = new ArrayList<>();
        for (Watched watched : entries()) {
            HandleCore present = watched.get();
            if (present != null) {
                list.add(present);
            }
        }
        return list;
    }

    private List<Watched> entries() {
        synchronized (all) {
            return new ArrayList<>(all);
        }
    }

    /**
     * If there was a collection since the last time: tells of what it has found to be forgotten, and lets go of what is idle by
     * now. Returns how many were forgotten.
     */
    int sweep(LoopCore loop) {
        if (!collection.refersTo(null)) {
            return 0;
        }
        // First, so that what fails below is not tried again before the next collection.
        collection = new WeakReference<>(new Object());
        int forgotten = closeForgotten(loop, true);
        for (Watched watched : entries()) {
            HandleCore held = watched.held;
            try {
                if (held != null && held.isIdle()) {
                    watched.letGo(held);
                }
            } catch (Throwable thrown) {
                // It is held as before.
                loop.uncaught(thrown);
            }
        }
        return forgotten;
    }

    /**
     * Closes what forgotten handles have left; returns how many they were.
     *
     * @param told whether the log is told: the close of a loop closes what its user has left to it
     */
    int closeForgotten(LoopCore loop, boolean told) {
        int forgotten = 0;
        for (Watched watched : entries()) {
            if (watched.isForgotten()) {
                remove(watched);
                forgotten++;
                close(watched, loop, told);
            }
        }
        return forgotten;
    }

    private void close(Watched forgotten, LoopCore loop, boolean told) {
        forgotten.gone = true;
        try {
            Runnable rest = forgotten.rest;
            if (rest != null) {
                rest.run();
            }
        } catch (Throwable thrown) {
            loop.uncaught(thrown);
        }
        Throwable site = forgotten.site;
        if (told) {
            StringBuilder text = new StringBuilder("a handle was never closed, and nobody refers to it any more, so that it is")
                    .append(" closed now: ")
                    .append(forgotten.text);
            if (site != null) {
                text.append('\n');
                CreationSites.describe(site, text);
            }
            loop.warn(text.toString());
        }
        if (site != null) {
            sites.forget(site);
        }
    }
}
