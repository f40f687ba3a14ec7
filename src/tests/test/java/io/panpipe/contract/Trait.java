/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

/**
 * What systems really differ in, as far as a user of pipes sees it. Where whole themes differ, they are contracts of their
 * own that only some kernels list.
 */
public enum Trait {

    /** The outgoing direction of a connection can be ended by itself. */
    HALF_CLOSE("no half-close"),

    /** The size of a connection's buffers can be asked and changed. */
    BUFFER_SIZES("the sizes of buffers are fixed when a pipe is made"),

    /** A full backlog fails a connect at once, rather than being passing trouble that a connect waits for. */
    FULL_BACKLOG_FAILS("a full backlog is waited for"),

    /** Who closes with unread input resets the connection, so that the other end hears of the loss. */
    RESET("unread input is dropped without a word"),

    /** Who binds to an empty name gets one that the system picks. */
    EMPTY_NAMES("an empty name is none"),

    /** A name belongs to one server. */
    EXCLUSIVE_NAMES("this Wine lets two servers have one name"),

    /** A name is free again when its server closes it, whatever connections are left. */
    NAMES_END_WITH_THEIR_SERVER("a name lasts as long as connections to it"),

    /** Nobody connects before listen. */
    CLOSED_UNTIL_LISTEN("a client may connect from bind on"),

    /** What connects may have a name of its own. */
    CLIENT_NAMES("only servers have names"),

    /** A name that listens is one descriptor, which can be given away. */
    DETACHABLE_LISTENER("a name that listens is several pipes"),

    /** There are TCP and UDP. */
    TCP_AND_UDP("no TCP and UDP"),

    /** Several TCP listeners may share what comes to one port. */
    SHARED_PORTS("SO_REUSEPORT shares nothing between listeners"),

    /** A read with handles ends with their message, and may begin before it; elsewhere it begins with it, and may go on behind. */
    HANDLES_END_A_READ("a read with handles begins with their message"),

    /** Paths may be as long as Linux's, of which a test takes 3,900 bytes. */
    LONG_PATHS("a path has at most 1,023 bytes"),

    /** A send never waits that is told not to, even where another owner of the socket has put it in blocking mode. */
    SENDS_NEVER_WAIT("whether a send waits is the open file's mode alone"),

    /** Users and groups are numbers. */
    NUMBERED_USERS("users have security identifiers");

    private final String without;

    Trait(String without) {
        this.without = without;
    }

    /** Returns how it is where this is missing. */
    public String without() {
        return without;
    }
}
