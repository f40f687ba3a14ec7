/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.contract;

/** Says which kernel a theme of the contract runs on: mixed into one concrete class per theme and kernel. */
public interface KernelSource {

    /** Makes the kernel of one test. */
    ContractKernel newKernel() throws Exception;
}
