/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import java.util.function.IntPredicate;

/**
 * Whose handles are taken: their values mean something in this process alone, so that one who cannot have put them here
 * names handles that were here before.
 *
 * <p>Two say who sends: the system, who has opened the other end, and the other end itself, which process has it now. Both
 * have to be trusted. What an end says of itself is nothing that a stranger could not say too.
 */
final class HandleTrust {

    private HandleTrust() {}

    /**
     * Tells whether handles are taken. Never from an end that says that it is this process where another one has opened it:
     * they would be taken from this process's own.
     *
     * @param trustsOpener whether who has opened the other end may put handles into this process
     * @param opener its number, or 0
     * @param announced the process that the other end says it is, or 0 if it has said nothing
     * @param own the number of this process
     * @param mayGiveHandles tells whether a process may put handles into this one
     */
    static boolean takes(boolean trustsOpener, int opener, int announced, int own, IntPredicate mayGiveHandles) {
        boolean isOpener = announced == 0 || announced == opener;
        return trustsOpener && (isOpener || announced != own && mayGiveHandles.test(announced));
    }

    /**
     * Tells whether handles are put into the process that the other end says it is, which this one may be able to do with
     * many: into who has opened that end, whoever it is, and into others if handles would be taken from there.
     */
    static boolean gives(boolean trustsOpener, int opener, int announced, int own, IntPredicate mayGiveHandles) {
        return announced == opener || takes(trustsOpener, opener, announced, own, mayGiveHandles);
    }
}
