/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Fault;
import io.panpipe.internal.kernel.HandleInbox;
import io.panpipe.internal.kernel.KernelException;
import io.panpipe.internal.kernel.Selector;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The open files that one message carries beside its bytes, whatever becomes of the descriptors they were sent by. */
final class Attachment {

    private final List<OpenFile> files;

    private Attachment(List<OpenFile> files) {
        this.files = files;
    }

    /**
     * Looks up what is to be sent; nothing is held yet.
     *
     * @return null for no descriptors
     */
    static @Nullable Attachment of(DescriptorTable sender, long[] descriptors, int count) throws KernelException {
        if (count == 0) {
            return null;
        }
        if (count > Selector.MOST_HANDLES) {
            throw new KernelException(
                    Fault.EINVAL, 0, "write", "one message carries at most " + Selector.MOST_HANDLES + " descriptors");
        }
        List<OpenFile> files = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            files.add(sender.find(descriptors[i], "write"));
        }
        return new Attachment(files);
    }

    /** Keeps the files open while the write that is to carry them is in flight. */
    void hold() {
        files.forEach(OpenFile::hold);
    }

    void release() {
        files.forEach(OpenFile::release);
    }

    /** Notes that the message waits in a socket. */
    void loadInto(OpenFile carrier) {
        files.forEach(file -> file.loadInto(carrier));
    }

    /** Notes that the message no longer waits there; what nobody else has is closed. */
    void unloadFrom(OpenFile carrier) {
        files.forEach(file -> file.unloadFrom(carrier));
    }

    /** Gives the files descriptors, as many as the process has room for; the reader is told if that is not all. */
    void install(DescriptorTable receiver, HandleInbox inbox) {
        try {
            for (OpenFile file : files) {
                inbox.add(receiver.open(file, "read"));
            }
        } catch (KernelException full) {
            inbox.markTruncated();
        }
    }
}
