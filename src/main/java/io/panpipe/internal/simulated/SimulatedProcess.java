/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.simulated;

import io.panpipe.internal.kernel.Credentials;

/**
 * Who a selector works for: its user and its open descriptors.
 *
 * @param world the machine it runs on
 * @param credentials who it is, to its peers and to the permissions of names
 * @param descriptors what it has open
 */
record SimulatedProcess(World world, Credentials credentials, DescriptorTable descriptors) {}
