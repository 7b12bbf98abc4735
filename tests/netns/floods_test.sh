#!/usr/bin/env bash
# Floods from every side while the listed flow goes on; the record and the memory stay small (Z8).
. "$(dirname "$0")/scenario.sh"
need_tools hping3
add_host mynumber mynumber-other 02:00:5e:10:00:12 10.1.0.12 || exit 1
web_up && gateway_start || exit 1

# flood NAME NAMESPACE [options of hping3]: bounded in number and time, in the background.
FLOODS=()
flood() {
  local name=$1 space=$2
  shift 2
  background "$HOSTS/$name" ip netns exec "$NET-$space" timeout -s INT 40 hping3 -q -c 150000 -i u200 "$@"
  FLOODS+=("$name")
}
floods_end() {
  local name
  sleep 2 # the pages may have come faster than the floods reach the numbers asked for below
  for name in "${FLOODS[@]}"; do stop "$HOSTS/$name" 3; done
  FLOODS=()
}
floods_ran() {
  local name
  for name in "${FLOODS[@]}"; do
    kill -0 "$(cat "$HOSTS/$name.pid")" 2>/dev/null || { say "$name ended early:"; cat "$HOSTS/$name.log"; return 1; }
  done
}
path_pid() { ask status --json | python3 "$SOURCE/tests/support/status.py" --pid path; }
resident() { awk '/^VmRSS/ {print $2}' "/proc/$1/status"; }

# pages_while NUMBER: so many pages one after another, each within its time; the floods run all the while.
pages_while() {
  local number slowest=0 took from
  for ((number = 1; number <= $1; ++number)); do
    from=$(date +%s%N)
    # With time for a SYN to be sent again, and again: the floods want this machine's processors too.
    passes mynumber --connect-timeout 12 https://10.2.0.40/ >/dev/null || { say "page $number did not come"; return 1; }
    took=$((($(date +%s%N) - from) / 1000000))
    ((took > slowest)) && slowest=$took
  done
  say "$1 pages, the slowest in $slowest ms"
  floods_ran && ((slowest < 12000))
}
# A word of the table rose by at least so many while the floods ran.
counted() { # REASON NUMBER
  local now
  now=$(count "$1")
  say "sekisho status: $1 $now   ($(meaning "$1"))"
  ((now >= $2))
}
segments_are_refused() {
  local without misfit
  without=$(count not-opened)
  misfit=$(count bad-tcp-state)
  say "sekisho status: not-opened $without, bad-tcp-state $misfit"
  ((without + misfit >= 2000))
}
memory_is_flat() {
  local before=$1 after
  after=$(resident "$(path_pid)")
  say "resident memory of the path: $before kB before the floods, $after kB after"
  ((after - before < 16384)) # tables whose pages were not touched before
}
record_is_small() {
  local lines
  lines=$(cat "$STATE"/record/*.jsonl | wc -l)
  say "lines in the record: $lines"
  ((lines < 1000))
}
flows_are_bounded() {
  local flows
  flows=$(count flows)
  say "flows now: $flows"
  ((flows < 350000)) # two floods of 150,000 SYNs, and what there is besides
}

# An unlisted host is not even told the gateway's MAC by ARP: it knows it from elsewhere.
ip -n "$NET-mynumber-other" neigh replace 10.1.0.1 lladdr 02:00:5e:00:00:01 dev eth0 nud permanent
before=$(resident "$(path_pid)")
observe 'before: the listed flow passes' passes mynumber https://10.2.0.40/
flood syn internet --rand-source -S -p 443 10.2.0.40
flood spoofed internet --rand-source -S -p 25 10.3.0.1
flood udp lgwan --udp -p 53 10.3.0.50
flood echo mynumber-other --icmp 10.2.0.40
observe 'floods from three zones: the listed flow goes on' pages_while 10
floods_end
observe 'refused: spoofed sources' counted source-not-of-zone 3000
observe 'refused: lgwan to internet' counted zones-split 3000
observe 'refused: an unlisted host' counted host-unknown 3000

observe 'the record did not fill' record_is_small

flood relay internet -S -p 25 10.3.0.1
flood listed-syn mynumber -S -p 443 10.2.0.40
flood listed-ack mynumber -A -p 443 10.2.0.40
flood listed-xmas mynumber -F -P -U -p 443 10.2.0.40
flood fragments internet -S -f -d 64 -p 25 10.3.0.1
observe 'floods of the listed host itself: its connections go on' pages_while 10
observe 'flows are bounded' flows_are_bounded
floods_end
observe 'refused: flags that no stack sends' counted tcp-bad-flags 2000
observe 'refused: segments without a connection' segments_are_refused
observe 'the memory of the path is flat' memory_is_flat "$before"
observe 'the record is whole' sekisho record verify "$STATE/record"
observe 'after all of it the listed flow passes' passes mynumber https://10.2.0.40/
verdict
