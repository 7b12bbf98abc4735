#!/usr/bin/env bash
# The packet bench runs, its figures have the members the table reads, and no packet of theirs is dropped.
set -u
SOURCE=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$SOURCE/build}
bench=$BUILD/bench/bench-packet
[[ -x $bench ]] || { echo 'bench-packet is not built'; exit 77; }
[[ $EUID == 0 ]] || { echo 'needs root'; exit 77; }
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
failed=0

ok() { if "$@"; then echo "ok   $name"; else echo "FAIL $name" && sed 's/^/       /' "$work/err" | tail -5 && failed=1; fi; }

# figures WORD…: those of this run, exactly.
figures() {
  python3 - "$work/out" "$@" <<'P'
import json, sys
figures = json.load(open(sys.argv[1]))["figures"]
assert [figure["name"] for figure in figures] == sys.argv[2:], figures
for figure in figures:
    assert figure["min"] <= figure["value"] <= figure["max"] and figure["runs"] >= 3, figure
    assert figure["ratio"] > 0 and figure["reference"], figure
P
}

name='known flows and rules, beside their references'
"$bench" --quick --json packet/flows-768 packet/rules-100 >"$work/out" 2>"$work/err"
ok figures packet/flows-768 packet/rules-100

name='a capture in a loop'
capture=$SOURCE/pcap-fixtures/listed-flow/in-mynumber.pcap
"$bench" --quick --json --pcap "$capture" --rules "$SOURCE/pcap-fixtures/three-zones.rules" >"$work/out" 2>"$work/err"
ok figures packet/pcap

name='no capture, no figure'
"$bench" --quick --json --pcap "$work/absent.pcap" >"$work/out" 2>"$work/err"
ok test $? -ne 0

name='capture and rules for the peers'
"$bench" export "$work" 100 2>"$work/err"
ok test "$(wc -l <"$work/rules.csv")/$(wc -l <"$work/rules.l3fwd")/$(stat -c %s "$work/forward.pcap")" = "100/100/$((24 + 4096 * 80))"

name='sekisho permits the whole exported capture'
"$bench" export-replay "$work" 100 100000 2>"$work/err"
"$BUILD/gateway/cli/sekisho" replay --rules "$work/rules" --in a="$work/replay-a.pcap" --in b="$work/replay-b.pcap" \
  --summary >"$work/out" 2>>"$work/err"
ok grep -q '^1000[0-9][0-9] packets: 1000[0-9][0-9] pass, 0 relay, 0 drop' "$work/out"

exit $failed
