/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Linux: epoll and eventfd, and what its sockets have that other Unixes' lack. */
@NullMarked
package io.panpipe.internal.linux;

import org.jspecify.annotations.NullMarked;
