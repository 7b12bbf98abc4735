#!/usr/bin/env bash
# Neighbour discovery with real hosts: who asks, who answers, who pretends (Z5).
# shellcheck disable=SC2034
ZONES=(office lgwan)
RULES=$(dirname "$0")/neighbours6.rules
. "$(dirname "$0")/scenario.sh"
poisoner=02:00:5e:66:00:66
add_host lgwan poisoner "$poisoner" 10.2.0.66 || exit 1

# speak6 NAMESPACE ADDRESS GATEWAY
speak6() {
  in_zone "$1" sysctl -qw net.ipv6.conf.lo.disable_ipv6=0 net.ipv6.conf.eth0.disable_ipv6=0 net.ipv6.conf.eth0.accept_ra=0 &&
    ip -n "$NET-$1" -6 address add "$2/64" dev eth0 nodad && ip -n "$NET-$1" -6 route add default via "$3"
}
speak6 office 2001:db8:1::11 2001:db8:1::1 && speak6 lgwan 2001:db8:2::40 2001:db8:2::1 &&
  speak6 poisoner 2001:db8:2::66 2001:db8:2::1 || exit 1
web_up lgwan '[2001:db8:2::40]:443' && gateway_start --without-mail || exit 1

page() { in_zone office curl -skS --connect-timeout 3 --max-time 20 'https://[2001:db8:2::40]/'; }
page_comes() { local answer; answer=$(page) && say "the server answered: ${answer:0:40}" && [[ $answer == *申告* ]]; }
host_knows_gateway() {
  in_zone office ping -6 -c 1 -W 1 2001:db8:1::1 >/dev/null # refused, but the neighbour is asked first
  ip -n "$NET-office" -6 neigh show 2001:db8:1::1 | grep 'lladdr 02:00:5e:00:00:01'
}
kernel_knows_server() {
  ip -n "$NET-lgwan" -6 neigh flush dev eth0
  in_zone lgwan ping -6 -c 1 -W 1 2001:db8:2::1 >/dev/null
  in_gateway ip -6 neigh show dev sk-lgwan | grep '2001:db8:2::40 lladdr 02:00:5e:10:00:02'
}
gateway_keeps_its_address() {
  local shown
  shown=$(in_gateway ip -6 address show dev sk-lgwan scope global)
  say "${shown##*inet6}"
  [[ $shown == *2001:db8:2::1/64* && $shown != *dadfailed* && $shown != *tentative* ]]
}
poison() { # ADDRESS TIMES
  in_zone poisoner python3 "$SOURCE/tests/support/neighbour.py" eth0 "$poisoner" "$1" 02:00:5e:00:00:02 \
    2001:db8:2::1 "$2" 0.1
}
poisoning_gains_nothing() {
  local before after
  before=$(count neighbour-moved)
  poison 2001:db8:2::40 20
  page_comes || return 1
  after=$(count neighbour-moved)
  say "sekisho status: neighbour-moved $before → $after; the kernel: $(in_gateway ip -6 neigh show dev sk-lgwan | grep :40)"
  ((after - before >= 15)) && ! in_gateway ip -6 neigh show dev sk-lgwan | grep "::40.*$poisoner"
}
would_be_the_gateway() {
  poison 2001:db8:2::1 5
  say "sekisho status: nd-spoofed $(count nd-spoofed), ip-bad-source $(count ip-bad-source)"
  (($(count nd-spoofed) + $(count ip-bad-source) >= 5))
}
routers_are_refused() {
  in_zone poisoner sysctl -qw net.ipv6.conf.eth0.accept_ra=2 # it looks for a router, as hosts do
  ip -n "$NET-poisoner" link set eth0 down && ip -n "$NET-poisoner" link set eth0 up
  wait_for 10 solicited
  say "sekisho status: nd-router $(count nd-router), multicast-listener $(count multicast-listener)"
  solicited
}
solicited() { (($(count nd-router) > 0)); }

observe 'a host finds the gateway' wait_for 10 host_knows_gateway
observe 'the gateway has its address' wait_for 5 gateway_keeps_its_address
observe 'the listed flow passes, its neighbours found by the path' wait_for 10 page_comes
observe 'the kernel knows the server' wait_for 5 kernel_knows_server
observe 'a poisoner beside the server gains nothing' poisoning_gains_nothing
observe 'nor as the gateway' would_be_the_gateway
observe 'who looks for a router is refused by name' routers_are_refused
observe 'and the listed flow still passes' page_comes
verdict
