#!/usr/bin/env bash
# Copyright 2026 The Panpipe authors
# SPDX-License-Identifier: Apache-2.0
#
# Runs tests in the Windows lane on classes that are compiled already, without the rest of the build:
#
#   src/tests/windows/lane.sh                                        all tests with the tag "windows"
#   src/tests/windows/lane.sh -c io.panpipe.windows.WindowsJvmTest   arguments of JUnit's console launcher
#   src/tests/windows/lane.sh --java MAINCLASS argument...           a program instead of tests
#   src/tests/windows/lane.sh --linux -c io.panpipe.contract.LinuxContractTest
#                                                                    on Linux's Java 21, without Wine
#
# Options of its own, before those: see LaneOptions.java.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

tree=$PWD lane=
arguments=("$@")
for ((i = 0; i < $# - 1; i++)); do
  case ${arguments[i]} in
    --tree) tree=${arguments[i + 1]} ;;
    --lane) lane=${arguments[i + 1]} ;;
  esac
done

java=
for home in ${JAVA_HOME:+"$JAVA_HOME"} /usr/lib/jvm/*; do
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release" 2>/dev/null || true)
  if [[ -x $home/bin/javac ]] && ((${version:-0} >= 24)); then
    java=$home/bin/java
    break
  fi
done
if [[ -z $java ]]; then
  echo "The Windows lane needs a JDK 24 or later under /usr/lib/jvm or in JAVA_HOME, and there is none." >&2
  exit 1
fi

# What Maven fetches; who names a lane has all that is in one.
if [[ -z $lane ]]; then
  "$here/../libraries.sh" "$tree" >/dev/null
fi

# The lane itself, compiled: from its sources java needs seconds longer for each run.
compiled=$here/../../../target/windows-lane-tool
if [[ ! -e $compiled/Lane.class || -n $(find "$here" -name '*.java' -newer "$compiled/Lane.class") ]]; then
  rm -rf "$compiled"
  "${java}c" -d "$compiled" "$here"/*.java
fi

exec "$java" -cp "$compiled" Lane "$@"
