#!/usr/bin/env bash
# Two forwarding cores: connections of many address pairs, mail through the taps (which core 0 alone reads), learnt
# neighbours, a reload, a cut zone.  Every frame reaches the core that owns its flow.
. "$(dirname "$0")/scenario.sh"
(($(nproc) > 1)) || { echo 'one processor only'; exit 77; }
samples_up && web_up && mail_host_up && gateway_start --cores 0,1 || exit 1

number() { ask status --json | python3 -c '
import json, sys
print(json.load(sys.stdin)["path"].get(sys.argv[1], 0))' "$1"; }
many_in_a_row() {
  local number
  for number in {1..20}; do passes mynumber https://10.2.0.40/ >/dev/null || { say "number $number"; return 1; }; done
}
both_cores_work() {
  local cores over
  cores=$(number cores)
  over=$(number handed_over)
  say "cores $cores, frames handed over $over"
  ((cores == 2 && over > 0))
}
# From the mail host and back: its MAC is learnt by the core that hears ARP, the relay's flow may be the other's.
threads_are_pinned() {
  local pid task seen=''
  pid=$(ask status --json | python3 "$SOURCE/tests/support/status.py" --pid path)
  for task in /proc/"$pid"/task/*; do
    seen+="$(awk '/Cpus_allowed_list/ {print $2}' "$task/status") "
  done
  say "processors of the path role's threads: $seen"
  [[ " $seen" == *' 0 '* && " $seen" == *' 1 '* ]]
}
reload_and_pass() { ask reload && passes mynumber https://10.2.0.40/; }
cut_zone_is_cut() {
  ask sever lgwan || return 1
  ! passes mynumber --max-time 3 https://10.2.0.40/ && ask join lgwan && passes mynumber https://10.2.0.40/
}

observe 'the listed flow passes' passes mynumber https://10.2.0.40/
observe 'twenty connections in a row' many_in_a_row
observe 'a mail is accepted' mail_is_accepted "$SAMPLES/mail-utf-8.eml"
observe 'it arrives' mail_arrives 1
observe 'both cores work' both_cores_work
observe 'each on its processor' threads_are_pinned
observe 'rules are reloaded on both' reload_and_pass
observe 'a cut zone is cut on both' cut_zone_is_cut
link_is_told() {
  ip -n "$NET-internet" link set eth0 down
  sleep 0.3
  ask status --json | python3 -c '
import json, sys
links = {zone["name"]: zone.get("link") for zone in json.load(sys.stdin)["zones"]}
print(links)
sys.exit(links != {"mynumber": "up", "lgwan": "up", "internet": "down"})'
  local status=$?
  ip -n "$NET-internet" link set eth0 up
  return $status
}
observe 'from internet: only the mail relay is open' only_the_relay_is_open
observe 'a link that is down is told' link_is_told
verdict
