#!/usr/bin/env bash
# The zones' interfaces through AF_XDP sockets.  Skipped where the kernel has none.
RULES=/tmp/t$$.rules # scenario.sh calls itself the same
SOURCE=${SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
sed 's/port "gw-/port "af_xdp:gw-/' "$SOURCE/rules/examples/three-zones.rules" >"$RULES"
# shellcheck source=scenario.sh
. "$SOURCE/tests/netns/scenario.sh"
EAL="--no-pci --no-huge --no-shconf --no-telemetry -m 512"
started=0
web_up && gateway_start --without-mail && started=1
rm -f "$RULES"
if ((!started)); then
  grep -qiE 'xdp|xsk|bpf' "$HOSTS/sekishod.log" && { echo 'no AF_XDP here'; exit 77; }
  exit 1
fi

many_in_a_row() {
  local number
  for number in {1..10}; do passes mynumber https://10.2.0.40/ >/dev/null || { say "number $number"; return 1; }; done
}
has_program() { in_gateway ip -d link show gw-mynumber | grep -E 'xdp' | head -n 2; in_gateway ip link show gw-mynumber | grep -q xdp; }

observe 'the interface has its XDP program' has_program
observe 'the listed flow passes' passes mynumber https://10.2.0.40/
observe 'ten connections in a row' many_in_a_row
observe 'what is not listed is refused' refused service-not-listed mynumber https://10.2.0.40:8443/
verdict
