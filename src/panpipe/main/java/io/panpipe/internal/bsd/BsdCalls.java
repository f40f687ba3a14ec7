/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.bsd;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.ffi.NativeFunctions;
import io.panpipe.internal.unix.UnixCalls;
import java.lang.invoke.MethodHandle;

/** The C library's functions that the BSDs have beside those of every Unix, each answering its result or the negated errno. */
final class BsdCalls {

    private static final MethodHandle KQUEUE = NativeFunctions.C.six("kqueue");
    private static final MethodHandle KEVENT = NativeFunctions.C.six("kevent");

    private static final int EINTR = 4;

    private BsdCalls() {}

    static int kqueue(CallState state) {
        return (int) UnixCalls.call(KQUEUE, state, 0, 0, 0, 0);
    }

    /** kevent(2), once: after EINTR all changes have been applied, and the caller knows what is left of its time. */
    static int kevent(CallState state, int queue, long changes, int count, long events, int room, long timeout) {
        try {
            int result = (int) (long) KEVENT.invokeExact(
                    state.segment(), (long) queue, changes, (long) count, events, (long) room, timeout);
            return result >= 0 ? result : -state.error();
        } catch (Throwable t) {
            throw UnixCalls.unexpected(t);
        }
    }

    /** accept(2), without the client's address. */
    static int accept(CallState state, int fd) {
        return (int) UnixCalls.call(Servers.ACCEPT, state, fd, 0, 0, 0);
    }

    static int fchmodat(CallState state, int directory, long path, int mode, int flags) {
        return (int) UnixCalls.call(Files.FCHMODAT, state, directory, path, mode, flags);
    }

    private static final class Servers {
        static final MethodHandle ACCEPT = NativeFunctions.C.six("accept");
    }

    private static final class Files {
        static final MethodHandle FCHMODAT = NativeFunctions.C.six("fchmodat");
    }

    /** The functions that macOS alone has, or has under names of its own. */
    static final class Mac {

        private Mac() {}

        static int fstat(CallState state, int fd, long status) {
            return (int) UnixCalls.call(Status.FSTAT, state, fd, status, 0, 0);
        }

        static int lstat(CallState state, long path, long status) {
            return (int) UnixCalls.call(Status.LSTAT, state, path, status, 0, 0);
        }

        /** Makes a directory the thread's own; -1 gives it back the process's. */
        static int pthreadFchdirNp(CallState state, int directory) {
            return (int) UnixCalls.call(Threads.PTHREAD_FCHDIR_NP, state, directory, 0, 0, 0);
        }

        /** select(2) of any number of descriptors, once; a signal ends it with 0. */
        static int select(CallState state, int bound, long read, long written, long timeout) {
            try {
                int result = (int) (long) Waits.SELECT.invokeExact(
                        state.segment(), (long) bound, read, written, 0L, timeout, 0L);
                int errno = result >= 0 ? 0 : state.error();
                return errno == EINTR ? 0 : result >= 0 ? result : -errno;
            } catch (Throwable t) {
                throw UnixCalls.unexpected(t);
            }
        }
    }

    /** The plain names are the calls with inode numbers of 32 bits where there have been such: on x86-64. */
    private static final class Status {
        static final MethodHandle FSTAT = MacLayouts.INODE64 ? Wide.FSTAT : Plain.FSTAT;
        static final MethodHandle LSTAT = MacLayouts.INODE64 ? Wide.LSTAT : Plain.LSTAT;
    }

    private static final class Wide {
        static final MethodHandle FSTAT = NativeFunctions.C.six("fstat$INODE64");
        static final MethodHandle LSTAT = NativeFunctions.C.six("lstat$INODE64");
    }

    private static final class Plain {
        static final MethodHandle FSTAT = NativeFunctions.C.six("fstat");
        static final MethodHandle LSTAT = NativeFunctions.C.six("lstat");
    }

    private static final class Threads {
        static final MethodHandle PTHREAD_FCHDIR_NP = NativeFunctions.C.six("pthread_fchdir_np");
    }

    private static final class Waits {
        static final MethodHandle SELECT = NativeFunctions.C.six("select$DARWIN_EXTSN");
    }
}
