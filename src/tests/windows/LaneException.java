/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** Why the lane cannot go on, in words for whoever started it. */
final class LaneException extends Exception {

    private static final long serialVersionUID = 1;

    LaneException(String message) {
        super(message);
    }
}
