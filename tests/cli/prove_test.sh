#!/usr/bin/env bash
# sekisho prove: exit status 0 nothing passes, 1 something does, 2 not understood.
set -eu
source_root=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BUILD:-$source_root/build}
folder=$(mktemp -d /tmp/sekisho-prove-test.XXXXXX)
trap 'rm -rf "$folder"' EXIT

expect() { # status, word that is said, question
  local status=0
  "$build/gateway/cli/sekisho" prove --rules "$source_root/rules/examples/three-zones.rules" "$3" \
    > "$folder/said" 2>&1 || status=$?
  [ "$status" = "$1" ] && grep -q -- "$2" "$folder/said" && return
  echo "prove '$3': exit $status, not $1, or not '$2'"
  cat "$folder/said"
  exit 1
}

expect 0 'nor can any sentence' 'internet -> mynumber'
expect 0 'nothing passes' 'eltax -> tax-01'
expect 0 'mail is made anew' 'internet -> lgwan'
expect 1 'permit tcp port 443 from tax-01 to eltax' 'mynumber -> lgwan'
expect 1 'as tcp from 10.1.0.11 to 10.2.0.40:443' '10.1.0.0/28 -> 10.2.0.0/25'
expect 1 "to the gateway's relay" 'internet -> gateway'
expect 2 "did you mean 'lgwan'" 'lgwann -> mynumber'
expect 2 "expected '->'" 'lgwan'
echo "prove answers"
