/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * The loops of this JVM that are not closed, for {@code Loop.dumpAll}. It keeps none from being collected that its owner
 * has forgotten.
 */
public final class OpenLoops {

    private static final Map<LoopCore, Boolean> LOOPS = new WeakHashMap<>();

    /** What loops that could not be closed in order have left to the system: a rest, and no more. */
    private static final List<Object> KEPT = new ArrayList<>();

    private OpenLoops() {}

    static synchronized void add(LoopCore loop) {
        LOOPS.put(loop, Boolean.TRUE);
    }

    static synchronized void remove(LoopCore loop) {
        LOOPS.remove(loop);
    }

    /** Keeps what the system may still read for ever. */
    public static synchronized void keep(Object read) {
        KEPT.add(read);
    }

    static synchronized List<LoopCore> all() {
        return new ArrayList<>(LOOPS.keySet());
    }
}
