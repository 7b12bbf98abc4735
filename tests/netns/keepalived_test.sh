#!/usr/bin/env bash
# keepalived on a tap: the VRRP of a second gateway reaches the kernel and is answered, because the rules list it.
SOURCE=${SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
RULES=$SOURCE/tests/netns/keepalived.rules
# shellcheck source=scenario.sh
. "$SOURCE/tests/netns/scenario.sh"
command -v keepalived >/dev/null || { echo 'keepalived is not installed'; exit 77; }
web_up && add_host lgwan gateway-2 02:00:5e:10:00:22 10.2.0.2 && gateway_start --without-mail || exit 1

# keepalived_up NAMESPACE INTERFACE PRIORITY: states go to $HOSTS/NAMESPACE.state
keepalived_up() {
  local folder=$HOSTS/keepalived-$1
  mkdir -p "$folder"
  cat >"$folder/conf" <<END
global_defs {
  router_id $1
}
vrrp_instance pair {
  state BACKUP
  interface $2
  virtual_router_id 51
  priority $3
  advert_int 1
  virtual_ipaddress {
    10.2.0.254/24 dev $2
  }
}
END
  # One instance a folder: its process files must not meet the machine's own.
  background "$folder/it" ip netns exec "$NET-$1" keepalived --dont-fork --log-console --log-detail \
    --use-file "$folder/conf" --pid "$folder/pid" --vrrp_pid "$folder/vrrp" --vrrp --no-syslog
}
state_of() { grep -oE 'Entering (MASTER|BACKUP|FAULT) STATE' "$HOSTS/keepalived-$1/it.log" | tail -n 1; }
is_state() { [[ $(state_of "$1") == "Entering $2 STATE" ]]; }
shows() { say "gateway: $(state_of gw); second gateway: $(state_of gateway-2)"; }

the_better_is_master() {
  keepalived_up gateway-2 eth0 100
  wait_for 12 is_state gateway-2 MASTER || { cat "$HOSTS/keepalived-gateway-2/it.log"; return 1; }
  keepalived_up gw sk-lgwan 150
  wait_for 12 is_state gw MASTER && wait_for 5 is_state gateway-2 BACKUP
  local status=$?
  shows
  ((status == 0)) || cat "$HOSTS/keepalived-gw/it.log"
  return $status
}
has_address() { in_gateway ip -br address show sk-lgwan; in_gateway ip address show sk-lgwan | grep -q 10.2.0.254; }
hosts_find_it() { # its MAC is that of the gateway's port, and it serves as their next hop
  local port
  port=$(ip -n "$NET-gw" -br link show gw-lgwan | awk '{print $3}')
  in_zone lgwan ping -c 1 -W 1 10.2.0.254 >/dev/null # nobody answers this, but it asks
  in_zone lgwan ip neigh show 10.2.0.254
  in_zone lgwan ip neigh show 10.2.0.254 | grep -q "$port" || return 1
  ip -n "$NET-lgwan" route replace default via 10.2.0.254
  passes mynumber https://10.2.0.40/
}
the_other_takes_over() {
  stop "$HOSTS/keepalived-gw/it"
  wait_for 12 is_state gateway-2 MASTER
  local status=$?
  shows
  return $status
}
it_gives_way() { # our own hears the other's, and stays behind
  keepalived_up gw sk-lgwan 50
  sleep 5
  shows
  is_state gw BACKUP && is_state gateway-2 MASTER
}

observe 'the gateway with more priority is master' the_better_is_master
observe 'it has the shared address' has_address
observe 'hosts find it by ARP and send through it' hosts_find_it
observe 'ip neigh and ip route on the tap' in_gateway ip route get 10.2.0.40
observe 'the listed flow passes' passes mynumber https://10.2.0.40/
observe 'the second takes over' the_other_takes_over
observe 'the first gives way to one with more priority' it_gives_way
verdict
