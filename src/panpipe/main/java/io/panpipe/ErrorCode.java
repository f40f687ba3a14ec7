/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import io.panpipe.internal.kernel.Fault;

/**
 * What went wrong, in codes that mean the same on every operating system: libuv's names for the numbers of errno and
 * GetLastError.
 *
 * @see PanpipeException#number() the system's own number
 * @since 0.1
 */
public enum ErrorCode {
    /** Argument list too long. */
    E2BIG("argument list too long"),
    /** Permission denied. */
    EACCES("permission denied"),
    /** Address already in use. */
    EADDRINUSE("address already in use"),
    /** Address not available. */
    EADDRNOTAVAIL("address not available"),
    /** Address family not supported. */
    EAFNOSUPPORT("address family not supported"),
    /** Resource temporarily unavailable. */
    EAGAIN("resource temporarily unavailable"),
    /** Operation already in progress. */
    EALREADY("operation already in progress"),
    /** Bad descriptor. */
    EBADF("bad descriptor"),
    /** Resource busy or locked. */
    EBUSY("resource busy or locked"),
    /** Operation cancelled. */
    ECANCELED("operation cancelled"),
    /** Connection aborted. */
    ECONNABORTED("connection aborted"),
    /** Connection refused. */
    ECONNREFUSED("connection refused"),
    /** Connection reset by peer. */
    ECONNRESET("connection reset by peer"),
    /** Destination address required. */
    EDESTADDRREQ("destination address required"),
    /** Already exists. */
    EEXIST("already exists"),
    /** Bad address in system call argument. */
    EFAULT("bad address in system call argument"),
    /** Host is unreachable. */
    EHOSTUNREACH("host is unreachable"),
    /** Interrupted system call. */
    EINTR("interrupted system call"),
    /** Invalid argument. */
    EINVAL("invalid argument"),
    /** Input/output error. */
    EIO("input/output error"),
    /** Already connected. */
    EISCONN("already connected"),
    /** Is a directory. */
    EISDIR("is a directory"),
    /** Too many symbolic links. */
    ELOOP("too many symbolic links"),
    /** Too many open files in this process. */
    EMFILE("too many open files in this process"),
    /** Message too long. */
    EMSGSIZE("message too long"),
    /** Name too long. */
    ENAMETOOLONG("name too long"),
    /** Network is down. */
    ENETDOWN("network is down"),
    /** Network is unreachable. */
    ENETUNREACH("network is unreachable"),
    /** Too many open files in the system. */
    ENFILE("too many open files in the system"),
    /** No buffer space available. */
    ENOBUFS("no buffer space available"),
    /** No such device. */
    ENODEV("no such device"),
    /** No such file or directory. */
    ENOENT("no such file or directory"),
    /** Not enough memory. */
    ENOMEM("not enough memory"),
    /** Protocol not available: a socket option that this system or this kind of socket does not have. */
    ENOPROTOOPT("protocol not available"),
    /** No space left on device. */
    ENOSPC("no space left on device"),
    /** Function not implemented. */
    ENOSYS("function not implemented"),
    /** Not connected. */
    ENOTCONN("not connected"),
    /** Not a directory. */
    ENOTDIR("not a directory"),
    /** Not a socket. */
    ENOTSOCK("not a socket"),
    /** Operation not supported. */
    ENOTSUP("operation not supported"),
    /** No such device or address. */
    ENXIO("no such device or address"),
    /** Operation not permitted. */
    EPERM("operation not permitted"),
    /** Broken pipe. */
    EPIPE("broken pipe"),
    /** Protocol error. */
    EPROTO("protocol error"),
    /** Protocol not supported. */
    EPROTONOSUPPORT("protocol not supported"),
    /** Wrong type of socket. */
    EPROTOTYPE("wrong type of socket"),
    /** Read-only file system. */
    EROFS("read-only file system"),
    /** Timed out. */
    ETIMEDOUT("timed out"),
    /** Too many references: cannot splice. */
    ETOOMANYREFS("too many references: cannot splice"),
    /** Text file is busy. */
    ETXTBSY("text file is busy"),
    /** End of file. */
    EOF("end of file"),
    /** Unknown error. */
    UNKNOWN("unknown error");

    private static final ErrorCode[] BY_FAULT = byFault();

    private final String description;

    ErrorCode(String description) {
        this.description = description;
    }

    /**
     * Returns the meaning in a few English words, as error messages show it.
     *
     * @return the description, without the code's name
     */
    public String description() {
        return description;
    }

    static ErrorCode of(Fault fault) {
        return BY_FAULT[fault.ordinal()];
    }

    private static ErrorCode[] byFault() {
        Fault[] faults = Fault.values();
        ErrorCode[] codes = new ErrorCode[faults.length];
        for (Fault fault : faults) {
            codes[fault.ordinal()] = valueOf(fault.name());
        }
        return codes;
    }
}
