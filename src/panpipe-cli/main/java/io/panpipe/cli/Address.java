/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe.cli;

import picocli.CommandLine.ITypeConverter;

/** Where a command connects to, or listens on; as text it is what the command line has. */
sealed interface Address permits PipeAddress, TcpAddress {

    /** Reads what is given for a NAME. */
    final class Reader implements ITypeConverter<Address> {

        @Override
        public Address convert(String argument) {
            return argument.startsWith(TcpAddress.PREFIX)
                    ? TcpAddress.of(CommandLineText.decoded(argument))
                    : new PipeAddress(new PipeNames().convert(argument));
        }
    }
}
