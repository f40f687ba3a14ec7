/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.linux;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.unix.UnixErrno;

/** Linux's errno numbers, as most architectures have them (asm-generic/errno.h), in portable codes. */
final class LinuxErrno {

    private LinuxErrno() {}

    static Fault fault(int errno) {
        return switch (errno) {
            case 11 -> Fault.EAGAIN;
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
            default -> UnixErrno.fault(errno);
        };
    }
}
