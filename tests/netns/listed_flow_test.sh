#!/usr/bin/env bash
# A listed flow passes the DPDK path whole and unchanged: TLS handshakes, and 8 MB with their checksum.
. "$(dirname "$0")/scenario.sh"
web_up && gateway_start --without-mail || exit 1

long_transfer_is_whole() {
  local sent got
  sent=$(sha256sum <"$HOSTS/web/pages/long.txt")
  got=$(fetch mynumber https://10.2.0.40/long.txt | sha256sum)
  say "sha256 of 8 MB: sent ${sent:0:16}…, received ${got:0:16}…"
  [[ $got == "$sent" ]]
}
many_in_a_row() {
  local number
  for number in {1..20}; do passes mynumber https://10.2.0.40/ >/dev/null || { say "number $number"; return 1; }; done
}

observe 'the listed flow passes' passes mynumber https://10.2.0.40/
observe 'a long transfer arrives whole' long_transfer_is_whole
observe 'twenty connections in a row' many_in_a_row
verdict
