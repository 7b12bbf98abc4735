#!/usr/bin/env bash
# Jobs at the same time over one zygote: what one says is never in the output of another.
set -eu
source_root=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BUILD:-$source_root/build}
timeout 120 "$build/tests/hostile/sanitize-many" "$build/sanitizer/worker/sekisho-sanitizer" --marked 60
