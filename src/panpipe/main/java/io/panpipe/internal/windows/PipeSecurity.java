/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import io.panpipe.internal.ffi.CallState;
import io.panpipe.internal.kernel.KernelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Who may open a pipe: security descriptors, from their text form (SDDL) or from the permission bits of Unix.
 *
 * <p>The default of Windows lets everyone read. So every pipe gets a descriptor of its own, at first for its owner alone.
 */
final class PipeSecurity {

    private static final int OTHERS_READ = 4;
    private static final int OTHERS_WRITE = 2;
    private static final int GROUP_SHIFT = 3;

    private final WindowsSelector selector;
    private final ProcessIdentity identity;

    PipeSecurity(WindowsSelector selector) {
        this.selector = selector;
        identity = selector.identity();
    }

    /** Returns the descriptor that lets this process's user do everything, and nobody else anything. */
    String ownerOnly() throws KernelException {
        // Protected: what a container would pass on does not apply. Inside an AppContainer its user alone opens nothing: the
        // container has to be granted too.
        String container = identity.ownContainer();
        return "D:P(A;;GA;;;" + identity.ownUser() + ")" + (container.isEmpty() ? "" : "(A;;GA;;;" + container + ")");
    }

    /**
     * Returns the descriptor that comes closest to permission bits. The owner keeps all rights, since they are needed to
     * make further instances.
     */
    String ofMode(int mode) throws KernelException {
        StringBuilder sddl = new StringBuilder(ownerOnly());
        int group = rights(mode >> GROUP_SHIFT);
        if (group != 0) {
            grant(sddl, group, identity.ownGroup());
        }
        int others = rights(mode);
        if (others != 0) {
            grant(sddl, others, "WD");
        }
        return sddl.toString();
    }

    private static int rights(int bits) {
        return ((bits & OTHERS_READ) != 0 ? PipeAccess.READ : 0) | ((bits & OTHERS_WRITE) != 0 ? PipeAccess.WRITE : 0);
    }

    private static void grant(StringBuilder sddl, int rights, String sid) {
        sddl.append("(A;;0x").append(Integer.toHexString(rights)).append(";;;").append(sid).append(')');
    }

    /** Makes the attributes for creating a pipe, to be closed after that. */
    Attributes attributes(String sddl) throws KernelException {
        return new Attributes(selector, descriptor(sddl));
    }

    private long descriptor(String sddl) throws KernelException {
        MemorySegment result = selector.numbers;
        int error = SecurityCalls.parseDescriptor(selector.state, selector.text(sddl), result.address());
        if (error != 0) {
            throw WindowsErrors.failure(error, "ConvertStringSecurityDescriptorToSecurityDescriptor");
        }
        return result.get(ValueLayout.JAVA_LONG, 0);
    }

    /** Gives a pipe that is open with WRITE_DAC another descriptor. */
    void apply(long handle, String sddl) throws KernelException {
        long descriptor = descriptor(sddl);
        int error = SecurityCalls.setAccess(selector.state, handle, descriptor);
        SecurityCalls.free(selector.state, descriptor);
        if (error != 0) {
            throw WindowsErrors.failure(error, "SetKernelObjectSecurity");
        }
    }

    /** A SECURITY_ATTRIBUTES in the loop's memory, whose handles children do not inherit. */
    static final class Attributes implements AutoCloseable {

        private final CallState state;
        private final MemorySegment struct;
        private final long descriptor;

        Attributes(WindowsSelector selector, long descriptor) {
            this.descriptor = descriptor;
            state = selector.state;
            struct = selector.attributes;
            struct.fill((byte) 0);
            struct.set(ValueLayout.JAVA_INT, WindowsLayouts.ATTRIBUTES_LENGTH, (int) struct.byteSize());
            struct.set(ValueLayout.JAVA_LONG, WindowsLayouts.ATTRIBUTES_DESCRIPTOR, descriptor);
        }

        long address() {
            return struct.address();
        }

        @Override
        public void close() {
            SecurityCalls.free(state, descriptor);
        }
    }
}
