#!/bin/sh
# Copyright 2026 The Panpipe authors
# SPDX-License-Identifier: Apache-2.0
#
# Behind one socat of a crowd. Arguments: directory, the line to send.
echo "$2"
read -r answer
if [ "$answer" = "$2" ]; then
    : > "$1/$2"
fi
