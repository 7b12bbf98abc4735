#!/usr/bin/env bash
# A severed zone is cut off within a second, its open connections too, and stays so over a restart (Z6).
. "$(dirname "$0")/scenario.sh"
samples_up && web_up && mail_host_up && gateway_start || exit 1
ARRIVED=''

# A transfer of 8 MB at 2 MB/s is under way; once the zone is cut off it must not grow any more.
transfer_stops() {
  local size grown
  background "$HOSTS/transfer" ip netns exec "$NET-mynumber" curl -sSk --max-time 20 \
    -o "$HOSTS/part.txt" https://10.2.0.40/long.txt
  wait_for 5 test -s "$HOSTS/part.txt" || return 1
  ask sever lgwan || return 1
  sleep 1
  size=$(stat -c %s "$HOSTS/part.txt")
  sleep 2
  grown=$(($(stat -c %s "$HOSTS/part.txt") - size))
  say "received $size octets a second after the order, $grown in the two seconds after that"
  stop "$HOSTS/transfer"
  ((size < 8000000 && grown == 0))
}
restart() { gateway_stop && gateway_start; }
mail_is_refused() { ! mail_is_accepted "$SAMPLES/mail-utf-8.eml"; }

observe 'before: the listed flow passes' passes mynumber https://10.2.0.40/
observe 'sever lgwan: a transfer under way stops' transfer_stops
observe 'a new connection is refused' refused zone-severed mynumber https://10.2.0.40/
observe 'restart' restart
observe 'still severed' refused zone-severed mynumber https://10.2.0.40/
observe 'join lgwan' ask join lgwan
observe 'the listed flow passes again' passes mynumber https://10.2.0.40/
observe 'sever internet' ask sever internet
observe 'no mail is accepted from there' mail_is_refused
observe 'join internet' ask join internet
observe 'mail is accepted again' mail_is_accepted "$SAMPLES/mail-utf-8.eml"
observe 'and arrives' mail_arrives 1
verdict
