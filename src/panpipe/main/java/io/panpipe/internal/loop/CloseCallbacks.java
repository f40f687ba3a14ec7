/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.loop;

import java.util.ArrayList;
import java.util.List;

/** All who want to be told that one handle is closed, where there are several: told in their order, whatever one throws. */
final class CloseCallbacks {

    private final List<Object> callbacks = new ArrayList<>(4);

    CloseCallbacks(Object first, Object second) {
        callbacks.add(first);
        callbacks.add(second);
    }

    void add(Object next) {
        callbacks.add(next);
    }

    void call(HandleCore handle) {
        for (Object callback : callbacks) {
            handle.loop().front().call(handle, callback);
        }
    }
}
