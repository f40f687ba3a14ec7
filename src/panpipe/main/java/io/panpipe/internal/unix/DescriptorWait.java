/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.ffi.CallState;

/** How one helper thread waits until a descriptor is ready, or its channel closed. */
public interface DescriptorWait {

    /**
     * Waits until a descriptor is ready or a second one is readable; a signal may end it early.
     *
     * @param writes whether the descriptor is to be written, rather than read
     * @return positive if the descriptor is ready, or has an error to tell; 0 if it is not known to be; or a negated errno
     */
    int await(CallState state, int fd, boolean writes, int second);
}
