#!/usr/bin/env bash
# Zones that share one wire by 802.1Q tag and by two tags (QinQ), jumbo frames, and two forwarding cores: real
# peers behind a switch that tags in software (VLAN interfaces of the kernel are not everywhere).
#
#    $NET-office  eth0 ==veth== to-office (101)      --+
#    $NET-lgwan   eth0 ==veth== to-lgwan (200.102)   --+-- trunk0 ==veth== gw-trunk in $NET-gw
#    $NET-stray   eth0 ==veth== to-stray (105)       --+       all but the hosts in $NET-switch
#    $NET-bare    eth0 ==veth== to-bare (no tag)     --+
set -u
SOURCE=${SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
ZONES=(internet)
RULES=$SOURCE/tests/netns/vlan.rules
# shellcheck source=scenario.sh
. "$SOURCE/tests/netns/scenario.sh"
EAL="--no-pci --no-huge --no-shconf --no-telemetry -m 512" # longer buffers

# switched_host NAME MAC ADDRESS: a namespace whose eth0 is at a port of the switch.
switched_host() {
  echo "switch $1 x x" >>"$HOSTS/added"
  namespace "$1" &&
    ip -n "$NET-switch" link add "to-$1" mtu 9000 type veth \
      peer name eth0 address "$2" mtu 9000 netns "$NET-$1" &&
    ip -n "$NET-switch" link set "to-$1" up &&
    ip -n "$NET-$1" address add "$3/24" dev eth0 && ip -n "$NET-$1" link set eth0 up &&
    ip -n "$NET-$1" route add default via "${3%.*}.1" && plain_frames "$1" eth0 &&
    plain_frames switch "to-$1"
}
switch_up() {
  echo "switch switch x x" >>"$HOSTS/added"
  namespace switch &&
    ip -n "$NET-gw" link add gw-trunk address 02:00:5e:00:00:09 type veth \
      peer name trunk0 mtu 9008 netns "$NET-switch" &&
    plain_frames gw gw-trunk && plain_frames switch trunk0 &&
    ip -n "$NET-switch" link set trunk0 up && ip -n "$NET-gw" link set gw-trunk up &&
    switched_host office 02:00:5e:10:00:01 10.1.0.11 &&
    switched_host lgwan 02:00:5e:10:00:02 10.2.0.40 &&
    switched_host stray 02:00:5e:10:00:01 10.1.0.11 &&
    switched_host bare 02:00:5e:10:00:01 10.1.0.11 &&
    background "$HOSTS/switch" ip netns exec "$NET-switch" python3 "$SOURCE/tests/support/tagging_switch.py" \
      trunk0 to-office=101 to-lgwan=200.102 to-stray=105 to-bare=
}
# Two cores where there are two.
cores=0
(($(nproc) > 1)) && cores=0,1
switch_up || exit 1
web_up && gateway_start --without-mail --cores "$cores" || exit 1

pings() { in_zone office ping -c 3 -i 0.2 -W 2 "$@" 10.2.0.40 | tail -n 2; [[ ${PIPESTATUS[0]} == 0 ]]; }
stray_is_refused() {
  local before after gateway
  gateway=$(ip -n "$NET-gw" -br link show gw-trunk | awk '{print $3}')
  ip -n "$NET-$1" neigh replace 10.1.0.1 lladdr "$gateway" dev eth0 nud permanent
  before=$(count vlan-unlisted)
  in_zone "$1" ping -c 2 -i 0.2 -W 1 10.2.0.40 | tail -n 2
  after=$(count vlan-unlisted)
  say "sekisho status: vlan-unlisted $before → $after"
  ((after > before))
}
tags_on_the_wire() {
  in_gateway timeout 3 tcpdump -n -e -c 4 -i gw-trunk icmp or vlan 2>/dev/null >"$HOSTS/wire" &
  local dump=$!
  sleep 0.7
  pings >/dev/null
  wait $dump
  cut -c1-150 "$HOSTS/wire"
  grep -q 'vlan 101,' "$HOSTS/wire" && grep -Eq '802.1Q-QinQ|vlan 200,' "$HOSTS/wire"
}
whole_transfer() {
  local sent got
  sent=$(sha256sum <"$HOSTS/web/pages/long.txt")
  got=$(fetch office https://10.2.0.40/long.txt | sha256sum)
  [[ $got == "$sent" ]]
}

observe 'a ping crosses from tag 101 to tag 200.102' pings
observe 'both tags are on the wire' tags_on_the_wire
observe 'a jumbo frame crosses whole' pings -s 8900 -M do
observe 'a fragmented datagram crosses' pings -s 20000
observe 'the listed flow passes' passes office https://10.2.0.40/
observe 'a long transfer arrives whole' whole_transfer
observe 'another tag is refused' stray_is_refused stray
observe 'no tag is refused' stray_is_refused bare
ask status --json | grep -E '"(cores|handed_over|core-busy)"'
verdict
