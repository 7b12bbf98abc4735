#!/usr/bin/env bash
# IPv6 fragments between real hosts, and a narrow zone that tells the sender what fits.
# shellcheck disable=SC2034
ZONES=(office lgwan)
. "$(dirname "$0")/scenario.sh"
RULES=$HOSTS/fragments6.rules && cp "$(dirname "$0")/fragments6.rules" "$RULES"
need_tools ping

six() { # six ZONE ADDRESS GATEWAY
  in_zone "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.eth0.disable_ipv6=0 net.ipv6.conf.eth0.accept_ra=0 &&
    in_zone "$1" ip address add "$2/64" dev eth0 nodad && in_zone "$1" ip -6 route add default via "$3"
}
six office 2001:db8:1::11 2001:db8:1::1 && six lgwan 2001:db8:2::40 2001:db8:2::1 || exit 1
gateway_start --without-mail || exit 1

pings() { # pings SIZE
  in_zone office ping -6 -n -q -c 10 -i 0.1 -W 2 -s "$1" -p a55a 2001:db8:2::40 2>&1
}
pings_are_whole() {
  local report
  report=$(pings "$1")
  say "$(grep transmitted <<<"$report")"
  [[ $report == *' 10 received'* && $report != *'wrong data'* && $report != *duplicate* ]]
}
narrow_is_told() {
  local route
  sed 's|address 2001:db8:2::1 }|address 2001:db8:2::1  mtu 1300 }|' "$(dirname "$0")/fragments6.rules" >"$RULES"
  gateway_stop && gateway_start --without-mail || return 1 # a zone's MTU is its port's
  pings 1400 >/dev/null # the first is lost, and says what fits
  route=$(in_zone office ip -6 route get 2001:db8:2::40)
  say "the sender knows: $(grep -o 'mtu [0-9]*' <<<"$route")"
  [[ $route == *'mtu 1300'* ]] && pings_are_whole 1400
}

observe 'echo that fits' pings_are_whole 56
observe 'echo of 4000 octets' pings_are_whole 4000
observe 'echo of 60000 octets' pings_are_whole 60000
observe 'a narrow zone tells the sender' narrow_is_told
verdict
