/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.windows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is believed, where Wine has but one user. */
@Tag("simulated")
class HandleTrustTest {

    private static final int OWN = 10;
    private static final int FRIEND = 11;

    private static boolean isTrusted(int process) {
        return process == OWN || process == FRIEND;
    }

    @ParameterizedTest
    @CsvSource({
        "10, 10, true", "10, 0, true", "10, 11, true", "10, 12, false",
        "11, 11, true", "11, 0, true", "11, 10, false", "11, 12, false",
        "12, 12, false", "12, 0, false", "12, 10, false", "12, 11, false",
        "0, 0, false", "0, 10, false", "0, 11, false"
    })
    void openerAndAnnouncedProcessHaveToBeTrusted(int opener, int announced, boolean taken) {
        assertEquals(taken, HandleTrust.takes(
                isTrusted(opener), opener, announced, OWN, HandleTrustTest::isTrusted));
    }

    /** A client may set its own number: who it is says its token. */
    @Test
    void aNumberWithoutTheUserBehindItIsNotBelieved() {
        assertFalse(HandleTrust.takes(false, OWN, OWN, OWN, HandleTrustTest::isTrusted));
        assertFalse(HandleTrust.takes(false, FRIEND, FRIEND, OWN, HandleTrustTest::isTrusted));
    }

    @ParameterizedTest
    @CsvSource({
        "10, 10, true", "10, 11, true", "10, 12, false",
        "11, 11, true", "11, 10, false", "11, 12, false",
        "12, 12, true", "12, 10, false", "12, 11, false",
        "0, 10, false", "0, 11, false", "0, 12, false"
    })
    void handlesGoToTheOpenerOrWhereBothAreTrusted(int opener, int announced, boolean given) {
        assertEquals(given, HandleTrust.gives(
                isTrusted(opener), opener, announced, OWN, HandleTrustTest::isTrusted));
    }
}
