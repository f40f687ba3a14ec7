/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.unix;

import io.panpipe.internal.kernel.Fault;

/**
 * The errno numbers that Linux and the BSDs share, in portable codes: up to 32, as Unix had them in its seventh edition. 11 is not
 * among them, which is EAGAIN on Linux and EDEADLK on the BSDs.
 */
public final class UnixErrno {

    private UnixErrno() {}

    /** Returns the code of a number; {@link Fault#UNKNOWN} for one that not every system has so. */
    public static Fault fault(int errno) {
        return switch (errno) {
            case 1 -> Fault.EPERM;
            case 2 -> Fault.ENOENT;
            case 4 -> Fault.EINTR;
            case 5 -> Fault.EIO;
            case 6 -> Fault.ENXIO;
            case 7 -> Fault.E2BIG;
            case 9 -> Fault.EBADF;
            case 12 -> Fault.ENOMEM;
            case 13 -> Fault.EACCES;
            case 14 -> Fault.EFAULT;
            case 16 -> Fault.EBUSY;
            case 17 -> Fault.EEXIST;
            case 19 -> Fault.ENODEV;
            case 20 -> Fault.ENOTDIR;
            case 21 -> Fault.EISDIR;
            case 22 -> Fault.EINVAL;
            case 23 -> Fault.ENFILE;
            case 24 -> Fault.EMFILE;
            case 26 -> Fault.ETXTBSY;
            case 28 -> Fault.ENOSPC;
            case 30 -> Fault.EROFS;
            case 32 -> Fault.EPIPE;
            default -> Fault.UNKNOWN;
        };
    }
}
