/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.kernel.KernelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Whose a process is: the security identifiers in its token, in the form {@code S-1-5-…}. */
final class ProcessIdentity {

    private static final long THIS_PROCESS = -1;
    private static final int TOKEN_USER = 1;
    private static final int TOKEN_PRIMARY_GROUP = 5;
    private static final int TOKEN_INTEGRITY_LEVEL = 25;

    /** A SID has at most 68 bytes (SECURITY_MAX_SID_SIZE), and a pointer to it and its attributes stand before it. */
    private static final int MOST_BYTES = 128;

    private static final int SUB_AUTHORITIES = 8;
    private static final ValueLayout.OfShort BIG_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt BIG_INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final WindowsSelector selector;
    private final MemorySegment information;
    private @Nullable String ownUser;

    ProcessIdentity(WindowsSelector selector) {
        this.selector = selector;
        information = selector.memory.allocate(MOST_BYTES);
    }

    /** Returns this process's user. */
    String ownUser() throws KernelException {
        String known = ownUser;
        if (known == null) {
            known = ofToken(THIS_PROCESS, TOKEN_USER);
            ownUser = known;
        }
        return known;
    }

    /** Returns the primary group of this process's user. */
    String ownGroup() throws KernelException {
        return ofToken(THIS_PROCESS, TOKEN_PRIMARY_GROUP);
    }

    /** Returns the user of a process, or null where the system does not tell: it is gone, or somebody else's. */
    @Nullable String user(int process) {
        long handle = SecurityCalls.openProcess(selector.state, process);
        if (handle == WindowsCalls.INVALID_HANDLE) {
            return null;
        }
        try {
            return ofToken(handle, TOKEN_USER);
        } catch (KernelException refused) {
            return null;
        } finally {
            WindowsCalls.closeHandle(selector.state, handle);
        }
    }

    /**
     * Tells whether a process may put handles into this one: it is of the same user, and not of less integrity, or the
     * system would have refused it the right to do so.
     */
    boolean mayGiveHandles(int process) {
        if (process == ProcessHandle.current().pid()) {
            return true;
        }
        long handle = SecurityCalls.openProcess(selector.state, process);
        if (handle == WindowsCalls.INVALID_HANDLE) {
            return false;
        }
        try {
            return ofToken(handle, TOKEN_USER).equals(ownUser())
                    && integrity(handle) >= integrity(THIS_PROCESS);
        } catch (KernelException refused) {
            return false;
        } finally {
            WindowsCalls.closeHandle(selector.state, handle);
        }
    }

    /** Returns a process's integrity level: the last part of an identifier such as S-1-16-8192. */
    private int integrity(long process) throws KernelException {
        String level = ofToken(process, TOKEN_INTEGRITY_LEVEL);
        return Integer.parseInt(level.substring(level.lastIndexOf('-') + 1));
    }

    private String ofToken(long process, int kind) throws KernelException {
        MemorySegment numbers = selector.numbers;
        int error = SecurityCalls.openToken(selector.state, process, numbers.address());
        if (error != 0) {
            throw WindowsErrors.failure(error, "OpenProcessToken");
        }
        long token = numbers.get(ValueLayout.JAVA_LONG, 0);
        error = SecurityCalls.tokenInformation(
                selector.state, token, kind, information.address(), MOST_BYTES, numbers.address());
        WindowsCalls.closeHandle(selector.state, token);
        if (error != 0) {
            throw WindowsErrors.failure(error, "GetTokenInformation");
        }
        // All of these structures begin with the address of the SID, which lies behind them.
        return text(information.get(ValueLayout.JAVA_LONG, 0) - information.address());
    }

    private String text(long at) {
        long authority = (long) (information.get(BIG_SHORT, at + 2) & 0xffff) << 32
                | information.get(BIG_INT, at + 4) & 0xffffffffL;
        StringBuilder sid = new StringBuilder("S-").append(information.get(ValueLayout.JAVA_BYTE, at));
        sid.append('-').append(authority);
        int count = information.get(ValueLayout.JAVA_BYTE, at + 1);
        for (int i = 0; i < count; i++) {
            int part = information.get(ValueLayout.JAVA_INT_UNALIGNED, at + SUB_AUTHORITIES + i * 4L);
            sid.append('-').append(Integer.toUnsignedString(part));
        }
        return sid.toString();
    }
}
