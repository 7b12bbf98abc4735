#!/usr/bin/env bash
# What an administrator looks at while traffic goes on: flows, top, devices, the rules' counters over a reload and a
# restart, rules on trial, and the evidence of refused packets, read by tools of others (L1, L4, Z7, Z9).
ZONES=(office lgwan internet)
RULES=$(dirname "$0")/load.rules
. "$(dirname "$0")/scenario.sh"
. "$(dirname "$0")/load.sh"
need_tools iperf3 hping3 tcpdump
mkdir -p "$HOSTS/rules" && cp "$RULES" "$HOSTS/rules/live.rules"
LISTED=$RULES RULES=$HOSTS/rules/live.rules
web_up && iperf_up && gateway_start --without-mail --evidence-size 1M || exit 1

json() { python3 -c "import json, sys; value = json.load(sys.stdin); print($1)"; }
rule() { # rule PORT MEMBER: of the permit with this TCP port
  local line
  line=$(grep -n "permit tcp port $1 " "$RULES" | cut -d: -f1)
  ask status --json | json "next(r for r in value['path']['rules'] if r['label'] == 'live.rules:$line')['$2']"
}
lists_the_flow() {
  local found
  found=$(ask flows --host 10.2.0.40 --json "$@" | json "[f for f in value['flows'] if f['destination_port'] == 5201 and f['octets'] > 100000]")
  ask flows "$@" | head -n 5
  [[ $found == *"'protocol': 'tcp'"* && $found == *established* ]]
}
# More than are listed in one go; a zone is cut off and joined again while they are.
all_of_many_are_listed() {
  local number listed
  { cat "$LISTED"
    for ((number = 10000; number < 15000; ++number)); do
      echo "permit tcp port $number from tax-01 to eltax for \"many\" owner \"test\" approved \"1\" until 2027-03-31"
    done; } >"$RULES"
  ask reload >/dev/null || return 1
  ask status --rules --json >"$HOSTS/many.json" &
  ask sever internet >/dev/null && ask join internet >/dev/null || return 1
  wait "$!" || return 1
  listed=$(json "[r['label'] for r in value['path']['rules']]" <"$HOSTS/many.json")
  number=$(json "len(value['path']['rules'])" <"$HOSTS/many.json")
  say "$number rules listed of $(grep -c '^permit' "$RULES") sentences that permit"
  ((number >= 5000)) && [[ $listed == *"$(printf "'live.rules:%d', 'live.rules:%d'" $(($(wc -l <"$RULES") - 1)) $(wc -l <"$RULES"))"* ]]
}
refuses_to() { # COMMAND WORD…: what the answer must say
  local command=$1 text=$2 said
  shift 2
  said=$(ask "$command" "$@" 2>&1) && return 1
  say "$said"
  [[ $said == *"$text"* ]]
}
tells_the_talker() {
  local said
  said=$(ask top --by "$1" --once --interval 1s --json)
  ask top --by "$1" --once --interval 1s | head -n 4
  json "value['top'][0]['$1'], value['top'][0]['bits_per_second']" <<<"$said"
  [[ $(json "value['top'][0]['$1']" <<<"$said") == $2 ]] && [[ $(json "value['top'][0]['bits_per_second'] > 1e5" <<<"$said") == True ]]
}
device_is_listed() {
  ask devices --zone "$1" | head -n 4
  [[ $(ask devices --zone "$1" --json) == *"$2"* ]]
}
counts_at_least() { # PORT PACKETS
  local now
  now=$(rule "$1" packets)
  say "rule of port $1: $now packets, last used $(rule "$1" last_used)"
  ((now >= $2)) && [[ $(rule "$1" last_used) == 20* ]]
}
moved_and_reloaded() { { echo '# moved'; echo; cat "$LISTED"; } >"$RULES" && ask reload; }
trial_cuts_and_goes_back() {
  sed '/tcp port 443/d' "$LISTED" >"$HOSTS/rules/trial.rules"
  ask apply "$HOSTS/rules/trial.rules" --confirm-within 3s || return 1
  refused service-not-listed office https://10.2.0.40/ || return 1
  wait_for 6 passes office https://10.2.0.40/
}
expired_is_listed() {
  sed '/tcp port 443/s/2027-03-31/2020-03-31/' "$LISTED" >"$RULES"
  ask reload >/dev/null || return 1
  ask status --rules | head -n 4
  [[ $(rule 443 expired) == True ]] && refused rule-expired office https://10.2.0.40/
}
evidence() { sekisho evidence --state "$STATE" "$@"; }
flood() { in_zone office timeout 20 hping3 -q -c 20000 -i u100 -S -p 4444 10.2.0.40 >/dev/null 2>&1; }
evidence_is_bounded() {
  local kept out
  sleep 11 # what was left out is told after ten seconds at the latest
  evidence --list
  kept=$(evidence --list --json --reason service-not-listed --zone office | json "value['evidence'][0]['kept']")
  out=$(evidence --list --json --reason service-not-listed --zone office | json "value['evidence'][0]['left_out']")
  say "$kept kept, $out left out"
  ((kept >= 32 && kept < 200 && kept + out >= 15000)) && (($(du -bc "$STATE"/evidence/* | tail -n 1 | cut -f1) <= 1100000))
}
tools_read_it() {
  evidence --host 10.2.0.40 --since 5m -o "$HOSTS/refused.pcapng" || return 1
  (($(tcpdump -nn -r "$HOSTS/refused.pcapng" 'dst port 4444' 2>/dev/null | wc -l) >= 32)) || return 1
  command -v tshark capinfos >/dev/null || { say 'tshark is not installed: read by tcpdump only'; return 0; }
  capinfos -c -E "$HOSTS/refused.pcapng" | tail -n 2
  tshark -r "$HOSTS/refused.pcapng" -Y 'tcp.dstport == 4444' -T fields -e frame.interface_name -e frame.comment \
    2>/dev/null | head -n 3 | tee "$HOSTS/comments"
  grep -q '^office	service-not-listed' "$HOSTS/comments"
}

load_start talk 40 -b 20M
observe 'the listed page passes' passes office https://10.2.0.40/
observe 'flows: the transfer is listed' wait_for 5 lists_the_flow
observe 'flows: by zone and by rule' lists_the_flow --zone lgwan --rule "live.rules:$(grep -n 'tcp port 5201' "$RULES" | cut -d: -f1)"
observe 'flows: an unknown zone is told' refuses_to flows 'no zone is called' --zone moon
observe 'flows: an unknown rule is told' refuses_to flows 'no rule has the label' --rule moon:1
observe 'top: by host' tells_the_talker host '10.*'
observe 'top: by rule' tells_the_talker rule 'live.rules:*'
observe 'devices: the listed terminal' device_is_listed office 02:00:5e:10:00:01
observe 'devices: a mistyped zone is told' refuses_to devices "did you mean 'office'" --zone ofice
sleep 3
before=$(rule 5201 packets)
observe 'the rule counts' counts_at_least 5201 100
observe 'reload: the sentences moved' moved_and_reloaded
observe 'and count on' counts_at_least 5201 "$before"
observe 'rules on trial cut a flow, and go back by themselves' trial_cuts_and_goes_back
observe 'an expired rule is listed and refuses' expired_is_listed
observe 'of five thousand rules all are listed, in their order' all_of_many_are_listed
cp "$LISTED" "$RULES" && ask reload >/dev/null
flood
observe 'evidence: a flood is thinned and counted' evidence_is_bounded
observe 'evidence: tools of others read it' tools_read_it
stop "$HOSTS/talk"
before=$(rule 5201 packets)
gateway_stop
observe 'the gateway starts again' gateway_start --without-mail --evidence-size 1M
observe 'the rule has its count still' counts_at_least 5201 "$before"
observe 'the evidence is there still' evidence --list
verdict
