#!/usr/bin/env bash
# Real fragments between real hosts: large pings and datagrams arrive whole, torn ones do not, a narrow zone tells the
# sender what fits, and where the rules take no fragments there are none.
# shellcheck disable=SC2034
ZONES=(office lgwan)
. "$(dirname "$0")/scenario.sh"
RULES=$HOSTS/fragments.rules && cp "$(dirname "$0")/fragments.rules" "$RULES"
. "$(dirname "$0")/load.sh"
need_tools iperf3 ping
web_up && iperf_up && gateway_start --without-mail || exit 1

pings() { # pings SIZE: ten requests with don't fragment off
  in_zone office ping -n -q -c 10 -i 0.05 -W 1 -s "$1" -M dont -p a55a 10.2.0.40 2>&1
}
pings_are_whole() {
  local report
  report=$(pings "$1")
  say "$(grep transmitted <<<"$report")"
  [[ $report == *' 10 received'* && $report != *'wrong data'* && $report != *duplicate* ]]
}
load() { # load NAME SECONDS OCTETS [options of iperf3]; a busy machine may lose some at the receiver
  local octets lost rest
  load_start "$1" "$2" "${@:4}" && load_wait "$1" || return 1
  read -r octets lost rest <<<"$(load_result "$1")"
  say "$octets octets, $lost datagrams lost; refused here: timeout $(count fragment-timeout), full" \
    "$(count fragment-table-full), overlap $(count fragment-overlap)"
  ((octets >= $3 && $(count fragment-table-full) == 0 && $(count fragment-overlap) == 0))
}
torn_are_refused() { # the capture of the case, sent by the listed host
  local before after
  before=$(count fragment-overlap)
  in_zone office python3 - eth0 "$SOURCE/pcap-fixtures/fragments-overlapping/in-mynumber.pcap" <<'PYTHON'
import socket, struct, sys
port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
port.bind((sys.argv[1], 0))
octets, at = open(sys.argv[2], "rb").read(), 24
gateway = open(f"/sys/class/net/{sys.argv[1]}/address").read()
while at < len(octets):
    length, = struct.unpack("<I", octets[at + 8:at + 12])
    port.send(octets[at + 16:at + 16 + length])
    at += 16 + length
PYTHON
  after=$(count fragment-overlap)
  say "sekisho status: fragment-overlap $before → $after"
  ((after >= before + 8))
}
new_rules() { # new_rules SED-COMMAND
  sed "$1" "$(dirname "$0")/fragments.rules" >"$RULES"
}
narrow_is_told() {
  local size=10000000
  new_rules 's|address 10.2.0.1 }|address 10.2.0.1  mtu 1400 }|' || return 1
  gateway_stop && gateway_start --without-mail || return 1 # a zone's MTU is its port's
  load tcp-narrow 2 $size || return 1
  say "the sender knows: $(in_zone office ip route get 10.2.0.40 | grep -o 'mtu [0-9]*')"
  in_zone office ip route get 10.2.0.40 | grep -q 'mtu 1400'
}
none_are_taken() {
  local before after
  new_rules 's|address 10.1.0.1 }|address 10.1.0.1  fragments drop }|' && ask reload >/dev/null || return 1
  before=$(count ip-fragment)
  pings 4000 | grep -q ' 0 received' || return 1
  after=$(count ip-fragment)
  say "sekisho status: ip-fragment $before → $after"
  ((after >= before + 30))
}

observe 'echo of 4000 octets' pings_are_whole 4000
observe 'echo of 60000 octets' pings_are_whole 60000
observe 'datagrams of 8000 octets there' load udp-there 2 800000 -u -b 8M -l 8000
observe 'datagrams of 8000 octets back' load udp-back 2 800000 -u -b 8M -l 8000 -R
observe 'overlapping ones are refused' torn_are_refused
observe 'no fragments where the rules say so' none_are_taken
observe 'a narrow zone tells the sender' narrow_is_told
verdict
