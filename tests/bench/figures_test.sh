#!/usr/bin/env bash
# A measurer gives the figure that was asked for, and what was asked for and is not there is named.
set -u
SOURCE=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$SOURCE/build}
[[ -x $BUILD/bench/bench-image ]] || { echo 'bench-image is not built'; exit 77; }
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
failed=0
wrong() { echo "$*" && failed=1; }

"$BUILD/bench/bench-image" --quick --json image/png >"$work/image" || wrong 'bench-image ended with an error'
joined=$(python3 "$SOURCE/bench/table.py" yes "$work/image" -- image/png) || wrong 'image/png is not there'
[[ $joined == '{"figures": [{"name": "image/png", '* && $joined != *'image/png-photo'* ]] || wrong "not image/png alone: $joined"
"$BUILD/bench/bench-image" --quick --json image/none >"$work/none" && wrong 'a figure that does not exist is no error'
python3 "$SOURCE/bench/table.py" no "$work/image" -- image/none >/dev/null 2>"$work/err" && wrong 'nor when they are joined'
grep -q 'no figure image/none' "$work/err" || wrong "it is not named: $(<"$work/err")"
((failed)) || echo 'as it should be'
exit $failed
