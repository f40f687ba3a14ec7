/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;

/** Tells {@code --version} what the jar's manifest says, which only a packaged build has. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        @Nullable String version = Panpipe.class.getPackage().getImplementationVersion();
        return new String[] {"panpipe " + (version == null ? "development" : version)};
    }
}
