/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a pipe, as its operating system tells.
 *
 * @param pid process id, or -1
 * @param uid user id, or -1 where users are not numbers
 * @param gid group id, or -1
 * @param sid security identifier of the user in its string form, or null where there is none
 */
public record Credentials(long pid, long uid, long gid, @Nullable String sid) {}
