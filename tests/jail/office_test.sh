#!/usr/bin/env bash
# H3: a process in which LibreOffice opens a document tries from inside what it must not be able to do: as root, and
# as an ordinary user.  What it may write is its own memory only.
set -eu
source_root=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BUILD:-$source_root/build}
program=$build/sanitizer/office/sekisho-office

check() { # how, status, output
  [ "$2" != 77 ] || { echo "LibreOffice is not here: ${3##*$'\n'}"; exit 77; }
  echo "$3"
  for attempt in "open a file" "make a socket" "execute a program" "fork" "signal another process" "be traced" \
    "read the file of another job" "see processes" "write beside LibreOffice" "run a file of its own as code" \
    "make data code" "fill more memory than its scratch"; do
    grep -q "^office worker: $attempt: refused" <<< "$3" || { echo "$1: '$attempt' was not refused"; exit 1; }
  done
  [ "$2" = 0 ] && ! grep -q "ALLOWED\|NOT TRIED" <<< "$3" || { echo "$1: something was allowed"; exit 1; }
}

try() { # how, command…
  local how=$1 status=0 output
  shift
  output=$("$@" --self-test 2>&1) || status=$?
  check "$how" "$status" "$output"
}

try "as $(id -un)" "$program"
[ "$(id -u)" = 0 ] || exit 0
copy=$(mktemp -d /tmp/sekisho-office-test.XXXXXX)
trap 'rm -rf "$copy"' EXIT
chmod 755 "$copy"
install -m 755 "$program" "$copy/sekisho-office"
try "as nobody" setpriv --reuid=65534 --regid=65534 --clear-groups "$copy/sekisho-office"
