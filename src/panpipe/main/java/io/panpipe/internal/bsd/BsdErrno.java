/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.bsd;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.unix.UnixErrno;

/** The errno numbers that all BSDs share, in portable codes; each system has some of its own beside them. */
final class BsdErrno {

    private BsdErrno() {}

    static Fault fault(int errno) {
        return switch (errno) {
            case 35 -> Fault.EAGAIN;
            case 37 -> Fault.EALREADY;
            case 38 -> Fault.ENOTSOCK;
            case 39 -> Fault.EDESTADDRREQ;
            case 40 -> Fault.EMSGSIZE;
            case 41 -> Fault.EPROTOTYPE;
            case 42 -> Fault.ENOPROTOOPT;
            case 43 -> Fault.EPROTONOSUPPORT;
            case 47 -> Fault.EAFNOSUPPORT;
            case 48 -> Fault.EADDRINUSE;
            case 49 -> Fault.EADDRNOTAVAIL;
            case 50 -> Fault.ENETDOWN;
            case 51 -> Fault.ENETUNREACH;
            case 53 -> Fault.ECONNABORTED;
            case 54 -> Fault.ECONNRESET;
            case 55 -> Fault.ENOBUFS;
            case 56 -> Fault.EISCONN;
            case 57 -> Fault.ENOTCONN;
            case 59 -> Fault.ETOOMANYREFS;
            case 60 -> Fault.ETIMEDOUT;
            case 61 -> Fault.ECONNREFUSED;
            case 62 -> Fault.ELOOP;
            case 63 -> Fault.ENAMETOOLONG;
            case 65 -> Fault.EHOSTUNREACH;
            case 78 -> Fault.ENOSYS;
            default -> UnixErrno.fault(errno);
        };
    }
}
