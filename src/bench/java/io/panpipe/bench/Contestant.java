/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.bench;

import java.util.List;

/**
 * A server in a certain work, as it appears in the results.
 *
 * @param name as in the results
 * @param server which program
 * @param work what it is told to do
 * @param jvmOptions what its JVM is told beside the options of all
 */
record Contestant(String name, Server server, String work, List<String> jvmOptions) {}
