#!/usr/bin/env bash
# docs/reasons.md is what `sekisho reasons --markdown` prints.
set -u
SOURCE=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$SOURCE/build}
sekisho=$BUILD/gateway/cli/sekisho
[[ -x $sekisho ]] || { echo 'sekisho is not built'; exit 77; }
diff "$SOURCE/docs/reasons.md" <("$sekisho" reasons --markdown) ||
  { echo 'docs/reasons.md is old: sekisho reasons --markdown >docs/reasons.md'; exit 1; }
