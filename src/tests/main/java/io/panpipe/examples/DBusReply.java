/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.examples;

import io.panpipe.RawDescriptor;
import java.io.IOException;
import java.util.List;

/**
 * The answer to a call, and the descriptors that came with it, which are the receiver's to close.
 *
 * @param message which has no errors: those end the call
 */
record DBusReply(DBusMessage message, List<RawDescriptor> descriptors) {

    /** Returns the descriptor that the reply consists of. */
    RawDescriptor descriptor() throws IOException {
        if (!"h".equals(message.fields().get(DBusMessage.SIGNATURE))) {
            throw new IOException("not a descriptor: a reply of type " + message.fields().get(DBusMessage.SIGNATURE));
        }
        // What the body holds is the place of the descriptor among those of the message.
        int index = (Integer) DBusValues.get(message.bytes(), 'h');
        if (index < 0 || index >= descriptors.size()) {
            throw new IOException("descriptor " + index + " of " + descriptors.size());
        }
        return descriptors.get(index);
    }

    void close() {
        descriptors.forEach(RawDescriptor::close);
    }
}
