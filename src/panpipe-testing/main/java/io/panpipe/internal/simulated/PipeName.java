/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.NameBytes;

/** Says which names are names at all: a path, or a leading NUL and anything for the abstract ones of Linux. */
final class PipeName {

    /** PATH_MAX less the NUL: Panpipe reaches longer paths than sun_path holds. */
    private static final int LONGEST_PATH = 4095;

    /** sun_path less the leading NUL; abstract names have no way around. */
    private static final int LONGEST_ABSTRACT = 107;

    private PipeName() {}

    static boolean isAbstract(String name) {
        return !name.isEmpty() && name.charAt(0) == 0;
    }

    /**
     * Refuses what is no name.
     *
     * @param call whose refusal it is
     */
    static void check(String name, String call) throws KernelException {
        if (name.isEmpty()) {
            throw new KernelException(Fault.EINVAL, 0, call, "the name is empty");
        }
        int bytes = NameBytes.length(name);
        if (bytes < 0) {
            throw new KernelException(Fault.EINVAL, 0, call, "the name has half a surrogate pair, which is no text");
        }
        if (isAbstract(name)) {
            if (bytes - 1 > LONGEST_ABSTRACT) {
                throw new KernelException(Fault.ENAMETOOLONG, 0, call, "an abstract name has at most 107 bytes");
            }
            return;
        }
        if (name.indexOf(0) >= 0) {
            throw new KernelException(Fault.EINVAL, 0, call, "a path cannot contain NUL");
        }
        if (bytes > LONGEST_PATH) {
            throw new KernelException(Fault.ENAMETOOLONG, 0, call, "a path has at most 4095 bytes");
        }
    }
}
