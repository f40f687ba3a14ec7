/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import io.panpipe.internal.kernel.Fault;

/** Linux's errno numbers, as most architectures have them (asm-generic/errno.h), in portable codes. */
final class LinuxErrno {

    private LinuxErrno() {}

    static Fault fault(int errno) {
        return switch (errno) {
            case 1 -> Fault.EPERM;
            case 2 -> Fault.ENOENT;
            case 4 -> Fault.EINTR;
            case 5 -> Fault.EIO;
            case 6 -> Fault.ENXIO;
            case 7 -> Fault.E2BIG;
            case 9 -> Fault.EBADF;
            case 11 -> Fault.EAGAIN;
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
            case 36 -> Fault.ENAMETOOLONG;
            case 38 -> Fault.ENOSYS;
            case 40 -> Fault.ELOOP;
            case 71 -> Fault.EPROTO;
            case 88 -> Fault.ENOTSOCK;
            case 89 -> Fault.EDESTADDRREQ;
            case 90 -> Fault.EMSGSIZE;
            case 91 -> Fault.EPROTOTYPE;
            case 92 -> Fault.ENOPROTOOPT;
            case 93 -> Fault.EPROTONOSUPPORT;
            case 95 -> Fault.ENOTSUP;
            case 97 -> Fault.EAFNOSUPPORT;
            case 98 -> Fault.EADDRINUSE;
            case 99 -> Fault.EADDRNOTAVAIL;
            case 100 -> Fault.ENETDOWN;
            case 101 -> Fault.ENETUNREACH;
            case 103 -> Fault.ECONNABORTED;
            case 104 -> Fault.ECONNRESET;
            case 105 -> Fault.ENOBUFS;
            case 106 -> Fault.EISCONN;
            case 107 -> Fault.ENOTCONN;
            case 109 -> Fault.ETOOMANYREFS;
            case 110 -> Fault.ETIMEDOUT;
            case 111 -> Fault.ECONNREFUSED;
            case 113 -> Fault.EHOSTUNREACH;
            case 114 -> Fault.EALREADY;
            case 125 -> Fault.ECANCELED;
            default -> Fault.UNKNOWN;
        };
    }
}
