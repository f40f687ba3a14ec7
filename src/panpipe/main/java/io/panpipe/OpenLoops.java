/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * The loops of this JVM that are not closed, for {@link Loop#dumpAll}. It keeps none from being collected that its owner
 * has forgotten.
 */
final class OpenLoops {

    private static final Map<Loop, Boolean> LOOPS = new WeakHashMap<>();

    private OpenLoops() {}

    static synchronized void add(Loop loop) {
        LOOPS.put(loop, Boolean.TRUE);
    }

    static synchronized void remove(Loop loop) {
        LOOPS.remove(loop);
    }

    static synchronized List<Loop> all() {
        return new ArrayList<>(LOOPS.keySet());
    }
}
