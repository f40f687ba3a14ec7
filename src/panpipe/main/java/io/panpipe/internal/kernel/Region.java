/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.internal.kernel;

import java.nio.ByteBuffer;

/**
 * Memory of one loop that its kernel can read and write in place.
 *
 * <p>Handles reach it as a {@link ByteBuffer}, by absolute access that leaves position and limit alone; a kernel reaches
 * it by its address, which costs no object per call.
 *
 * @param bytes the whole region as a direct buffer
 * @param address where the region begins, or 0 where the kernel has no use for addresses
 */
public record Region(ByteBuffer bytes, long address) {}
