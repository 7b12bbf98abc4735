#!/usr/bin/env bash
# Nobody poisons the gateway, nor a host through it; devices that appear and move are recorded (Z5).
# shellcheck disable=SC2034
ZONES=(office lgwan internet)
RULES=$(dirname "$0")/identity.rules
. "$(dirname "$0")/scenario.sh"
poisoner=02:00:5e:66:00:66
server=02:00:5e:10:00:02
add_host lgwan poisoner "$poisoner" 10.2.0.66 || exit 1
cores=0
(($(nproc) > 1)) && cores=0,1 # the one that hears the neighbours tells the other
web_up && gateway_start --without-mail --cores "$cores" || exit 1

# claims ADDRESS [TIMES [PAUSE]]: the poisoner tells the gateway that it has it.
claims() {
  local address=$1
  shift
  in_zone poisoner python3 "$SOURCE/tests/support/neighbour.py" eth0 "$poisoner" "$address" \
    02:00:5e:00:00:02 10.2.0.1 "$@"
}
kernel_knows() { in_gateway ip neigh show dev sk-lgwan; }
recorded() { grep -rh "\"event\":\"$1\"" "$STATE/record" | grep -c "$2"; }
gateway_hears_server() {
  ip -n "$NET-lgwan" neigh flush dev eth0 # it asks anew
  in_zone lgwan ping -c 1 -W 1 10.2.0.1 >/dev/null
  kernel_knows | grep -q "10.2.0.40.*$server"
}

# For five seconds, ten times a second, while pages are fetched.
poisoning_gains_nothing() {
  local before after pages=0
  before=$(count neighbour-moved)
  background "$HOSTS/claims" ip netns exec "$NET-poisoner" python3 "$SOURCE/tests/support/neighbour.py" eth0 \
    "$poisoner" 10.2.0.40 02:00:5e:00:00:02 10.2.0.1 50 0.1
  while kill -0 "$(cat "$HOSTS/claims.pid")" 2>/dev/null; do
    passes office https://10.2.0.40/ >/dev/null || { say "a page did not come"; return 1; }
    ((++pages))
  done
  after=$(count neighbour-moved)
  say "$pages pages; sekisho status: neighbour-moved $before → $after   ($(meaning neighbour-moved))"
  say "the gateway's own kernel: $(kernel_knows | grep 10.2.0.40)"
  ((after - before >= 40 && pages > 0)) && ! kernel_knows | grep -q "$poisoner.*10.2.0.40\|10.2.0.40.*$poisoner"
}
would_be_the_gateway() {
  local before after
  before=$(count arp-spoofed)
  claims 10.2.0.1 5 0.05
  after=$(count arp-spoofed)
  say "sekisho status: arp-spoofed $before → $after"
  ((after - before == 5))
}
# The server gets a new card: the old one is silent, so the new one is believed after a few seconds.
a_new_card() {
  server=02:00:5e:10:00:77
  ip -n "$NET-lgwan" link set eth0 address "$server"
  ip -n "$NET-lgwan" route replace default via 10.2.0.1
  answers_again() { in_zone lgwan ping -c 1 -W 1 10.2.0.1 >/dev/null; passes office https://10.2.0.40/ >/dev/null; }
  answers_again && say 'at once'
  wait_for 15 answers_again || { say 'no page from the new card'; return 1; }
  say "a page from the new card after $SECONDS s of the scenario"
}
recorded_briefly() { wait_for 5 recorded_now "$@"; say "record: $(recorded "$@") × $1 of $2"; (($(recorded "$@") <= 3)); }
recorded_now() { (($(recorded "$@") > 0)); }
# The card seen in lgwan turns up in the internet zone.
refused_as_moved() { in_zone moved ping -c 1 -W 1 10.3.0.1; (($(count device-moved) > 0)); }
carried_elsewhere() {
  add_host internet moved "$poisoner" 10.3.0.66 || return 1
  wait_for 10 refused_as_moved
  say "sekisho status: device-moved $(count device-moved)   ($(meaning device-moved))"
  (($(count device-moved) > 0)) && ! in_gateway ip neigh show dev sk-internet | grep "$poisoner"
}

observe 'the listed flow passes' passes office https://10.2.0.40/
observe 'the kernel knows the server' wait_for 5 gateway_hears_server
in_zone poisoner ping -c 1 -W 1 10.2.0.1 >/dev/null # says who it is
observe 'a poisoner beside the server gains nothing' poisoning_gains_nothing
observe 'nor as the gateway' would_be_the_gateway
observe 'the poisoner is in the record, briefly' recorded_briefly device-contradicts "$poisoner"
observe 'a new device is in the record' recorded_briefly device-new "$poisoner"
observe 'a new card is believed when the old one is silent' a_new_card
observe 'a device in another zone is refused' carried_elsewhere
observe 'and recorded' recorded_briefly device-moved "$poisoner"
verdict
