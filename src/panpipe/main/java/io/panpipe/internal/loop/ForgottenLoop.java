/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * Tells the log of a loop that nobody has closed and nobody can close any more: what it has of the system is lost until the
 * process ends, and so is what its handles have. It knows nothing of the loop but what there is to tell.
 */
final class ForgottenLoop implements Runnable {

    /** Made with the first loop. Its thread inherits nothing of the one that makes it. */
    private static final class Watch {
        static final Cleaner CLEANER = Cleaner.create();
    }

    private final String thread = Thread.currentThread().getName();
    private final HandleList.Census handles;
    private final @Nullable CreationSites sites;
    private final @Nullable Throwable site;
    private Cleaner.@Nullable Cleanable registration;
    private volatile boolean closed;

    private ForgottenLoop(HandleList handleList) {
        handles = handleList.census();
        sites = handleList.creationSites();
        site = sites == null ? null : new Throwable();
    }

    /** Watches over a loop until it is {@link #closed}; null where there is no memory or thread for that. */
    static @Nullable ForgottenLoop watch(LoopCore loop) {
        try {
            ForgottenLoop forgotten = new ForgottenLoop(loop.handles());
            forgotten.registration = Watch.CLEANER.register(loop, forgotten);
            return forgotten;
        } catch (OutOfMemoryError | NoClassDefFoundError unwatched) {
            // The loop works as well without.
            return null;
        }
    }

    /** The loop is closed, and nothing is forgotten. */
    void closed() {
        closed = true;
        Cleaner.Cleanable present = registration;
        if (present != null) {
            present.clean();
        }
    }

    @Override
    public void run() {
        if (closed) {
            return;
        }
        StringBuilder text = new StringBuilder("a loop that thread \"").append(thread);
        text.append("\" has made was never closed, and nobody refers to it any more: its descriptors stay open, and those of ");
        text.append(handles.open()).append(" handles");
        if (site == null || sites == null) {
            text.append("; LoopOptions.creationSites tells where they were made");
        } else {
            text.append('\n');
            CreationSites.describe(site, text);
            sites.describeAll(text);
        }
        UserLog.warning(text.toString());
    }
}
