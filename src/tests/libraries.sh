#!/usr/bin/env bash
# Copyright 2026 The Panpipe authors
# SPDX-License-Identifier: Apache-2.0
#
# Prints the name of the file that lists the libraries of the tests, for lanes that run what is compiled already. Maven makes
# it, at first and when the build has changed.
#
#   src/tests/libraries.sh [the project's top]
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"
list=$PWD/.lane/class-path
if [[ pom.xml -nt $list || src/tests/pom.xml -nt $list ]]; then
  mvn -q -Pwindows-lane -DskipTests -Dmaven.javadoc.skip=true pre-integration-test >&2
fi
echo "$list"
