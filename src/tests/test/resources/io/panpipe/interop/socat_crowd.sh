#!/bin/sh
# Copyright 2026 The Panpipe authors
# SPDX-License-Identifier: Apache-2.0
#
# Many socats that connect; behind each, a shell sends a line and waits for it to come back.
# Arguments: directory, socket, how many.
directory=$1
i=0
while [ "$i" -lt "$3" ]; do
    socat -t 60 "UNIX-CONNECT:$2" "EXEC:sh $directory/socat_member.sh $directory message-$i" &
    i=$((i + 1))
done
wait
verified=$(find "$directory" -name 'message-*' | wc -l)
echo "crowd $i $verified"
