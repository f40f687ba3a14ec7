/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a pipe, as the operating system vouches for it.
 *
 * <p>On Linux these are the credentials of the process that called connect(2), listen(2) or socketpair(2), as they were
 * then (SO_PEERCRED, unix(7)); the descriptor may have been handed to another process since.
 *
 * @param pid process id; -1 if the system does not say, or the process is in a namespace that this one cannot see
 * @param uid user id; -1 where users have no numbers
 * @param gid group id; -1 where groups have no numbers
 * @param sid the user's security identifier on Windows, such as {@code S-1-5-18}; null elsewhere, and where that user does not
 *     let itself be identified
 * @since 0.1
 */
public record PeerCredentials(long pid, long uid, long gid, @Nullable String sid) {}
