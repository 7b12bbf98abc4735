#!/usr/bin/env bash
# The sanitizer's processes try from inside what they must not be able to do: as root, and as an ordinary user.
set -eu
source_root=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BUILD:-$source_root/build}
program=$build/sanitizer/worker/sekisho-sanitizer

check() { # how, output
  echo "$2"
  for attempt in "zygote: open a file" "mail worker: open a file" "file worker: make a socket" \
    "file worker: execute a program" "file worker: be traced" "file worker: fork" "mail worker: connect"; do
    grep -q "^$attempt: \(refused\|ended by the kernel\)" <<< "$2" || { echo "$1: '$attempt' was not refused"; exit 1; }
  done
  ! grep -q ALLOWED <<< "$2" || { echo "$1: something was allowed"; exit 1; }
}

check "as $(id -un)" "$("$program" --self-test | cat)"
[ "$(id -u)" = 0 ] || exit 0
copy=$(mktemp -d /tmp/sekisho-worker-test.XXXXXX)
trap 'rm -rf "$copy"' EXIT
chmod 755 "$copy"
install -m 755 "$program" "$copy/sekisho-sanitizer"
check "as nobody" "$(setpriv --reuid=65534 --regid=65534 --clear-groups "$copy/sekisho-sanitizer" --self-test | cat)"
