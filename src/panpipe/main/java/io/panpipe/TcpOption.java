/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

/**
 * How {@link Tcp#bind} binds.
 *
 * @since 0.1
 */
public enum TcpOption {
    /** An IPv6 wildcard address takes IPv6 connections alone; without it, IPv4 connections come as mapped addresses. */
    IPV6_ONLY,

    /**
     * Other sockets of the same user may bind the same address, and the system spreads connections over them
     * (SO_REUSEPORT, socket(7)).
     */
    REUSE_PORT
}
