#!/usr/bin/env bash
# Floods of ARP and neighbour discovery beside the server: its pages come, it and the gateway's kernel find each other, and
# the kernel behind the tap hears a bounded number of them (Z5, Z8).
# shellcheck disable=SC2034
ZONES=(office lgwan)
RULES=$(dirname "$0")/neighbour_flood.rules
. "$(dirname "$0")/scenario.sh"
add_host lgwan flooder 02:00:5e:66:00:66 10.2.0.66 || exit 1
web_up && gateway_start --without-mail || exit 1
SECONDS_EACH=4 A_SECOND=2600 # twice 1024 of a zone, eight of each listed station, and what the kernel asked for

heard() { in_gateway cat /sys/class/net/sk-lgwan/statistics/rx_packets; }
host_finds_gateway() {
  ip -n "$NET-lgwan" neigh flush dev eth0
  in_zone lgwan ping -c 1 -W 1 10.2.0.1 >/dev/null # refused, but the neighbour is asked first
  ip -n "$NET-lgwan" neigh show 10.2.0.1 dev eth0 | grep 'lladdr 02:00:5e:00:00:02'
}
kernel_finds_host() {
  in_gateway ip neigh flush dev sk-lgwan
  in_gateway ping -c 1 -W 1 10.2.0.40 >/dev/null
  in_gateway ip neigh show 10.2.0.40 dev sk-lgwan | grep 'lladdr 02:00:5e:10:00:02'
}
# survives KIND NETWORK GATEWAY [MAC ADDRESS]
survives() {
  local before shed status=0 pages=0 began=$SECONDS
  before=$(heard)
  shed=$(count strangers-shed)
  background "$HOSTS/flood" ip netns exec "$NET-flooder" python3 "$SOURCE/tests/support/link_flood.py" eth0 "$SECONDS_EACH" "$@"
  sleep 0.5
  wait_for 3 host_finds_gateway || { say 'the host did not find the gateway' && status=1; }
  wait_for 3 kernel_finds_host || { say 'the kernel did not find the host' && status=1; }
  while kill -0 "$(cat "$HOSTS/flood.pid")" 2>/dev/null; do
    passes office https://10.2.0.40/ >/dev/null || { say 'a page did not come' && status=1; }
    ((++pages))
  done
  local after=$(($(heard) - before)) most=$(((SECONDS - began + 1) * A_SECOND))
  shed=$(($(count strangers-shed) - shed))
  say "$(cat "$HOSTS/flood.log"); $pages pages meanwhile; the kernel heard $after (at most $most); strangers-shed rose by $shed"
  ((status == 0 && pages > 0 && shed > 1000 && after <= most))
}

observe 'before: the listed flow passes' wait_for 10 passes office https://10.2.0.40/
observe 'ARP requests of stations that there are not' survives requests 10.2.0.0/16 10.2.0.1
observe 'with the binding of another listed host' survives requests 10.2.0.0/16 10.2.0.1 02:00:5e:10:00:09 10.2.0.9
observe 'neighbour solicitations' survives solicitations 2001:db8:2::/64 fe80::5eff:fe00:2
observe 'neighbour advertisements' survives advertisements 2001:db8:2::/64 2001:db8:2::1
verdict
