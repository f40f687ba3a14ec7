#!/bin/sh
# Copyright 2026 The Panpipe authors
# SPDX-License-Identifier: Apache-2.0
#
# A socat that sends one file and writes what it reads to another. No program is behind it, for socat 1.7 does not see
# the end of a program's output while the program goes on reading.
# Arguments: socat's address, the file to send, the file for what is read.
socat -d -d -t 60 "$1" "OPEN:$2,rdonly!!CREATE:$3" || exit

digest() {
    echo "$(wc -c < "$1") $(sha256sum < "$1" | cut -c 1-64)"
}

echo "sent $(digest "$2")"
echo "received $(digest "$3") ends=1 error=none"
