#!/usr/bin/env bash
# The rules change under load: a reload each 200 ms costs a permitted flow nothing, a file that changes its other
# rules neither; a zone that is cut off under load is silent, and talks again afterwards.
ZONES=(office lgwan internet)
RULES=$(dirname "$0")/load.rules
. "$(dirname "$0")/scenario.sh"
. "$(dirname "$0")/load.sh"
need_tools iperf3
mkdir -p "$HOSTS/rules" && cp "$RULES" "$HOSTS/rules/live.rules" && RULES=$HOSTS/rules/live.rules
web_up && iperf_up && gateway_start --without-mail || exit 1

# One reload after another while the load runs; the rules grow and shrink by some that permit others.
reload_until_done() {
  local name=$1 number=0 failed=0
  cp "$RULES" "$HOSTS/base.rules"
  while kill -0 "$(cat "$HOSTS/$name.pid")" 2>/dev/null; do
    number=$((number + 1))
    {
      cat "$HOSTS/base.rules"
      ((number % 2)) && printf 'permit tcp port %d from tax-01 to eltax for "x" owner "t" approved "%d" until 2027-03-31\n' \
        $((20000 + number)) "$number"
    } >"$RULES"
    ask reload >/dev/null 2>&1 || failed=$((failed + 1))
    sleep 0.2
  done
  cp "$HOSTS/base.rules" "$RULES"
  say "$number reloads, $failed of them failed"
  ((number >= 8 && failed == 0))
}
reloads_cost_nothing() { # NAME OCTETS RETRANSMITS [options of iperf3]
  local before after status=0
  before=$(refusals)
  load_start "$1" 4 "${@:4}"
  sleep 0.3
  reload_until_done "$1" && load_wait "$1" && load_is_whole "$1" "$2" "$3" || status=1
  after=$(refusals)
  say "packets of both zones that the gateway refused meanwhile: $((after - before))"
  return $((status || after != before))
}
# All that was dropped by the gateway, for whatever reason.
refusals() {
  ask status --json | python3 -c 'import json, sys; print(sum(zone["dropped"] for zone in json.load(sys.stdin)["zones"]))'
}
severed_under_load() {
  local before after
  load_start severed 6 -u -b 16M -l 1200
  sleep 1.5
  ask sever lgwan || return 1
  sleep 1
  before=$(in_zone lgwan cat /sys/class/net/eth0/statistics/rx_packets)
  sleep 1
  after=$(in_zone lgwan cat /sys/class/net/eth0/statistics/rx_packets)
  say "frames that reached lgwan in a second, a second after the order: $((after - before))"
  ask join lgwan || return 1
  stop "$HOSTS/severed"
  ((after == before))
}

observe 'UDP over reloads loses nothing' once_of_three reloads_cost_nothing reload-udp 5000000 0 -u -b 16M -l 1200
observe 'TCP over reloads sends nothing twice' once_of_three reloads_cost_nothing reload-tcp 10000000 2 -b 40M
observe 'UDP back over reloads loses nothing' once_of_three reloads_cost_nothing reload-back 5000000 0 -u -b 16M -l 1200 -R
observe 'a zone cut off under load is silent' severed_under_load
observe 'and answers again after it is joined' passes office https://10.2.0.40/
verdict
