#!/usr/bin/env bash
# Jobs at the same time over one zygote, and over one office nursery: what one says is never in the output of another.
set -eu
source_root=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BUILD:-$source_root/build}
office=()
[ ! -e "${SEKISHO_LIBREOFFICE:-/usr/lib/libreoffice}/program/libswlo.so" ] ||
  office=(--office "$build/sanitizer/office/sekisho-office")
timeout 120 "$build/tests/hostile/sanitize-many" "$build/sanitizer/worker/sekisho-sanitizer" --marked 60 ${office[@]+"${office[@]}"}
