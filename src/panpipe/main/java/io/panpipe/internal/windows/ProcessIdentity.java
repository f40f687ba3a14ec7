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

/** Whose a process is, or the client of a pipe: the security identifiers in its token, in the form {@code S-1-5-…}. */
final class ProcessIdentity {

    private static final int ERROR_NO_TOKEN = 1008;
    private static final long THIS_PROCESS = -1;
    private static final int TOKEN_USER = 1;
    private static final int TOKEN_PRIMARY_GROUP = 5;
    private static final int TOKEN_INTEGRITY_LEVEL = 25;
    private static final int TOKEN_IS_APP_CONTAINER = 29;
    private static final int TOKEN_APP_CONTAINER_SID = 31;

    /** A SID has at most 68 bytes (SECURITY_MAX_SID_SIZE), and a pointer to it and its attributes stand before it. */
    private static final int MOST_BYTES = 128;

    private static final int SUB_AUTHORITIES = 8;
    private static final ValueLayout.OfShort BIG_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt BIG_INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final WindowsSelector selector;
    private final MemorySegment information;
    private @Nullable String ownUser;
    private @Nullable String ownContainer;

    ProcessIdentity(WindowsSelector selector) {
        this.selector = selector;
        information = selector.memory.allocate(MOST_BYTES);
    }

    /** Returns this process's user. */
    String ownUser() throws KernelException {
        String known = ownUser;
        if (known == null) {
            known = own(TOKEN_USER);
            ownUser = known;
        }
        return known;
    }

    /** Returns the AppContainer that this process is in, or an empty text. */
    String ownContainer() throws KernelException {
        String known = ownContainer;
        if (known == null) {
            known = isInContainer() ? own(TOKEN_APP_CONTAINER_SID) : "";
            ownContainer = known;
        }
        return known;
    }

    private boolean isInContainer() throws KernelException {
        long token = processToken(THIS_PROCESS);
        int error = SecurityCalls.tokenInformation(
                selector.state, token, TOKEN_IS_APP_CONTAINER, information.address(), MOST_BYTES,
                selector.numbers.address());
        WindowsCalls.closeHandle(selector.state, token);
        // Before Windows 8 nobody knows of them.
        return error == 0 && information.get(ValueLayout.JAVA_INT, 0) != 0;
    }

    /** Returns the primary group of this process's user. */
    String ownGroup() throws KernelException {
        return own(TOKEN_PRIMARY_GROUP);
    }

    /** Returns the user of a process, or null where the system does not tell: it is gone, or somebody else's. */
    @Nullable String user(int process) {
        long handle = SecurityCalls.openProcess(selector.state, process);
        if (handle == WindowsCalls.INVALID_HANDLE) {
            return null;
        }
        try {
            return ofProcess(handle, TOKEN_USER);
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
        long handle = SecurityCalls.openProcess(selector.state, process);
        if (handle == WindowsCalls.INVALID_HANDLE) {
            return false;
        }
        try {
            return isTrusted(processToken(handle));
        } catch (KernelException refused) {
            return false;
        } finally {
            WindowsCalls.closeHandle(selector.state, handle);
        }
    }

    /** Tells the same of the client of a server's end, by who it is and not by its number. */
    boolean clientMayGiveHandles(long pipe) {
        long token = clientToken(pipe);
        try {
            return token != WindowsCalls.INVALID_HANDLE && isTrusted(token);
        } catch (KernelException refused) {
            return false;
        }
    }

    /** Tells it of a token, which is closed. */
    private boolean isTrusted(long token) throws KernelException {
        try {
            return ofToken(token, TOKEN_USER).equals(ownUser())
                    && integrity(ofToken(token, TOKEN_INTEGRITY_LEVEL)) >= integrity(own(TOKEN_INTEGRITY_LEVEL));
        } finally {
            WindowsCalls.closeHandle(selector.state, token);
        }
    }

    /** Returns the user of the client of a server's end, or null where the client does not let itself be identified. */
    @Nullable String clientUser(long pipe) {
        long token = clientToken(pipe);
        if (token == WindowsCalls.INVALID_HANDLE) {
            return null;
        }
        try {
            return ofToken(token, TOKEN_USER);
        } catch (KernelException refused) {
            return null;
        } finally {
            WindowsCalls.closeHandle(selector.state, token);
        }
    }

    /**
     * Opens the token with which a client has opened its end; INVALID_HANDLE if it may not be known. A process number
     * would not do: it may be another process's by now, and the client may have set it itself.
     */
    private long clientToken(long pipe) {
        MemorySegment result = selector.numbers;
        // Without acting as anybody first: class loading, which opens files, is done by then. And what somebody else has
        // this thread act as would end with RevertToSelf.
        int present = SecurityCalls.openThreadToken(selector.state, result.address());
        if (present == 0) {
            WindowsCalls.closeHandle(selector.state, result.get(ValueLayout.JAVA_LONG, 0));
        }
        if (present != ERROR_NO_TOKEN) {
            return WindowsCalls.INVALID_HANDLE;
        }
        if (SecurityCalls.impersonateClient(selector.state, pipe) != 0) {
            return WindowsCalls.INVALID_HANDLE;
        }
        int error;
        try {
            error = SecurityCalls.openThreadToken(selector.state, result.address());
        } finally {
            int refused = SecurityCalls.revertToSelf(selector.state);
            if (refused != 0) {
                // Whatever this thread did next, it would do in the client's name.
                throw new InternalError("RevertToSelf: " + refused);
            }
        }
        return error == 0 ? result.get(ValueLayout.JAVA_LONG, 0) : WindowsCalls.INVALID_HANDLE;
    }

    /** Returns an integrity level as a number: the last part of an identifier such as S-1-16-8192. */
    private static int integrity(String level) {
        return Integer.parseInt(level.substring(level.lastIndexOf('-') + 1));
    }

    private String own(int kind) throws KernelException {
        return ofProcess(THIS_PROCESS, kind);
    }

    private String ofProcess(long process, int kind) throws KernelException {
        long token = processToken(process);
        try {
            return ofToken(token, kind);
        } finally {
            WindowsCalls.closeHandle(selector.state, token);
        }
    }

    private long processToken(long process) throws KernelException {
        int error = SecurityCalls.openToken(selector.state, process, selector.numbers.address());
        if (error != 0) {
            throw WindowsErrors.failure(error, "OpenProcessToken");
        }
        return selector.numbers.get(ValueLayout.JAVA_LONG, 0);
    }

    private String ofToken(long token, int kind) throws KernelException {
        int error = SecurityCalls.tokenInformation(
                selector.state, token, kind, information.address(), MOST_BYTES, selector.numbers.address());
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
