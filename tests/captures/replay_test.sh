#!/usr/bin/env bash
# sekisho replay: what it says, where it says it, and its exit status (O4).
set -u
SOURCE=${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$SOURCE/build}
sekisho=$BUILD/gateway/cli/sekisho
[[ -x $sekisho ]] || { echo 'sekisho is not built'; exit 77; }
fixtures=$SOURCE/pcap-fixtures
rules=$fixtures/three-zones.rules
capture=$fixtures/listed-flow/in-mynumber.pcap
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
failed=0

# expect NAME STATUS TEXT-ON-STDERR LINES-ON-STDOUT ARGUMENT…
expect() {
  local name=$1 status=$2 text=$3 lines=$4 got
  shift 4
  "$sekisho" replay "$@" >"$work/out" 2>"$work/err" </dev/null
  got=$?
  if [[ $got != "$status" ]] || { [[ -n $text ]] && ! grep -qF -e "$text" "$work/err"; } ||
    [[ $(wc -l <"$work/out") != "$lines" ]]; then
    echo "FAIL $name: exit $got (wanted $status), $(wc -l <"$work/out") lines (wanted $lines)"
    sed 's/^/       /' "$work/err" | head -5
    failed=1
  else
    echo "ok   $name"
  fi
}

expect 'one object a packet, the summary on stderr' 0 'packets:' 7 --rules "$rules" --json --in mynumber="$capture"
expect 'a table and its summary' 0 '' 10 --rules "$rules" --in mynumber="$capture"
expect 'one object a flow' 0 'packets:' 3 --rules "$rules" --json --flows --in mynumber="$fixtures/port-reuse/in-mynumber.pcap" --in lgwan="$fixtures/port-reuse/in-lgwan.pcap"
expect 'a table of flows' 0 '' 8 --rules "$rules" --flows --in mynumber="$fixtures/port-reuse/in-mynumber.pcap" --in lgwan="$fixtures/port-reuse/in-lgwan.pcap"
expect 'the same capture for two zones' 0 'packets:' 14 --rules "$rules" --json --in mynumber="$capture" --in lgwan="$capture"
expect 'unknown zone' 2 'there are: mynumber, lgwan, internet' 0 --rules "$rules" --in dmz="$capture"
expect 'no capture named' 2 'ZONE=CAPTURE' 0 --rules "$rules" --in mynumber
expect 'unreadable capture' 2 'cannot open the capture' 0 --rules "$rules" --in mynumber="$work/absent.pcap"
expect 'no capture at all' 2 'is not a whole pcap' 0 --rules "$rules" --in mynumber="$rules"
expect 'unreadable rules' 2 '' 0 --rules "$work/absent.rules" --in mynumber="$capture"
echo 'permit everything' >"$work/bad.rules"
expect 'rules with errors' 2 'error:' 0 --rules "$work/bad.rules" --in mynumber="$capture"
head -c -5 "$capture" >"$work/cut.pcap"
expect 'a capture that is cut off' 1 'the packets before it were replayed' 6 --rules "$rules" --json --in mynumber="$work/cut.pcap"
expect 'the others go on' 1 'cut.pcap' 13 --rules "$rules" --json --in mynumber="$work/cut.pcap" --in lgwan="$capture"
expect 'cut off in its header' 2 'is not a whole pcap' 0 --rules "$rules" --in mynumber=<(head -c 20 "$capture")
expect 'frames of other devices' 0 'not-for-gateway-mac' 7 --rules "$rules" --json --strict-mac --in mynumber="$capture"

# Raw IP (link type 101) has no frames to judge: named, not guessed.
{ head -c 20 "$capture" && printf '\x65\0\0\0' && tail -c +25 "$capture"; } >"$work/raw.pcap"
expect 'another kind of link' 0 'link-type-unlisted' 7 --rules "$rules" --json --in mynumber="$work/raw.pcap"

exit $failed
