/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.framing;

import java.io.IOException;
import java.util.Objects;

/**
 * What comes over a stream is no message: it is too long, it is not what the framing says, or the stream has ended in
 * the midst of it. Where the next message would begin is not known then, so that closing the connection is all that is
 * left.
 *
 * <p>The regular end of a stream is none: on a loop it is a {@link io.panpipe.PanpipeException} with the code {@link
 * io.panpipe.ErrorCode#EOF}.
 *
 * @since 0.1
 */
public final class FramingException extends IOException {

    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    private final Kind kind;

    /** What can be wrong. */
    public enum Kind {
        /** The message is longer than the reader's limit. */
        TOO_LONG,
        /** These bytes begin no message: a length that is none, a header without one. */
        MALFORMED,
        /** The stream has ended in the midst of a message. */
        CUT_OFF
    }

    /**
     * Makes one.
     *
     * @param kind what is wrong
     * @param message the same for people
     */
    public FramingException(Kind kind, String message) {
        super(message);
        this.kind = Objects.requireNonNull(kind, "kind");
    }

    /**
     * Returns what is wrong.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    static FramingException malformed(String message) {
        return new FramingException(Kind.MALFORMED, message);
    }
}
