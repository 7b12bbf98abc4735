#!/usr/bin/env bash
# What no rule lists is refused by name, from every zone (Z2, Z3, Z4, Z5).
. "$(dirname "$0")/scenario.sh"
add_host mynumber mynumber-other 02:00:5e:10:00:12 10.1.0.12 || exit 1
web_up && gateway_start --without-mail || exit 1

# With the card of another machine even the gateway's address is not told.
other_mac_asks() {
  local status
  ip -n "$NET-mynumber" link set eth0 address 02:00:5e:10:00:67
  refused arp-spoofed mynumber https://10.2.0.40/
  status=$?
  ip -n "$NET-mynumber" link set eth0 address "${zone_mac[mynumber]}"
  return $status
}

observe 'another host' refused host-unknown mynumber-other https://10.2.0.40/
observe 'another port' refused service-not-listed mynumber https://10.2.0.40:8443/
observe 'another MAC' refused_other_mac
observe 'another MAC, asking by ARP' other_mac_asks
observe 'another protocol' refused_datagram
observe 'internet → lgwan' refused zones-split internet https://10.2.0.40/
observe 'internet → mynumber' refused zone-closed internet https://10.1.0.11/
observe 'lgwan → internet' refused zones-split lgwan http://10.3.0.50/
observe 'lgwan → mynumber' refused zone-closed lgwan http://10.1.0.11/
observe 'mynumber → internet' refused zone-closed mynumber http://10.3.0.50/
observe 'a port of the gateway that offers nothing' refused gateway-port-closed internet http://10.3.0.1/
observe 'nobody knows that network' refused no-destination-zone mynumber http://192.0.2.1/
observe 'after all of it the listed flow still passes' passes mynumber https://10.2.0.40/
verdict
