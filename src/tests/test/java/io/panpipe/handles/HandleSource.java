/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.handles;

import io.panpipe.contract.ContractKernel;
import io.panpipe.contract.KernelSource;

/** What the themes about handles need of a kernel beyond what all themes need. */
public interface HandleSource extends KernelSource {

    /** Opens a new file, one that no kind of stream or datagram handle takes, and returns its descriptor. */
    long newFile(ContractKernel kernel) throws Exception;
}
