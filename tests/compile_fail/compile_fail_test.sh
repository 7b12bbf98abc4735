#!/usr/bin/env bash
# Each program beside this file compiles as it stands, and does not with MUST_NOT_COMPILE, for the reason that
# its line "// error:" gives.  So no path copies an original to an output: the compiler says so (H1–H3).
set -u
SOURCE=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
log=$(mktemp) && trap 'rm -f "$log"' EXIT
failed=0

compile() { "${CXX:-c++}" -std=c++20 -fsyntax-only -Werror=unused-result -I "$SOURCE" "$@" >"$log" 2>&1; }
wrong() { echo "$1" && sed 's/^/    /' "$log" && failed=1; }

for file in "$SOURCE"/tests/compile_fail/*.cc; do
  name=$(basename "$file")
  reason=$(sed -n 's,^// error: ,,p' "$file")
  if ! compile "$file"; then
    wrong "$name: the control case does not compile"
  elif compile -DMUST_NOT_COMPILE "$file"; then
    wrong "$name: compiles, and must not"
  elif [[ -z $reason ]] || ! grep -qE "error: .*($reason)" "$log"; then
    wrong "$name: does not compile, but not because of: $reason"
  else
    echo "$name: refused by the compiler"
  fi
done
exit $failed
