#!/usr/bin/env bash
# Copyright 2026 The Panpipe authors
# SPDX-License-Identifier: Apache-2.0
#
# Runs tests on another processor: in Debian's JRE for it, under QEMU's user-mode emulation, on classes that are compiled
# already. Nothing is installed: what it needs lies in .lane/processors.
#
#   src/tests/processors/lane.sh arm64                    the tests that the build runs there
#   src/tests/processors/lane.sh riscv64 -c io.panpipe.contract.LinuxContractTest
#                                                         arguments of JUnit's console launcher
#   src/tests/processors/lane.sh arm64 --java MAINCLASS argument...   a program instead of tests
#
# The processes that tests start run there too: the kernel is told of the emulator (binfmt_misc) in a user namespace of the
# lane's own, which needs Linux 6.7, and the machine's own configuration stays as it is.
#
# The emulator keeps the order of memory that the machine's own processor has: what arm64 may reorder it does not show.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

processor=${1:?the processor: arm64 or riscv64}
shift
case $processor in
  arm64) machine=aarch64 elf=b7 ;;
  riscv64) machine=riscv64 elf=f3 ;;
  *)
    echo "Processors that Debian has a JRE 25 for, and QEMU an emulator: arm64, riscv64. Not $processor." >&2
    exit 2
    ;;
esac
lane=$PWD/.lane/processors
root=$lane/$processor
emulator=$lane/qemu-$machine-static
jre=$root/usr/lib/jvm/java-25-openjdk-$processor

# Debian's trixie, whatever the machine is, by package lists of its own.
fetch_jre() {
  local apt=$lane/apt-$processor debs=$lane/debs-$processor uri link target options
  uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' | sed -n '1{s,/$,,;p}')
  rm -rf "$root" "$apt" "$debs"
  mkdir -p "$root" "$debs" "$apt"/{etc/apt.conf.d,etc/preferences.d,etc/sources.list.d,state/lists/partial,cache/archives/partial}
  : >"$apt/status"
  printf '%s\n' 'Types: deb' "URIs: $uri" 'Suites: trixie' 'Components: main' \
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' >"$apt/etc/sources.list.d/trixie.sources"
  options=(-q -o "Dir::Etc=$apt/etc" -o "Dir::State=$apt/state" -o "Dir::State::status=$apt/status"
    -o "Dir::Cache=$apt/cache" -o "APT::Architecture=$processor" -o "APT::Architectures=$processor"
    -o APT::Sandbox::User=root -o Acquire::Languages=none)
  apt-get "${options[@]}" update
  (cd "$debs" && apt-get "${options[@]}" download openjdk-25-jre-headless libc6 libgcc-s1 libstdc++6 zlib1g)
  for deb in "$debs"/*.deb; do
    dpkg-deb -x "$deb" "$root"
  done
  ln -sfn usr/lib "$root/lib"
  # Debian's links to /etc have to lead into this folder.
  while read -r link; do
    target=$root$(readlink "$link")
    if [[ -e $target ]]; then
      ln -sfnr "$target" "$link"
    fi
  done < <(find "$root" -type l -lname '/*')
  rm -rf "$apt" "$debs"
  touch "$root/complete"
}

fetch_emulator() {
  local folder
  folder=$(mktemp -d "$lane/qemu.XXXXXX")
  (cd "$folder" && apt-get -q download qemu-user-static && dpkg-deb -x qemu-user-static_*.deb .)
  mv "$folder/usr/bin/qemu-$machine-static" "$emulator"
  rm -rf "$folder"
}

mkdir -p "$lane"
[[ -e $root/complete ]] || fetch_jre
[[ -e $emulator ]] || fetch_emulator

list=$(src/tests/libraries.sh)
path=
for module in panpipe panpipe-testing panpipe-junit panpipe-jnr panpipe-cli testbed tests; do
  path+=target/$module/test-classes:target/$module/classes:
done
path+=$(cat "$list")

# Runs a program where the kernel gives programs of this processor to the emulator.
emulated() {
  local head='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x'$elf'\x00'
  local mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
  exec unshare --user --map-root-user --mount bash -euc '
    mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
    printf %s "$1" >/proc/sys/fs/binfmt_misc/register
    shift
    exec "$@"' lane ":panpipe:M::$head:$mask:$emulator:F" "$@"
}

# C1 alone: what an emulator would make of what C2 makes takes longer than it saves.
options=(-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx1g --enable-native-access=ALL-UNNAMED -cp "$path")
# Emulation makes everything slower, some times ten times.
export QEMU_LD_PREFIX=$root PANPIPE_PATIENCE=${PANPIPE_PATIENCE:-10}
if [[ ${1:-} == --java ]]; then
  shift
  emulated "$jre/bin/java" "${options[@]}" "$@"
fi
command=io.panpipe.cli.ListenCommandTest
((${#@})) || set -- -c io.panpipe.contract.LinuxContractTest -c io.panpipe.handles.LinuxHandlesTest \
  -c io.panpipe.handles.PythonPassingTest -c io.panpipe.linux.NativeBindingTest \
  -m $command#talksToOneClientAndEnds -m $command#carriesTwentyMegabytesBothWays \
  -m $command#ownerAloneMayConnectByDefaultAndSigintCleansUp
# QEMU 7.2 refuses options of multicast groups (ENOPROTOOPT, ENODEV) that the system it runs on knows.
emulated "$jre/bin/java" "${options[@]}" org.junit.platform.console.ConsoleLauncher execute --disable-banner \
  --disable-ansi-colors --details=summary --fail-if-no-tests --include-engine=junit-jupiter \
  --exclude-tag='windows | slow | installed | simulated' --exclude-methodname='.*[gG]roup.*' --reports-dir="target/processors/$processor" "$@"
