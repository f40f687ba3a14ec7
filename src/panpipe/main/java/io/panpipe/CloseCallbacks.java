/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import java.util.ArrayList;
import java.util.List;

/** All who want to be told that one handle is closed, where there are several: told in their order, whatever one throws. */
final class CloseCallbacks implements HandleCallback<Handle> {

    private final List<HandleCallback<? super Handle>> callbacks = new ArrayList<>(4);

    CloseCallbacks(HandleCallback<? super Handle> first, HandleCallback<? super Handle> second) {
        callbacks.add(first);
        callbacks.add(second);
    }

    void add(HandleCallback<? super Handle> next) {
        callbacks.add(next);
    }

    @Override
    public void call(Handle handle) {
        for (HandleCallback<? super Handle> callback : callbacks) {
            handle.loop().callbacks.call(callback, handle);
        }
    }
}
