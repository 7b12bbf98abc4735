#!/usr/bin/env bash
# Real peers through listed flows: iperf3 by TCP and UDP in both directions, echo, many connections at once; and
# nothing of it by a flow that is not listed.
ZONES=(office lgwan internet)
RULES=$(dirname "$0")/load.rules
. "$(dirname "$0")/scenario.sh"
. "$(dirname "$0")/load.sh"
need_tools iperf3 ping
web_up && iperf_up && gateway_start --without-mail || exit 1

load() { # load NAME SECONDS OCTETS RETRANSMITS [options of iperf3]
  load_start "$1" "$2" "${@:5}" && load_wait "$1" && load_is_whole "$1" "$3" "$4"
}
# echo_is_whole NUMBER SIZE: every request has its answer, octet by octet (-p: ping compares the pattern).
echo_is_whole() {
  local report
  report=$(in_zone office ping -n -q -c "$1" -i 0.02 -W 1 -s "$2" -M do -p a55a 10.2.0.40 2>&1)
  say "$(grep -E 'transmitted|rtt' <<<"$report" | paste -sd ' ')"
  [[ $report == *" $1 received"* && $report != *'wrong data'* && $report != *duplicate* ]]
}
echo_unlisted_is_refused() {
  local before after
  before=$(count not-listed)
  in_zone lgwan ping -n -q -c 3 -i 0.05 -W 1 10.1.0.11 >/dev/null 2>&1 && return 1
  after=$(count not-listed)
  say "sekisho status: not-listed $before → $after"
  ((after >= before + 3))
}
connections_at_once() {
  local number failed=0 pids=()
  for number in {1..30}; do
    fetch office -o "$HOSTS/page-$number" https://10.2.0.40/ & pids+=($!)
  done
  for number in "${pids[@]}"; do wait "$number" || failed=$((failed + 1)); done
  say "30 connections at once, $failed failed; flows now: $(count flows)"
  for number in {1..30}; do cmp -s "$HOSTS/page-$number" "$HOSTS/web/pages/index.html" || return 1; done
}

observe 'echo: 50 requests, 50 answers' once_of_three echo_is_whole 50 56
observe 'echo of the whole MTU' once_of_three echo_is_whole 20 1472
observe 'echo the other way is not listed' echo_unlisted_is_refused
observe 'TCP to the listed host' once_of_three load tcp-there 2 10000000 20 -b 60M
observe 'TCP back through the same flow' once_of_three load tcp-back 2 10000000 20 -b 60M -R
observe 'TCP as fast as it goes' load tcp-free 2 20000000 100000
observe 'UDP to the listed host' once_of_three load udp-there 2 3000000 0 -u -b 16M -l 1200
observe 'UDP back through the same flow' once_of_three load udp-back 2 3000000 0 -u -b 16M -l 1200 -R
observe 'thirty connections at once' connections_at_once
observe 'a port beside it is refused' refused service-not-listed office http://10.2.0.40:5202/
verdict
