#!/usr/bin/env bash
# The hostile PDFs, pictures and other files of the corpus through the real workers: a result or a named refusal,
# in time, and nothing that acts in any output.  Every fourth file; all of them with SEKISHO_ALL=1 (minutes).
set -eu
source_root=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BUILD:-$source_root/build}
corpus=${SEKISHO_CORPUS:-$source_root/../shared/corpus}
[ -d "$corpus/files" ] || { echo "no corpus at $corpus"; exit 77; }
step=4
[ -z "${SEKISHO_ALL:-}" ] || step=1
find "$corpus/files" -type f | sort | awk -v step=$step 'NR % step == 0' |
  timeout 600 "$build/tests/hostile/sanitize-many" "$build/sanitizer/worker/sekisho-sanitizer"
